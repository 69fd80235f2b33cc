// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"dev.vertxmicro/peer/greeterpb"
)

// Greeter is the handler: go-micro finds its exported methods and serves them as Greeter.Hello and so on.
type Greeter struct {
	framework Framework
	address   string // of the node, told in each HelloReply
	report    func(event any)
	calls     atomic.Int64
}

// callEvent reports a call that reached its handler. RemainingMs is absent where the call has no deadline.
type callEvent struct {
	Event       string            `json:"event"` // "call"
	Call        int64             `json:"call"`  // 1, 2, ... in the order of arrival
	Endpoint    string            `json:"endpoint"`
	Metadata    map[string]string `json:"metadata"` // names in lower case, whatever go-micro made of them
	Deadline    bool              `json:"deadline"`
	RemainingMs *int64            `json:"remainingMs,omitempty"`
}

// cancelledEvent reports that the context of a call ended before its handler did.
type cancelledEvent struct {
	Event    string `json:"event"` // "cancelled"
	Call     int64  `json:"call"`  // the number of the callEvent
	Endpoint string `json:"endpoint"`
	Reason   string `json:"reason"`
	AfterMs  int64  `json:"afterMs"` // since the callEvent
}

// begin reports the call and returns what the handler must run when it ends.
func (g *Greeter) begin(ctx context.Context, endpoint string) (end func()) {
	start := time.Now()
	event := callEvent{
		Event:    "call",
		Call:     g.calls.Add(1),
		Endpoint: endpoint,
		Metadata: make(map[string]string),
	}
	for name, value := range g.framework.Metadata(ctx) {
		event.Metadata[strings.ToLower(name)] = value
	}
	if deadline, ok := ctx.Deadline(); ok {
		remaining := deadline.Sub(start).Milliseconds()
		event.Deadline, event.RemainingMs = true, &remaining
	}
	g.report(event)
	return func() {
		if err := ctx.Err(); err != nil {
			g.report(cancelledEvent{"cancelled", event.Call, endpoint, err.Error(), time.Since(start).Milliseconds()})
		}
	}
}

// Hello greets by name.
func (g *Greeter) Hello(ctx context.Context, request *greeterpb.HelloRequest, reply *greeterpb.HelloReply) error {
	defer g.begin(ctx, "Greeter.Hello")()
	reply.Greeting = "Hello " + request.Name
	reply.ServedBy = g.address
	return nil
}

// Echo returns the payload.
func (g *Greeter) Echo(ctx context.Context, request *greeterpb.EchoRequest, reply *greeterpb.EchoReply) error {
	defer g.begin(ctx, "Greeter.Echo")()
	reply.Payload = request.Payload
	return nil
}

// Fail returns the go-micro error that the request describes.
func (g *Greeter) Fail(ctx context.Context, request *greeterpb.FailRequest, _ *greeterpb.FailReply) error {
	defer g.begin(ctx, "Greeter.Fail")()
	return g.framework.NewError(request.Id, request.Detail, request.Code)
}

// PlainError returns an error that is only a text.
func (g *Greeter) PlainError(ctx context.Context, request *greeterpb.PlainErrorRequest, _ *greeterpb.PlainErrorReply) error {
	defer g.begin(ctx, "Greeter.PlainError")()
	return errors.New(request.Text)
}

// Native returns a gRPC status, as code that was moved to go-micro from plain gRPC would.
func (g *Greeter) Native(ctx context.Context, request *greeterpb.NativeRequest, _ *greeterpb.NativeReply) error {
	defer g.begin(ctx, "Greeter.Native")()
	return g.framework.NativeStatus(request.Code, request.Message)
}

// Panic panics.
func (g *Greeter) Panic(ctx context.Context, request *greeterpb.PanicRequest, _ *greeterpb.PanicReply) error {
	defer g.begin(ctx, "Greeter.Panic")()
	panic(request.Text)
}

// Slow sleeps as long as the request says, or until the call is cancelled or out of time.
func (g *Greeter) Slow(ctx context.Context, request *greeterpb.SlowRequest, reply *greeterpb.SlowReply) error {
	defer g.begin(ctx, "Greeter.Slow")()
	timer := time.NewTimer(time.Duration(request.SleepMs) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		reply.SleptMs = request.SleepMs
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Metadata returns the metadata that reached the handler.
func (g *Greeter) Metadata(ctx context.Context, _ *greeterpb.MetadataRequest, reply *greeterpb.MetadataReply) error {
	defer g.begin(ctx, "Greeter.Metadata")()
	reply.Metadata = g.framework.Metadata(ctx)
	return nil
}
