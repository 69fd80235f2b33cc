// SPDX-License-Identifier: Apache-2.0

// Command greeter-v4.11 is the peer on go-micro v4.11.0.
package main

import (
	"dev.vertxmicro/peer"
	peerv4 "dev.vertxmicro/peer-v4"
)

func main() {
	peer.Main(peerv4.Framework{})
}
