// SPDX-License-Identifier: Apache-2.0

// Package events publishes and receives events through a broker of go-micro, as lines of JSON.
// It is the same for every version of go-micro: what differs between them is behind Broker.
package events

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
)

// Broker is a broker of one version of go-micro, connected.
type Broker interface {
	Publish(topic string, header map[string]string, body []byte) error
	Subscribe(topic, queue string, handle func(topic string, header map[string]string, body []byte) error) error
	Disconnect() error
}

// Setting says which broker is used, and where it is.
type Setting struct {
	Broker            string   // nats, http or rabbitmq
	Address           string   // of the server; of an HTTP broker: where to listen
	Secure            bool     // of an HTTP broker: TLS with a certificate that go-micro makes
	Durable           bool     // of RabbitMQ: exchange, queue and events outlive the server, and are acknowledged
	Registry          string   // of an HTTP broker: memory, consul or etcd
	RegistryAddresses []string // host:port each; of no meaning for memory
}

// Line is what is read and written: an event, or what became of the program.
type Line struct {
	Ready  bool              `json:"ready,omitempty"`
	Topic  string            `json:"topic,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Body   []byte            `json:"body,omitempty"`
	Error  string            `json:"error,omitempty"`
}

// Main subscribes to a topic, if one is named, and publishes each line of standard input until that ends.
func Main(connect func(Setting) (Broker, error)) {
	out := &writer{encoder: json.NewEncoder(os.Stdout)}
	os.Stdout = os.Stderr // go-micro v5 logs to standard output
	if err := run(connect, os.Stdin, out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type writer struct {
	lock    sync.Mutex
	encoder *json.Encoder
}

func (w *writer) write(line Line) {
	w.lock.Lock()
	defer w.lock.Unlock()
	_ = w.encoder.Encode(line)
}

func run(connect func(Setting) (Broker, error), in io.Reader, out *writer) error {
	setting := Setting{}
	flag.StringVar(&setting.Broker, "broker", "nats", "nats, http or rabbitmq")
	flag.StringVar(&setting.Address, "address", "127.0.0.1:0", "loopback address: of the NATS or RabbitMQ server, or for the HTTP broker to listen on")
	flag.BoolVar(&setting.Secure, "secure", false, "HTTP broker: listen with TLS, certificate made by go-micro")
	flag.BoolVar(&setting.Durable, "durable", false, "RabbitMQ: durable exchange, queue and events, acknowledged on success")
	flag.StringVar(&setting.Registry, "registry", "memory", "HTTP broker: memory, consul or etcd")
	addresses := flag.String("registry-address", "", "loopback addresses of the registry, host:port, with commas between them")
	topic := flag.String("topic", "", "topic to subscribe to")
	queue := flag.String("queue", "", "queue group to join")
	fail := flag.Bool("fail", false, "let the handler fail")
	flag.Parse()
	if *addresses != "" {
		setting.RegistryAddresses = strings.Split(*addresses, ",")
	}
	if err := setting.check(); err != nil {
		return err
	}

	broker, err := connect(setting)
	if err != nil {
		return err
	}
	if *topic != "" {
		err := broker.Subscribe(*topic, *queue, func(topic string, header map[string]string, body []byte) error {
			out.write(Line{Topic: topic, Header: header, Body: body})
			if *fail {
				return fmt.Errorf("told to fail")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	out.write(Line{Ready: true})
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		var event Line
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return err
		}
		if err := broker.Publish(event.Topic, event.Header, event.Body); err != nil {
			out.write(Line{Topic: event.Topic, Error: err.Error()})
		}
	}
	return broker.Disconnect()
}

func (s Setting) check() error {
	if !slices.Contains([]string{"nats", "http", "rabbitmq"}, s.Broker) {
		return fmt.Errorf("-broker %q (expected: nats, http or rabbitmq)", s.Broker)
	}
	if !slices.Contains([]string{"memory", "consul", "etcd"}, s.Registry) {
		return fmt.Errorf("-registry %q (expected: memory, consul or etcd)", s.Registry)
	}
	for _, address := range append([]string{s.Address}, s.RegistryAddresses...) {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return fmt.Errorf("address %q (expected: host:port on loopback)", address)
		}
	}
	return nil
}
