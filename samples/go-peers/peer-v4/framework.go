// SPDX-License-Identifier: Apache-2.0

// Package peerv4 is the peer on go-micro v4, with the server and client of its core for mucp, those of the plugins
// repository for gRPC, and registries and brokers of both.
package peerv4

import (
	"context"
	"errors"
	"net"

	"dev.vertxmicro/peer"
	natsbroker "github.com/go-micro/plugins/v4/broker/nats"
	"github.com/go-micro/plugins/v4/broker/rabbitmq"
	grpcclient "github.com/go-micro/plugins/v4/client/grpc"
	"github.com/go-micro/plugins/v4/registry/consul"
	"github.com/go-micro/plugins/v4/registry/etcd"
	natsregistry "github.com/go-micro/plugins/v4/registry/nats"
	grpcserver "github.com/go-micro/plugins/v4/server/grpc"
	"go-micro.dev/v4/broker"
	"go-micro.dev/v4/client"
	microerrors "go-micro.dev/v4/errors"
	"go-micro.dev/v4/metadata"
	"go-micro.dev/v4/registry"
	"go-micro.dev/v4/selector"
	"go-micro.dev/v4/server"
	"go-micro.dev/v4/transport"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Framework is go-micro v4.
type Framework struct{}

// Greeter adds the streams, whose handlers take a type of go-micro's own. Its name is that of the endpoints.
type Greeter struct{ *peer.Greeter }

// Count counts.
func (g Greeter) Count(ctx context.Context, stream server.Stream) error {
	return g.Greeter.Count(ctx, stream)
}

// Sum adds up.
func (g Greeter) Sum(ctx context.Context, stream server.Stream) error {
	return g.Greeter.Sum(ctx, stream)
}

// Chat answers.
func (g Greeter) Chat(ctx context.Context, stream server.Stream) error {
	return g.Greeter.Chat(ctx, stream)
}

// Module is go-micro's.
func (Framework) Module() string {
	return "go-micro.dev/v4"
}

// Serve serves the greeter.
func (Framework) Serve(listener net.Listener, service peer.Service, around peer.Around, greeter *peer.Greeter) (func() error, error) {
	nodes := openRegistry(around.Registry)
	options := []server.Option{
		server.Name(service.Name),
		server.Version(service.Version),
		server.Metadata(service.Metadata),
		server.Registry(nodes),
		server.RegisterTTL(around.Registry.TTL),
		server.RegisterInterval(around.Registry.Interval),
		server.Broker(openBroker(around.Broker, nodes)),
		server.Address(listener.Addr().String()),
	}
	var s server.Server
	if service.Protocol == peer.GRPC {
		s = grpcserver.NewServer(append(options, grpcserver.Listener(listener))...)
	} else {
		s = server.NewServer(append(options, server.ListenOption(transport.NetListener(listener)))...)
	}
	if err := s.Handle(s.NewHandler(Greeter{greeter})); err != nil {
		return nil, err
	}
	if service.Topic != "" {
		var how []server.SubscriberOption
		if service.Queue != "" {
			how = append(how, server.SubscriberQueue(service.Queue))
		}
		if err := s.Subscribe(s.NewSubscriber(service.Topic, service.OnNote, how...)); err != nil {
			return nil, err
		}
	}
	return s.Stop, s.Start()
}

// Caller makes calls.
func (Framework) Caller(call peer.Call, around peer.Around) func(context.Context, proto.Message, proto.Message) error {
	c, _ := newClient(call.Protocol, around)
	options := callOptions(call)
	return func(ctx context.Context, message, reply proto.Message) error {
		return c.Call(metadata.NewContext(ctx, call.Metadata), request(c, call, message), reply, options...)
	}
}

// Stream opens a stream.
func (Framework) Stream(ctx context.Context, call peer.Call, around peer.Around, first proto.Message) (peer.ClientStream, error) {
	c, _ := newClient(call.Protocol, around)
	return c.Stream(metadata.NewContext(ctx, call.Metadata), request(c, call, first, client.StreamingRequest()), callOptions(call)...)
}

func newClient(protocol string, around peer.Around) (client.Client, broker.Broker) {
	nodes := openRegistry(around.Registry)
	events := openBroker(around.Broker, nodes)
	options := []client.Option{
		client.Registry(nodes),
		client.Selector(selector.NewSelector(selector.Registry(nodes))),
		client.Broker(events),
	}
	if protocol == peer.GRPC {
		return grpcclient.NewClient(options...), events
	}
	return client.NewClient(options...), events
}

func request(c client.Client, call peer.Call, message proto.Message, options ...client.RequestOption) client.Request {
	if call.ContentType != "" {
		options = append(options, client.WithContentType(call.ContentType))
	}
	return c.NewRequest(call.Service, call.Endpoint, message, options...)
}

func callOptions(call peer.Call) []client.CallOption {
	options := []client.CallOption{
		client.WithRequestTimeout(call.Timeout),
		client.WithRetries(call.Retries),
	}
	if call.Target != "" {
		options = append(options, client.WithAddress(call.Target))
	}
	return options
}

// Publisher publishes.
func (Framework) Publisher(protocol string, around peer.Around) (func(context.Context, peer.Publication) error, func() error) {
	c, events := newClient(protocol, around)
	publish := func(ctx context.Context, what peer.Publication) error {
		var options []client.MessageOption
		if what.ContentType != "" {
			options = append(options, client.WithMessageContentType(what.ContentType))
		}
		var how []client.PublishOption
		if what.Exchange != "" {
			how = append(how, client.WithExchange(what.Exchange))
		}
		return c.Publish(metadata.NewContext(ctx, what.Metadata), c.NewMessage(what.Topic, what.Note, options...), how...)
	}
	return publish, events.Disconnect
}

// List lists services.
func (Framework) List(where peer.Registry) (any, error) {
	return openRegistry(where).ListServices()
}

// Get gets a service.
func (Framework) Get(where peer.Registry, service string) (any, error) {
	return openRegistry(where).GetService(service)
}

// Watch watches a service.
func (Framework) Watch(where peer.Registry, service string) (peer.Watcher, error) {
	w, err := openRegistry(where).Watch(registry.WatchService(service))
	return watcher{w}, err
}

type watcher struct{ registry.Watcher }

func (w watcher) Next() (string, any, error) {
	result, err := w.Watcher.Next()
	if err != nil {
		return "", nil, err
	}
	return result.Action, result.Service, nil
}

func openRegistry(where peer.Registry) registry.Registry {
	addresses := registry.Addrs(where.Addresses...)
	switch where.Kind {
	case "consul":
		return consul.NewRegistry(addresses)
	case "etcd":
		return etcd.NewRegistry(addresses)
	case "nats":
		return natsregistry.NewRegistry(addresses)
	case "mdns":
		return registry.NewRegistry()
	}
	nodes := registry.NewMemoryRegistry()
	if held := where.Holding; held != nil {
		node := &registry.Node{Id: held.Service, Address: held.Address, Metadata: map[string]string{"protocol": held.Protocol}}
		// The registry in memory takes everything.
		_ = nodes.Register(&registry.Service{Name: held.Service, Version: "latest", Nodes: []*registry.Node{node}})
	}
	return nodes
}

// openBroker opens a broker; that of go-micro's own HTTP finds its subscribers in the registry.
func openBroker(where peer.Broker, nodes registry.Registry) broker.Broker {
	switch where.Kind {
	case "http":
		return broker.NewBroker(broker.Addrs(where.Address), broker.Registry(nodes))
	case "nats":
		return natsbroker.NewBroker(broker.Addrs(where.Address))
	case "rabbitmq":
		return rabbitmq.NewBroker(broker.Addrs("amqp://guest:guest@" + where.Address))
	}
	return broker.NewMemoryBroker()
}

// NewError makes a go-micro error.
func (Framework) NewError(id, detail string, code int32) error {
	return microerrors.New(id, detail, code)
}

// AsError tells whether an error is one of go-micro's.
func (Framework) AsError(err error) (peer.Error, bool) {
	var e *microerrors.Error
	if !errors.As(err, &e) {
		return peer.Error{}, false
	}
	return peer.Error{ID: e.Id, Code: e.Code, Detail: e.Detail, Status: e.Status}, true
}

// NativeStatus makes a gRPC status.
func (Framework) NativeStatus(code uint32, message string) error {
	return status.Error(codes.Code(code), message)
}

// Metadata is what reached a handler.
func (Framework) Metadata(ctx context.Context) map[string]string {
	values, _ := metadata.FromContext(ctx)
	return values
}
