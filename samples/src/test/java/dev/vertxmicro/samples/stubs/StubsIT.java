// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.stubs;

import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientBuilder;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;

/** Stubs over gRPC. */
class StubsIT extends StubsContract {

  @Override
  RpcClientBuilder serve(WarehouseService service) throws Exception {
    MemoryRegistry registry = MemoryRegistry.create(vertx);
    RpcServer server = RpcServer.create(vertx, new ServerOptions("warehouse"));
    await(WarehouseService.serve(server, service).start(registry));
    return RpcClient.builder(vertx).withRegistry(registry);
  }
}
