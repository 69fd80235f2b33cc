// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"dev.vertxmicro/peer/greeterpb"
)

// Greeter is the handler: go-micro finds its exported methods and serves them as Greeter.Hello and so on.
type Greeter struct {
	framework Framework
	address   string          // of the node, told in each HelloReply
	report    func(event any) // nil: nobody wants to know of calls
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

// endedEvent reports that the handler of a stream has ended.
type endedEvent struct {
	Event    string `json:"event"` // "ended"
	Call     int64  `json:"call"`  // the number of the callEvent
	Endpoint string `json:"endpoint"`
	Received int    `json:"received"` // messages
	Error    string `json:"error,omitempty"`
}

// begin reports the call and returns what the handler must run when it ends.
func (g *Greeter) begin(ctx context.Context, endpoint string) (end func()) {
	_, end = g.beginCall(ctx, endpoint)
	return end
}

func (g *Greeter) beginCall(ctx context.Context, endpoint string) (call int64, end func()) {
	if g.report == nil {
		return 0, func() {}
	}
	start := time.Now()
	event := callEvent{
		Event:    "call",
		Call:     g.calls.Add(1),
		Endpoint: endpoint,
		Metadata: lowerCase(g.framework.Metadata(ctx)),
	}
	if deadline, ok := ctx.Deadline(); ok {
		remaining := deadline.Sub(start).Milliseconds()
		event.Deadline, event.RemainingMs = true, &remaining
	}
	g.report(event)
	return event.Call, func() {
		if err := ctx.Err(); err != nil {
			g.report(cancelledEvent{"cancelled", event.Call, endpoint, err.Error(), time.Since(start).Milliseconds()})
		}
	}
}

func lowerCase(metadata map[string]string) map[string]string {
	lower := make(map[string]string)
	for name, value := range metadata {
		lower[strings.ToLower(name)] = value
	}
	return lower
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

// Count counts from 1, waiting between two numbers.
func (g *Greeter) Count(ctx context.Context, stream ServerStream) error {
	return g.serveStream(ctx, "Greeter.Count", func() (received int, err error) {
		var request greeterpb.CountRequest
		if err := stream.Recv(&request); err != nil {
			return 0, err
		}
		for number := int64(1); number <= request.To; number++ {
			if err := stream.Send(&greeterpb.CountReply{Number: number}); err != nil {
				return 1, err
			}
			select {
			case <-time.After(time.Duration(request.PauseMs) * time.Millisecond):
			case <-ctx.Done():
				return 1, ctx.Err()
			}
		}
		return 1, nil
	})
}

// Sum adds up what it receives.
func (g *Greeter) Sum(ctx context.Context, stream ServerStream) error {
	return g.serveStream(ctx, "Greeter.Sum", func() (received int, err error) {
		var sum int64
		for {
			var request greeterpb.SumRequest
			err := stream.Recv(&request)
			if err == nil {
				received++
				sum += request.Number
			}
			if request.Last || errors.Is(err, io.EOF) {
				return received, stream.Send(&greeterpb.SumReply{Sum: sum})
			}
			if err != nil {
				return received, err
			}
		}
	})
}

// Chat answers each message with its text.
func (g *Greeter) Chat(ctx context.Context, stream ServerStream) error {
	return g.serveStream(ctx, "Greeter.Chat", func() (received int, err error) {
		for {
			var request greeterpb.ChatRequest
			err := stream.Recv(&request)
			switch {
			case errors.Is(err, io.EOF):
				return received, nil
			case err != nil:
				return received, err
			case request.FailCode != 0:
				return received + 1, g.framework.NewError("chat", request.Text, request.FailCode)
			}
			received++
			if err := stream.Send(&greeterpb.ChatReply{Text: request.Text}); err != nil {
				return received, err
			}
		}
	})
}

// serveStream reports the begin and the end of a stream.
func (g *Greeter) serveStream(ctx context.Context, endpoint string, handle func() (received int, err error)) error {
	call, end := g.beginCall(ctx, endpoint)
	defer end()
	received, err := handle()
	if g.report == nil {
		return err
	}
	event := endedEvent{Event: "ended", Call: call, Endpoint: endpoint, Received: received}
	if err != nil {
		event.Error = err.Error()
	}
	g.report(event)
	return err
}
