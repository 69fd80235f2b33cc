// SPDX-License-Identifier: Apache-2.0

// Command greeter-v5 is the peer on go-micro v5, with the gRPC server and client of its core.
package main

import (
	"context"
	"errors"
	"net"

	"dev.vertxmicro/peer"
	"go-micro.dev/v5/broker"
	"go-micro.dev/v5/client"
	grpcclient "go-micro.dev/v5/client/grpc"
	microerrors "go-micro.dev/v5/errors"
	"go-micro.dev/v5/metadata"
	"go-micro.dev/v5/registry"
	"go-micro.dev/v5/registry/consul"
	"go-micro.dev/v5/registry/etcd"
	"go-micro.dev/v5/selector"
	"go-micro.dev/v5/server"
	grpcserver "go-micro.dev/v5/server/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

func main() {
	peer.Main(goMicro{})
}

type goMicro struct{}

func (goMicro) Module() string {
	return "go-micro.dev/v5"
}

func (goMicro) Serve(listener net.Listener, service peer.Service, where peer.Registry, greeter *peer.Greeter) (func() error, error) {
	s := grpcserver.NewServer(
		server.Name(service.Name),
		server.Version(service.Version),
		server.Metadata(service.Metadata),
		server.Registry(open(where)),
		server.RegisterTTL(where.TTL),
		server.RegisterInterval(where.Interval),
		server.Broker(broker.NewMemoryBroker()),
		grpcserver.Listener(listener),
	)
	if err := s.Handle(s.NewHandler(greeter)); err != nil {
		return nil, err
	}
	return s.Stop, s.Start()
}

func (goMicro) Call(ctx context.Context, call peer.Call, where peer.Registry, reply proto.Message) error {
	nodes := open(where)
	c := grpcclient.NewClient(
		client.Registry(nodes),
		client.Selector(selector.NewSelector(selector.Registry(nodes))),
		client.Broker(broker.NewMemoryBroker()),
	)
	options := []client.CallOption{
		client.WithRequestTimeout(call.Timeout),
		client.WithRetries(call.Retries),
	}
	if call.Target != "" {
		options = append(options, client.WithAddress(call.Target))
	}
	request := c.NewRequest(call.Service, call.Endpoint, call.Request, client.WithContentType(call.ContentType))
	return c.Call(metadata.NewContext(ctx, call.Metadata), request, reply, options...)
}

func (goMicro) List(where peer.Registry) (any, error) {
	return open(where).ListServices()
}

func (goMicro) Get(where peer.Registry, service string) (any, error) {
	return open(where).GetService(service)
}

func (goMicro) Watch(where peer.Registry, service string) (peer.Watcher, error) {
	w, err := open(where).Watch(registry.WatchService(service))
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

func open(where peer.Registry) registry.Registry {
	switch where.Kind {
	case "consul":
		return consul.NewConsulRegistry(registry.Addrs(where.Addresses...))
	case "etcd":
		return etcd.NewEtcdRegistry(registry.Addrs(where.Addresses...))
	}
	return registry.NewMemoryRegistry()
}

func (goMicro) NewError(id, detail string, code int32) error {
	return microerrors.New(id, detail, code)
}

func (goMicro) AsError(err error) (peer.Error, bool) {
	var e *microerrors.Error
	if !errors.As(err, &e) {
		return peer.Error{}, false
	}
	return peer.Error{ID: e.Id, Code: e.Code, Detail: e.Detail, Status: e.Status}, true
}

func (goMicro) NativeStatus(code uint32, message string) error {
	return status.Error(codes.Code(code), message)
}

func (goMicro) Metadata(ctx context.Context) map[string]string {
	values, _ := metadata.FromContext(ctx)
	return values
}
