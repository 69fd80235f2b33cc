// SPDX-License-Identifier: Apache-2.0

/** The crawler: masters with an election, and workers, on the runtime. */
module dev.vertxmicro.crawler {
  requires dev.vertxmicro.runtime;
  requires dev.vertxmicro.selector.consul;
  requires dev.vertxmicro.selector.etcd;
  requires static transitive org.jspecify;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.toml;
  requires com.google.protobuf;
  requires com.google.protobuf.util;
  requires info.picocli;
  requires java.compiler;
  requires java.management;
  requires static io.vertx.codegen.api;
  requires static io.vertx.codegen.json;

  // The command line, which samples/cli has as a command of its own.
  exports dev.vertxmicro.crawler;

  opens dev.vertxmicro.crawler to
      info.picocli;
}
