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

	"dev.vertxmicro/peer/greeterpb"
	"google.golang.org/protobuf/proto"
)

// The protocols of servers and clients.
const (
	GRPC = "grpc"
	Mucp = "mucp" // go-micro's default: HTTP/1.1 with headers of its own
)

// Framework is one version of go-micro, as far as the peer needs it.
type Framework interface {
	// Module is the module path of go-micro, under which its version is found in the build information.
	Module() string

	// Serve starts a server for the greeter on the listener, registers it, subscribes it, and returns what stops
	// and deregisters it. In the registry "memory" nothing of it leaves the process.
	Serve(listener net.Listener, service Service, around Around, greeter *Greeter) (stop func() error, err error)

	// Caller returns what makes such calls with a client of go-micro's own, always the same, and fills reply. Without a
	// target the node is go-micro's choice: its default selector over its cache over the registry.
	Caller(call Call, around Around) func(ctx context.Context, request, reply proto.Message) error

	// Stream opens a stream with go-micro's own client; the first request is not sent in it with gRPC.
	Stream(ctx context.Context, call Call, around Around, first proto.Message) (ClientStream, error)

	// Publisher returns what publishes with go-micro's own client, and what takes leave of the broker.
	Publisher(protocol string, around Around) (publish func(context.Context, Publication) error, leave func() error)

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

// Call is how Framework.Caller and Framework.Stream call, and where.
type Call struct {
	Protocol    string // GRPC or Mucp
	Target      string // host:port, so that no registry is asked; empty: what the registry has
	Service     string
	Endpoint    string
	ContentType string // empty: the client's default
	Metadata    map[string]string
	Timeout     time.Duration
	Retries     int
}

// Publication is what Framework.Publisher's function sends.
type Publication struct {
	Topic       string
	Exchange    string // empty: none
	ContentType string // empty: the client's default
	Metadata    map[string]string
	Note        *greeterpb.Note
}

// Service is what Framework.Serve registers.
type Service struct {
	Protocol string // GRPC or Mucp
	Name     string
	Version  string
	Metadata map[string]string // of the node

	Topic  string // that the service subscribes to; empty: none
	Queue  string // group of the subscription; empty: none
	OnNote func(context.Context, *greeterpb.Note) error
}

// Around is what a service or a client finds around it.
type Around struct {
	Registry Registry
	Broker   Broker
}

// Registry says which of go-micro's registries is used. Further settings, tokens and passwords say, reach the
// clients of Consul and etcd as usual: by environment variables of their own.
type Registry struct {
	Kind      string        // memory, consul, etcd, nats or mdns
	Holding   *Node         // of memory: what is in it from the beginning
	Addresses []string      // host:port each; of no meaning for memory and mdns
	TTL       time.Duration // of an entry that is not refreshed
	Interval  time.Duration // from one refresh to the next
}

// Node is one node of a service.
type Node struct {
	Service  string
	Address  string
	Protocol string // GRPC or Mucp
}

// Broker says which of go-micro's brokers is used.
type Broker struct {
	Kind    string // memory, http, nats or rabbitmq
	Address string // host:port of the server; of http: to listen on
}

// ClientStream is a stream as its client sees it.
type ClientStream interface {
	Send(message any) error
	// Recv fails with io.EOF when the server has ended the stream well.
	Recv(message any) error
	// CloseSend fails with Mucp, which has no half-close.
	CloseSend() error
	Close() error
}

// ServerStream is a stream as its handler sees it.
type ServerStream interface {
	Send(message any) error
	// Recv fails with io.EOF when the client has half-closed, or with Mucp: closed.
	Recv(message any) error
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
