// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"context"
	"fmt"
	"io"
	"net"
)

// readyEvent is the first line of a server: from here on it takes calls.
type readyEvent struct {
	Ready   bool   `json:"ready"`
	Address string `json:"address"`
	Name    string `json:"name"`
	Version string `json:"version"`
	GoMicro string `json:"goMicro"`
}

// serve runs a server until the context ends or standard input is closed, whichever is first:
// a test that dies closes the pipe, so it leaves no server behind.
func serve(ctx context.Context, framework Framework, name, version, address string, in io.Reader, lines *lineWriter) error {
	if err := checkLoopback(address); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	greeter := &Greeter{framework: framework, address: listener.Addr().String(), report: lines.print}
	stop, err := framework.Serve(listener, name, version, greeter)
	if err != nil {
		return err
	}
	lines.print(readyEvent{true, greeter.address, name, version, goMicroVersion(framework.Module())})

	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, in) // an input that cannot be read is as good as closed
	}()
	<-ctx.Done()
	return stop()
}

func checkLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%w: address: %w", errUsage, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%w: address %q (expected: a loopback address such as 127.0.0.1:0)", errUsage, address)
	}
	return nil
}
