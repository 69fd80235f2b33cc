// SPDX-License-Identifier: Apache-2.0

/** Calls over WebSockets in JSON, and the cluster that is asked in this way to run programs. */
module dev.vertxmicro.runtime.websocket {
  requires transitive dev.vertxmicro.runtime;
  requires static transitive org.jspecify;
  requires com.fasterxml.jackson.annotation;
  requires com.fasterxml.jackson.core;
  requires io.netty.buffer;
  requires io.netty.codec.http;
  requires io.netty.common;
  requires io.netty.transport;
  requires static io.vertx.codegen.api;
  requires static transitive java.compiler; // for the mark on what the processor has written

  // API
  exports dev.vertxmicro.runtime.websocket;
  exports dev.vertxmicro.runtime.websocket.cluster;

  // Jackson makes the records of the replies.
  opens dev.vertxmicro.runtime.websocket.cluster to
      com.fasterxml.jackson.databind;

  provides dev.vertxmicro.runtime.transport.TransportProvider with
      dev.vertxmicro.runtime.websocket.WebSocketTransports;
}
