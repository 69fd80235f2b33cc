// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"dev.vertxmicro/peer/greeterpb"
	"google.golang.org/protobuf/encoding/protojson"
)

// publishingEvent is the first line of publish mode: from here on lines are read.
type publishingEvent struct {
	Ready   bool   `json:"ready"`
	Topic   string `json:"topic"`
	GoMicro string `json:"goMicro"`
}

// publish publishes each line of standard input as a Note and prints the outcome of each. The HTTP broker sends in
// the background, so the program had better live on for a moment.
func publish(ctx context.Context, framework Framework, protocol string, around Around, what Publication, in io.Reader, lines *lineWriter) error {
	if what.Topic == "" {
		return fmt.Errorf("%w: -topic is missing", errUsage)
	}
	if around.Broker.Kind == inMemory {
		return fmt.Errorf("%w: -broker is missing (expected: http, nats or rabbitmq)", errUsage)
	}
	send, leave := framework.Publisher(protocol, around)
	lines.print(publishingEvent{true, what.Topic, goMicroVersion(framework.Module())})
	var failed error
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, maxLine)
	for scanner.Scan() {
		what.Note = &greeterpb.Note{}
		if err := protojson.Unmarshal(scanner.Bytes(), what.Note); err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		start := time.Now()
		if err := send(ctx, what); err != nil {
			failed = printFailure(framework, err, start, lines)
		} else {
			lines.print(outcomeOf(framework, start, func(o *outcome) { o.Published = true }))
		}
	}
	if err := scanner.Err(); err != nil {
		return err
	}
	return errors.Join(failed, leave())
}
