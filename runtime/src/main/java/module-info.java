// SPDX-License-Identifier: Apache-2.0

/** The RPC client, its transports and the serve helper. */
@SuppressWarnings("module") // the compiler does not see the plug-ins that are compiled after it
module dev.vertxmicro.runtime {
  requires transitive dev.vertxmicro.codec;
  requires transitive dev.vertxmicro.selector;
  requires transitive dev.vertxmicro.broker;
  requires static transitive org.jspecify;
  requires io.vertx.grpc.client;
  requires io.vertx.grpc.server;
  requires io.vertx.grpc.common;
  requires com.fasterxml.jackson.core;
  requires com.google.protobuf;
  requires io.netty.buffer;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires static io.vertx.codegen.api;
  requires static io.vertx.codegen.json;
  // Not transitive: whoever requires this module would have to have it, to compile at all.
  requires static io.vertx.healthcheck;

  // API
  exports dev.vertxmicro.runtime;
  exports dev.vertxmicro.runtime.grpc;
  exports dev.vertxmicro.runtime.health;
  exports dev.vertxmicro.runtime.inbound;
  exports dev.vertxmicro.runtime.mucp;
  exports dev.vertxmicro.runtime.retry;
  exports dev.vertxmicro.runtime.server;
  exports dev.vertxmicro.runtime.stub;
  exports dev.vertxmicro.runtime.transport;
  exports dev.vertxmicro.runtime.wrapper;

  // For transports that are modules of their own
  exports dev.vertxmicro.runtime.framing to
      dev.vertxmicro.runtime.rest;
  exports dev.vertxmicro.runtime.pooling to
      dev.vertxmicro.runtime.rest,
      dev.vertxmicro.runtime.skynet,
      dev.vertxmicro.runtime.websocket;

  uses dev.vertxmicro.runtime.transport.TransportProvider;

  provides dev.vertxmicro.runtime.transport.TransportProvider with
      dev.vertxmicro.runtime.grpc.GrpcTransports,
      dev.vertxmicro.runtime.mucp.MucpTransports;
  provides io.vertx.core.spi.VertxServiceProvider with
      dev.vertxmicro.runtime.inbound.InboundLocal;
}
