// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"
)

// errUsage ends the program with exit code 2; what is wrong has been wrapped around it.
var errUsage = errors.New("usage")

var modes = []string{"serve", "call", "stream", "load", "publish", "list", "get", "watch"}

// Main runs a peer of the given go-micro version as the flags say and ends the process.
// Exit codes: 0 done, 1 failed (the line printed by call, list or get says how), 2 wrong flags.
func Main(framework Framework) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	lines := os.Stdout
	os.Stdout = os.Stderr // go-micro v4 logs to standard output, which is for the lines of JSON alone
	err := run(ctx, framework, os.Args[1:], os.Stdin, lines)
	cancel()
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	case errors.Is(err, errReported):
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, err)
	if errors.Is(err, errUsage) {
		os.Exit(2)
	}
	os.Exit(1)
}

func run(ctx context.Context, framework Framework, args []string, in io.Reader, out io.Writer) error {
	var (
		flags       = flag.NewFlagSet("greeter", flag.ContinueOnError)
		mode        = flags.String("mode", "serve", strings.Join(modes, ", "))
		name        = flags.String("name", "greeter", "service name")
		version     = flags.String("version", "latest", "serve: service version")
		server      = flags.String("server", GRPC, "serve: protocol, grpc or mucp")
		address     = flags.String("address", "127.0.0.1:0", "serve: loopback address to listen on; port 0 takes a free one")
		quiet       = flags.Bool("quiet", false, "serve: report no calls, so that nothing but go-micro is measured")
		client      = flags.String("client", GRPC, "call, stream, load, publish: protocol, grpc or mucp")
		target      = flags.String("target", "", "call, stream, load: host:port of the node; else go-micro's selector chooses one in the registry")
		endpoint    = flags.String("endpoint", "Greeter.Hello", "call, stream: endpoint, or /package.Service/Method")
		request     = flags.String("json", "{}", "call: the request as JSON; - reads it from standard input")
		contentType = flags.String("content-type", "", "call, stream, load, publish: content type (default: the client's)")
		timeout     = flags.Duration("timeout", 5*time.Second, "call, stream, load: request timeout")
		retries     = flags.Int("retries", 0, "call, stream, load: retries, on what go-micro retries by default")
		messages    = flags.Int("messages", 0, "stream: close it after so many received messages (0: not before the server does)")
		topic       = flags.String("topic", "", "serve: topic to subscribe to; publish: topic")
		queue       = flags.String("queue", "", "serve: queue group of the subscription")
		exchange    = flags.String("exchange", "", "publish: exchange")
		linger      = flags.Duration("linger", 0, "call, stream, publish: live on for so long after the outcome")
		around      = aroundFlags(flags)
		metadata    = make(map[string]string)
	)
	flags.Func("metadata", "of the call, the publication, or to serve: of the node; name=value, may be given several times", func(pair string) error {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return fmt.Errorf("expected name=value")
		}
		metadata[name] = value
		return nil
	})
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%w: unexpected argument %q", errUsage, flags.Arg(0))
	}

	found, err := around()
	for flag, value := range map[string]string{"server": *server, "client": *client} {
		err = errors.Join(err, checkOneOf(flag, value, protocols))
	}
	err = errors.Join(err, checkOneOf("mode", *mode, modes))
	if err != nil {
		return err
	}

	lines := &lineWriter{encoder: newEncoder(out)}
	outgoing := Call{
		Protocol:    *client,
		Target:      *target,
		Service:     *name,
		Endpoint:    *endpoint,
		ContentType: *contentType,
		Metadata:    metadata,
		Timeout:     *timeout,
		Retries:     *retries,
	}
	switch *mode {
	case "serve":
		service := Service{Protocol: *server, Name: *name, Version: *version, Metadata: metadata, Topic: *topic, Queue: *queue}
		return serve(ctx, framework, service, found, *address, *quiet, in, lines)
	case "list":
		return list(framework, found.Registry, lines)
	case "get":
		return get(framework, found.Registry, *name, lines)
	case "watch":
		return watch(ctx, framework, found.Registry, *name, in, lines)
	case "load":
		return load(ctx, framework, outgoing, found, in, lines)
	case "call":
		if *request == "-" {
			read, err := io.ReadAll(in)
			if err != nil {
				return err
			}
			*request = string(read)
		}
		err = call(ctx, framework, outgoing, found, *request, lines)
	case "stream":
		err = stream(ctx, framework, outgoing, found, *messages, in, lines)
	case "publish":
		what := Publication{Topic: *topic, Exchange: *exchange, ContentType: *contentType, Metadata: metadata}
		err = publish(ctx, framework, *client, found, what, in, lines)
	}
	select {
	case <-time.After(*linger):
	case <-ctx.Done():
	}
	return err
}

// lineWriter prints values as lines of JSON, one at a time.
type lineWriter struct {
	mutex   sync.Mutex
	encoder *json.Encoder
}

func newEncoder(out io.Writer) *json.Encoder {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder
}

// print fails where the reader of standard output has gone; there is nobody left to tell, so it ends the process.
func (l *lineWriter) print(value any) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if err := l.encoder.Encode(value); err != nil {
		fmt.Fprintln(os.Stderr, "cannot print:", err)
		os.Exit(1)
	}
}

// goMicroVersion is the version of go-micro that was linked in, v4.11.0 for instance.
func goMicroVersion(module string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range info.Deps {
			if dependency.Path == module {
				return dependency.Version
			}
		}
	}
	return "unknown"
}
