// SPDX-License-Identifier: Apache-2.0

// Command events-v5 publishes or receives events through go-micro v5's NATS broker.
//
// Lines of JSON on standard output: {"ready":true}, then one for each event: its topic, header and body.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"go-micro.dev/v5/broker"
	"go-micro.dev/v5/broker/nats"
)

type line struct {
	Ready  bool              `json:"ready,omitempty"`
	Topic  string            `json:"topic,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Body   []byte            `json:"body,omitempty"`
}

func main() {
	lines := os.Stdout
	os.Stdout = os.Stderr // go-micro v5 logs to standard output
	if err := run(json.NewEncoder(lines)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run subscribes to a topic and publishes each line of standard input, a JSON object with topic,
// header and body, until that ends.
func run(out *json.Encoder) error {
	address := flag.String("address", "", "loopback address of the server, host:port")
	topic := flag.String("topic", "", "topic to subscribe to")
	queue := flag.String("queue", "", "queue group to join")
	flag.Parse()

	events := nats.NewNatsBroker(broker.Addrs(*address))
	if err := events.Init(); err != nil {
		return err
	}
	if err := events.Connect(); err != nil {
		return err
	}
	printed := make(chan line)
	go func() {
		for each := range printed {
			_ = out.Encode(each)
		}
	}()
	if *topic != "" {
		var options []broker.SubscribeOption
		if *queue != "" {
			options = append(options, broker.Queue(*queue))
		}
		_, err := events.Subscribe(*topic, func(event broker.Event) error {
			printed <- line{Topic: event.Topic(), Header: event.Message().Header, Body: event.Message().Body}
			return nil
		}, options...)
		if err != nil {
			return err
		}
	}
	printed <- line{Ready: true}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 8<<20)
	for in.Scan() {
		var event line
		if err := json.Unmarshal(in.Bytes(), &event); err != nil {
			return err
		}
		if err := events.Publish(event.Topic, &broker.Message{Header: event.Header, Body: event.Body}); err != nil {
			return err
		}
	}
	return events.Disconnect()
}
