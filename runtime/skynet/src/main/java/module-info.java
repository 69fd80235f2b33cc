// SPDX-License-Identifier: Apache-2.0

/** skynet's cluster protocol: calls to its nodes, a node of its own kind, and lua-seri. */
module dev.vertxmicro.runtime.skynet {
  requires transitive dev.vertxmicro.runtime;
  requires static transitive org.jspecify;
  requires io.netty.buffer;
  requires io.netty.common;
  requires io.netty.transport;
  requires static io.vertx.codegen.api;

  // API
  exports dev.vertxmicro.runtime.skynet;

  provides dev.vertxmicro.codec.CodecProvider with
      dev.vertxmicro.runtime.skynet.LuaSeriCodecs;
  provides dev.vertxmicro.runtime.transport.TransportProvider with
      dev.vertxmicro.runtime.skynet.SkynetTransports;
}
