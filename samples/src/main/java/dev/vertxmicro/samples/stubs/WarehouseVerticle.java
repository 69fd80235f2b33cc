// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.stubs;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** A node of the service {@code warehouse}, until it is undeployed. */
public final class WarehouseVerticle extends VerticleBase {

  private final Registry registry;
  private final Shelves shelves;

  /** Makes a node that registers there. */
  public WarehouseVerticle(Registry registry, Shelves shelves) {
    this.registry = registry;
    this.shelves = shelves;
  }

  // tag::serve[]
  @Override
  public Future<?> start() {
    RpcServer server = RpcServer.create(vertx, new ServerOptions("warehouse"));
    return WarehouseService.serve(server, shelves).start(registry);
  }
  // end::serve[]
}
