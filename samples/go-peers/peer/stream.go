// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// maxLine is the longest line of standard input that is read.
const maxLine = 8 << 20

// receivedEvent is a line of stream mode: a message from the server.
type receivedEvent struct {
	Received json.RawMessage `json:"received"`
}

// stream opens a stream, sends each line of standard input as a message and prints what it receives. When standard
// input has ended it half-closes and goes on receiving; having received so many messages, unless that is 0, it closes
// the stream. The last line is the outcome.
func stream(ctx context.Context, framework Framework, call Call, around Around, messages int, in io.Reader, lines *lineWriter) error {
	if err := checkTarget(call, around); err != nil {
		return err
	}
	example := exchangeOf(call.Endpoint)
	start := time.Now()
	opened, err := framework.Stream(ctx, call, around, example.request)
	if err != nil {
		return printFailure(framework, err, start, lines)
	}
	go send(opened, example.request, in)
	for received := 1; ; received++ {
		message := example.reply.ProtoReflect().New().Interface()
		err := opened.Recv(message)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return printFailure(framework, err, start, lines)
		}
		line, err := toJSON(message)
		if err != nil {
			return err
		}
		lines.print(receivedEvent{line})
		if received == messages {
			break
		}
	}
	if err := opened.Close(); err != nil {
		return printFailure(framework, err, start, lines)
	}
	lines.print(outcomeOf(framework, start, func(o *outcome) { o.Ended = true }))
	return nil
}

// send sends lines until there are no more. What goes wrong the receiving side sees as the end of the stream.
func send(opened ClientStream, example proto.Message, in io.Reader) {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, maxLine)
	for scanner.Scan() {
		message := example.ProtoReflect().New().Interface()
		err := protojson.Unmarshal(scanner.Bytes(), message)
		if err == nil {
			err = opened.Send(message)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "not sent:", err)
			return
		}
	}
	if err := opened.CloseSend(); err != nil {
		fmt.Fprintln(os.Stderr, "no half-close:", err)
	}
}
