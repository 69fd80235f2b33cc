// SPDX-License-Identifier: Apache-2.0

// Command events-v5 publishes and receives events through the NATS, HTTP and RabbitMQ brokers of go-micro v5.
package main

import (
	"dev.vertxmicro/events"
	"go-micro.dev/v5/broker"
	"go-micro.dev/v5/broker/nats"
	"go-micro.dev/v5/broker/rabbitmq"
	"go-micro.dev/v5/registry"
	"go-micro.dev/v5/registry/consul"
	"go-micro.dev/v5/registry/etcd"
)

func main() {
	events.Main(connect)
}

func connect(setting events.Setting) (events.Broker, error) {
	options := []broker.Option{broker.Addrs(setting.Address), broker.Secure(setting.Secure)}
	var b broker.Broker
	switch setting.Broker {
	case "http":
		b = broker.NewHttpBroker(append(options, broker.Registry(open(setting)))...)
	case "rabbitmq":
		options[0] = broker.Addrs("amqp://" + setting.Address)
		if setting.Durable {
			options = append(options, rabbitmq.DurableExchange())
		}
		b = rabbitmq.NewBroker(options...)
	default:
		b = nats.NewNatsBroker(options...)
	}
	if err := b.Init(); err != nil {
		return nil, err
	}
	return &goMicro{broker: b, durable: setting.Durable}, b.Connect()
}

func open(setting events.Setting) registry.Registry {
	switch setting.Registry {
	case "consul":
		return consul.NewConsulRegistry(registry.Addrs(setting.RegistryAddresses...))
	case "etcd":
		return etcd.NewEtcdRegistry(registry.Addrs(setting.RegistryAddresses...))
	}
	return registry.NewMemoryRegistry()
}

type goMicro struct {
	broker     broker.Broker
	durable    bool
	subscriber broker.Subscriber
}

func (g *goMicro) Publish(topic string, header map[string]string, body []byte) error {
	var options []broker.PublishOption
	if g.durable {
		options = append(options, rabbitmq.DeliveryMode(2))
	}
	return g.broker.Publish(topic, &broker.Message{Header: header, Body: body}, options...)
}

func (g *goMicro) Subscribe(topic, queue string, handle func(string, map[string]string, []byte) error) error {
	var options []broker.SubscribeOption
	if queue != "" {
		options = append(options, broker.Queue(queue))
	}
	if g.durable {
		options = append(options, rabbitmq.DurableQueue(), rabbitmq.AckOnSuccess())
	}
	subscriber, err := g.broker.Subscribe(topic, func(event broker.Event) error {
		return handle(event.Topic(), event.Message().Header, event.Message().Body)
	}, options...)
	g.subscriber = subscriber
	return err
}

func (g *goMicro) Disconnect() error {
	if g.subscriber != nil && g.broker.String() == "http" {
		// It deregisters what is left only after Disconnect, when the process may be gone.
		if err := g.subscriber.Unsubscribe(); err != nil {
			return err
		}
	}
	return g.broker.Disconnect()
}
