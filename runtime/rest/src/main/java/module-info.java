// SPDX-License-Identifier: Apache-2.0

/** Calls to REST services over HTTP/1.1, and a client for the peers of an ipfs-cluster. */
module dev.vertxmicro.runtime.rest {
  requires transitive dev.vertxmicro.runtime;
  requires static transitive org.jspecify;
  requires com.fasterxml.jackson.annotation;
  requires com.fasterxml.jackson.core;
  requires io.netty.common;
  requires static io.vertx.codegen.api;

  // API
  exports dev.vertxmicro.runtime.rest;
  exports dev.vertxmicro.runtime.rest.ipfs;

  // Jackson reads the records of replies
  opens dev.vertxmicro.runtime.rest.ipfs to
      com.fasterxml.jackson.databind;

  provides dev.vertxmicro.codec.CodecProvider with
      dev.vertxmicro.runtime.rest.RestCodecs;
  provides dev.vertxmicro.runtime.transport.TransportProvider with
      dev.vertxmicro.runtime.rest.RestTransports;
}
