// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.outage;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Function;

/** A node on a Vert.x of its own, so that it can die without a word to anybody. */
final class OutageNode {

  static final String SERVICE = "outage";

  private static final RegisterOptions REGISTRATION =
      new RegisterOptions(Duration.ofSeconds(10), Duration.ofSeconds(1));
  private static final long RETRY_MILLIS = 100;

  private final Vertx vertx = Vertx.vertx();
  private final Registry registry;
  private final RpcServer server;

  private OutageNode(String id, Function<Vertx, Registry> registry) {
    this.registry = registry.apply(vertx);
    this.server =
        RpcServer.create(vertx, new ServerOptions(SERVICE).setNodeId(id))
            .handle("Outage.Say", String.class, Future::succeededFuture);
  }

  /** Starts a node, not yet registered. */
  static OutageNode start(String id, Function<Vertx, Registry> registry) {
    OutageNode node = new OutageNode(id, registry);
    node.server.start(null, REGISTRATION).await();
    return node;
  }

  Node node() {
    return server.node();
  }

  /** Registers, trying again until the registry takes it. */
  Future<Registration> register() {
    return registry
        .register(server.service(), REGISTRATION)
        .recover(
            failure -> {
              Promise<Void> pause = Promise.promise();
              vertx.setTimer(RETRY_MILLIS, over -> pause.complete());
              return pause.future().compose(over -> register());
            });
  }

  /** Ends everything of this node at once, without deregistering. */
  void die() {
    vertx.close().await();
  }
}
