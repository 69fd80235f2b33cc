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

// outcome is the one line of call mode: a reply, a go-micro error, or the text of any other error.
type outcome struct {
	Reply   json.RawMessage `json:"reply,omitempty"`
	Error   *Error          `json:"error,omitempty"`
	Other   string          `json:"other,omitempty"`
	TookMs  int64           `json:"tookMs"`
	GoMicro string          `json:"goMicro"`
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
func call(ctx context.Context, framework Framework, call Call, registry Registry, request string, lines *lineWriter) error {
	if call.Target == "" && registry.Kind == inMemory {
		return fmt.Errorf("%w: -target is missing (expected: host:port, or a -registry that knows the service)", errUsage)
	}
	messages := exchangeOf(call.Endpoint)
	if err := protojson.Unmarshal([]byte(request), messages.request); err != nil {
		return fmt.Errorf("%w: -json: %w (methods: %s)", errUsage, err, strings.Join(slices.Sorted(maps.Keys(exchanges)), ", "))
	}
	call.Request = messages.request

	start := time.Now()
	failure := framework.Call(ctx, call, registry, messages.reply)
	result := outcome{TookMs: time.Since(start).Milliseconds(), GoMicro: goMicroVersion(framework.Module())}
	if failure != nil {
		if e, ok := framework.AsError(failure); ok {
			result.Error = &e
		} else {
			result.Other = failure.Error()
		}
		lines.print(result)
		return errReported
	}
	reply, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(messages.reply)
	if err != nil {
		return err
	}
	result.Reply = reply
	lines.print(result)
	return nil
}
