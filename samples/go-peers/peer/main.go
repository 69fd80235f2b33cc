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
		mode        = flags.String("mode", "serve", "serve, call, list, get or watch")
		name        = flags.String("name", "greeter", "service name")
		version     = flags.String("version", "latest", "serve: service version")
		address     = flags.String("address", "127.0.0.1:0", "serve: loopback address to listen on; port 0 takes a free one")
		target      = flags.String("target", "", "call: host:port of the node; else go-micro's selector chooses one in the registry")
		endpoint    = flags.String("endpoint", "Greeter.Hello", "call: endpoint, or /package.Service/Method")
		request     = flags.String("json", "{}", "call: the request as JSON; - reads it from standard input")
		contentType = flags.String("content-type", "application/grpc+proto", "call: content type")
		timeout     = flags.Duration("timeout", 5*time.Second, "call: request timeout")
		retries     = flags.Int("retries", 0, "call: retries, on what go-micro retries by default")
		kind        = flags.String("registry", inMemory, "memory (of this process), consul or etcd")
		addresses   = flags.String("registry-address", "", "consul, etcd: loopback addresses, host:port[,host:port]")
		ttl         = flags.Duration("register-ttl", 90*time.Second, "serve: life of an entry that is not refreshed")
		interval    = flags.Duration("register-interval", 30*time.Second, "serve: from one refresh of the entry to the next")
		metadata    = make(map[string]string)
	)
	flags.Func("metadata", "call: of the call, serve: of the node; name=value, may be given several times", func(pair string) error {
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

	registry, err := registryOf(*kind, *addresses, *ttl, *interval)
	if err != nil {
		return err
	}

	lines := &lineWriter{encoder: newEncoder(out)}
	switch *mode {
	case "serve":
		return serve(ctx, framework, Service{*name, *version, metadata}, registry, *address, in, lines)
	case "list":
		return list(framework, registry, lines)
	case "get":
		return get(framework, registry, *name, lines)
	case "watch":
		return watch(ctx, framework, registry, *name, in, lines)
	case "call":
		if *request == "-" {
			read, err := io.ReadAll(in)
			if err != nil {
				return err
			}
			*request = string(read)
		}
		return call(ctx, framework, Call{
			Target:      *target,
			Service:     *name,
			Endpoint:    *endpoint,
			ContentType: *contentType,
			Metadata:    metadata,
			Timeout:     *timeout,
			Retries:     *retries,
		}, registry, *request, lines)
	}
	return fmt.Errorf("%w: mode %q (expected: serve, call, list, get or watch)", errUsage, *mode)
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
