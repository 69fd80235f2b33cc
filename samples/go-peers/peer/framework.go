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

	// Serve starts a gRPC server for the greeter on the listener and returns what stops it.
	// The service is registered in memory, so nothing of it leaves the process.
	Serve(listener net.Listener, service, version string, greeter *Greeter) (stop func() error, err error)

	// Call makes one call with go-micro's own gRPC client and fills reply.
	Call(ctx context.Context, call Call, reply proto.Message) error

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
	Target      string // host:port; no registry is asked
	Service     string
	Endpoint    string
	ContentType string
	Metadata    map[string]string
	Timeout     time.Duration
	Retries     int
	Request     proto.Message
}

// Error is go-micro's error.
type Error struct {
	ID     string `json:"id"`
	Code   int32  `json:"code"`
	Detail string `json:"detail"`
	Status string `json:"status"`
}
