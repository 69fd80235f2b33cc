// SPDX-License-Identifier: Apache-2.0

/** The registry in etcd, shared with go-micro. */
module dev.vertxmicro.selector.etcd {
  requires transitive dev.vertxmicro.selector;
  requires static transitive org.jspecify;
  requires static io.vertx.codegen.api;
  requires static io.vertx.codegen.json;

  // API
  exports dev.vertxmicro.registry.etcd;

  provides dev.vertxmicro.registry.RegistryProvider with
      dev.vertxmicro.registry.etcd.EtcdRegistries;
}
