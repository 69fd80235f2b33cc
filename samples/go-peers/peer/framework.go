// SPDX-License-Identifier: Apache-2.0

// Package peer is a small go-micro service and client that tests and samples of other languages talk to.
// It is the same for every version of go-micro: what differs between them is behind Framework.
//
// Start reading at Main; then Greeter, the service itself.
package peer

import (
	"context"
	"net"
	"time"

	"google.golang.org/protobuf/proto"
)

// Framework is one version of go-micro, as far as the peer needs it.
type Framework interface {
	// Module is the module path of go-micro, under which its version is found in the build information.
	Module() string

	// Serve starts a gRPC server for the greeter on the listener, registers it, and returns what stops and
	// deregisters it. In the registry "memory" nothing of it leaves the process.
	Serve(listener net.Listener, service Service, registry Registry, greeter *Greeter) (stop func() error, err error)

	// Call makes one call with go-micro's own gRPC client and fills reply. Without a target the node is
	// go-micro's choice: its default selector over its cache over the registry.
	Call(ctx context.Context, call Call, registry Registry, reply proto.Message) error

	// List returns go-micro's own list of all services, as it writes it in JSON: most registries give names only.
	List(registry Registry) (services any, err error)

	// Get returns what go-micro's registry knows of a service, one entry a version, as it writes it in JSON.
	Get(registry Registry, service string) (services any, err error)

	// Watch starts go-micro's own watch of a service.
	Watch(registry Registry, service string) (Watcher, error)

	// NewError makes a go-micro error.
	NewError(id, detail string, code int32) error

	// AsError returns the go-micro error that err is, or false.
	AsError(err error) (Error, bool)

	// NativeStatus makes a gRPC status that go-micro knows nothing of; nil if the code is 0.
	NativeStatus(code uint32, message string) error

	// Metadata returns what go-micro lets the handler see, names as it writes them.
	Metadata(ctx context.Context) map[string]string
}

// Call is what Framework.Call sends, and where.
type Call struct {
	Target      string // host:port, so that no registry is asked; empty: what the registry has
	Service     string
	Endpoint    string
	ContentType string
	Metadata    map[string]string
	Timeout     time.Duration
	Retries     int
	Request     proto.Message
}

// Service is what Framework.Serve registers.
type Service struct {
	Name     string
	Version  string
	Metadata map[string]string // of the node
}

// Registry says which of go-micro's registries is used. Further settings, tokens and passwords say, reach the
// clients of Consul and etcd as usual: by environment variables of their own.
type Registry struct {
	Kind      string        // memory, consul or etcd
	Addresses []string      // host:port each; of no meaning for memory
	TTL       time.Duration // of an entry that is not refreshed
	Interval  time.Duration // from one refresh to the next
}

// Watcher is a watch of go-micro's.
type Watcher interface {
	// Next waits for the next change: create, update or delete, and the service as go-micro writes it in JSON.
	Next() (action string, service any, err error)

	// Stop ends the watch, and a Next that waits.
	Stop()
}

// Error is go-micro's error.
type Error struct {
	ID     string `json:"id"`
	Code   int32  `json:"code"`
	Detail string `json:"detail"`
	Status string `json:"status"`
}
