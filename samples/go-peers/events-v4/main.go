// SPDX-License-Identifier: Apache-2.0

// Command events-v4 publishes and receives events through the NATS and HTTP brokers of go-micro v4.
package main

import (
	"dev.vertxmicro/events"
	"github.com/go-micro/plugins/v4/broker/nats"
	"github.com/go-micro/plugins/v4/registry/consul"
	"github.com/go-micro/plugins/v4/registry/etcd"
	"go-micro.dev/v4/broker"
	"go-micro.dev/v4/registry"
)

func main() {
	events.Main(connect)
}

func connect(setting events.Setting) (events.Broker, error) {
	options := []broker.Option{broker.Addrs(setting.Address), broker.Secure(setting.Secure)}
	var b broker.Broker
	if setting.Broker == "http" {
		b = broker.NewBroker(append(options, broker.Registry(open(setting)))...)
	} else {
		b = nats.NewBroker(options...)
	}
	if err := b.Init(); err != nil {
		return nil, err
	}
	return goMicro{b}, b.Connect()
}

func open(setting events.Setting) registry.Registry {
	switch setting.Registry {
	case "consul":
		return consul.NewRegistry(registry.Addrs(setting.RegistryAddresses...))
	case "etcd":
		return etcd.NewRegistry(registry.Addrs(setting.RegistryAddresses...))
	}
	return registry.NewMemoryRegistry()
}

type goMicro struct{ broker broker.Broker }

func (g goMicro) Publish(topic string, header map[string]string, body []byte) error {
	return g.broker.Publish(topic, &broker.Message{Header: header, Body: body})
}

func (g goMicro) Subscribe(topic, queue string, handle func(string, map[string]string, []byte) error) error {
	var options []broker.SubscribeOption
	if queue != "" {
		options = append(options, broker.Queue(queue))
	}
	_, err := g.broker.Subscribe(topic, func(event broker.Event) error {
		return handle(event.Topic(), event.Message().Header, event.Message().Body)
	}, options...)
	return err
}

func (g goMicro) Disconnect() error {
	return g.broker.Disconnect()
}
