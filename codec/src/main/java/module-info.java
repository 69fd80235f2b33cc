// SPDX-License-Identifier: Apache-2.0

/** Values to bytes and back, the codec message, metadata, errors and the one clock. */
module dev.vertxmicro.codec {
  requires transitive com.fasterxml.jackson.databind;
  requires transitive io.vertx.core;
  requires static transitive org.jspecify;
  requires io.netty.buffer;
  requires io.netty.common;
  requires io.netty.transport;
  requires static com.google.protobuf;
  requires static com.google.protobuf.util;
  requires static io.vertx.codegen.api;

  // API
  exports dev.vertxmicro.codec;
  exports dev.vertxmicro.errors;
  exports dev.vertxmicro.metadata;
  exports dev.vertxmicro.time;

  uses dev.vertxmicro.codec.CodecProvider;
}
