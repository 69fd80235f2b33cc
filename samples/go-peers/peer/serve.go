// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"context"
	"fmt"
	"io"
	"net"

	"dev.vertxmicro/peer/greeterpb"
)

// readyEvent is the first line of a server: from here on it takes calls.
type readyEvent struct {
	Ready   bool   `json:"ready"`
	Address string `json:"address"`
	Name    string `json:"name"`
	Version string `json:"version"`
	GoMicro string `json:"goMicro"`
}

// noteEvent reports an event that the service has received.
type noteEvent struct {
	Event    string            `json:"event"`    // "note"
	Topic    string            `json:"topic"`    // as its publisher named it
	Metadata map[string]string `json:"metadata"` // names in lower case
	Text     string            `json:"text"`
}

// serve runs a server until the context ends or standard input is closed, whichever is first:
// a test that dies closes the pipe, so it leaves no server behind.
func serve(ctx context.Context, framework Framework, service Service, around Around, address string, quiet bool, in io.Reader, lines *lineWriter) error {
	if err := checkLoopback("address", address); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	greeter := &Greeter{framework: framework, address: listener.Addr().String()}
	if !quiet {
		greeter.report = lines.print
	}
	service.OnNote = func(ctx context.Context, note *greeterpb.Note) error {
		metadata := lowerCase(framework.Metadata(ctx))
		lines.print(noteEvent{"note", metadata["micro-topic"], metadata, note.Text})
		return nil
	}
	stop, err := framework.Serve(listener, service, around, greeter)
	if err != nil {
		return err
	}
	lines.print(readyEvent{true, greeter.address, service.Name, service.Version, goMicroVersion(framework.Module())})

	ctx, cancel := untilClosed(ctx, in)
	defer cancel()
	<-ctx.Done()
	return stop()
}

// untilClosed returns a context that ends when in is closed, too.
func untilClosed(ctx context.Context, in io.Reader) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, in) // an input that cannot be read is as good as closed
	}()
	return ctx, cancel
}

func checkLoopback(flag, address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%w: -%s: %w", errUsage, flag, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%w: -%s %q (expected: a loopback address such as 127.0.0.1:0)", errUsage, flag, address)
	}
	return nil
}
