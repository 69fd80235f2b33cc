// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.stubs;

import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientBuilder;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import dev.vertxmicro.runtime.transport.MemoryTransport;
import dev.vertxmicro.time.TimeSource;

/** Stubs without any port. */
class MemoryStubsTest extends StubsContract {

  // tag::memory[]
  @Override
  RpcClientBuilder serve(WarehouseService service) {
    MemoryTransport memory = MemoryTransport.create(TimeSource.of(vertx));
    RpcServer server = RpcServer.create(vertx, new ServerOptions("warehouse"));
    WarehouseService.serve(server, service).serveInMemory(memory, "warehouse.memory:1");
    return RpcClient.builder(vertx)
        .with(new RpcClientOptions().setProtocol(memory.protocol()))
        .withTransport(memory)
        .withRegistry(StaticRegistry.of("warehouse", "warehouse.memory:1"));
  }
  // end::memory[]
}
