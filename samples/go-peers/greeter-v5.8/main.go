// SPDX-License-Identifier: Apache-2.0

// Command greeter-v5.8 is the peer on go-micro v5.8.0.
package main

import (
	"dev.vertxmicro/peer"
	peerv5 "dev.vertxmicro/peer-v5"
)

func main() {
	peer.Main(peerv5.Framework{})
}
