// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"dev.vertxmicro/peer/greeterpb"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// errReported says that the line with the failure has been printed.
var errReported = errors.New("failed")

// outcome is the one line of call mode, the last of stream mode and each of publish mode: a reply, a good end, a
// publication, a go-micro error, or the text of any other error.
type outcome struct {
	Ended     bool            `json:"ended,omitempty"`
	Published bool            `json:"published,omitempty"`
	Reply     json.RawMessage `json:"reply,omitempty"`
	Error     *Error          `json:"error,omitempty"`
	Other     string          `json:"other,omitempty"`
	TookMs    int64           `json:"tookMs"`
	GoMicro   string          `json:"goMicro"`
}

// exchange is the pair of messages of one method.
type exchange struct{ request, reply proto.Message }

var exchanges = map[string]exchange{
	"Hello":      {&greeterpb.HelloRequest{}, &greeterpb.HelloReply{}},
	"Echo":       {&greeterpb.EchoRequest{}, &greeterpb.EchoReply{}},
	"Fail":       {&greeterpb.FailRequest{}, &greeterpb.FailReply{}},
	"PlainError": {&greeterpb.PlainErrorRequest{}, &greeterpb.PlainErrorReply{}},
	"Native":     {&greeterpb.NativeRequest{}, &greeterpb.NativeReply{}},
	"Panic":      {&greeterpb.PanicRequest{}, &greeterpb.PanicReply{}},
	"Slow":       {&greeterpb.SlowRequest{}, &greeterpb.SlowReply{}},
	"Metadata":   {&greeterpb.MetadataRequest{}, &greeterpb.MetadataReply{}},
	"Count":      {&greeterpb.CountRequest{}, &greeterpb.CountReply{}},
	"Sum":        {&greeterpb.SumRequest{}, &greeterpb.SumReply{}},
	"Chat":       {&greeterpb.ChatRequest{}, &greeterpb.ChatReply{}},
}

// exchangeOf goes by the method's name alone, so that every way to write an endpoint can be tried. A method
// that the greeter does not have is called with Hello's messages: the server is to say that there is none.
func exchangeOf(endpoint string) exchange {
	method := endpoint[strings.LastIndexAny(endpoint, "./")+1:]
	if found, ok := exchanges[method]; ok {
		return found
	}
	return exchanges["Hello"]
}

// call makes one call and prints its outcome. It is bounded by the call's timeout, and ends with the context.
func call(ctx context.Context, framework Framework, call Call, around Around, request string, lines *lineWriter) error {
	if err := checkTarget(call, around); err != nil {
		return err
	}
	messages := exchangeOf(call.Endpoint)
	if err := protojson.Unmarshal([]byte(request), messages.request); err != nil {
		return fmt.Errorf("%w: -json: %w (methods: %s)", errUsage, err, strings.Join(slices.Sorted(maps.Keys(exchanges)), ", "))
	}

	start := time.Now()
	if err := framework.Caller(call, around)(ctx, messages.request, messages.reply); err != nil {
		return printFailure(framework, err, start, lines)
	}
	reply, err := toJSON(messages.reply)
	if err != nil {
		return err
	}
	lines.print(outcomeOf(framework, start, func(o *outcome) { o.Reply = reply }))
	return nil
}

func checkTarget(call Call, around Around) error {
	if call.Target == "" && around.Registry.Kind == inMemory {
		return fmt.Errorf("%w: -target is missing (expected: host:port, or a -registry that knows the service)", errUsage)
	}
	return nil
}

func toJSON(message proto.Message) (json.RawMessage, error) {
	return protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(message)
}

// printFailure prints how a call, a stream or a publication has failed.
func printFailure(framework Framework, failure error, start time.Time, lines *lineWriter) error {
	lines.print(outcomeOf(framework, start, func(o *outcome) {
		if e, ok := framework.AsError(failure); ok {
			o.Error = &e
		} else {
			o.Other = failure.Error()
		}
	}))
	return errReported
}

func outcomeOf(framework Framework, start time.Time, fill func(*outcome)) outcome {
	result := outcome{TookMs: time.Since(start).Milliseconds(), GoMicro: goMicroVersion(framework.Module())}
	fill(&result)
	return result
}
