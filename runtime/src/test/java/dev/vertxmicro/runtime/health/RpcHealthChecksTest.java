// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.Connectivity;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.ClientHealth;
import dev.vertxmicro.runtime.ClientHealth.Reach;
import dev.vertxmicro.runtime.ClientHealth.ServiceHealth;
import dev.vertxmicro.runtime.ForwardingRpcClient;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.healthchecks.CheckResult;
import io.vertx.ext.healthchecks.HealthChecks;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RpcHealthChecksTest {

  private final Vertx vertx = Vertx.vertx();
  private final HealthChecks checks = HealthChecks.create(vertx);
  private Future<ClientHealth> health = Future.succeededFuture();

  private final RpcClient client =
      new ForwardingRpcClient() {
        @Override
        protected RpcClient delegate() {
          throw new IllegalStateException("only health is asked for");
        }

        @Override
        public Future<ClientHealth> health(String... services) {
          assertEquals(List.of("greeter"), List.of(services));
          return health;
        }
      };

  @AfterEach
  void close() throws Exception {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  private CheckResult check(String name) throws Exception {
    return checks.checkStatus(name).await(30, TimeUnit.SECONDS);
  }

  private static Future<ClientHealth> of(Reach registry, int healthyNodes) {
    return Future.succeededFuture(
        new ClientHealth(
            registry,
            null,
            Connectivity.NEW,
            List.of(new ServiceHealth("greeter", 2, healthyNodes, false, null))));
  }

  @Test
  void areUpAndDownAsTheClientIs() throws Exception {
    checks.register("all", RpcHealthChecks.all(client, "greeter"));
    checks.register("calls", RpcHealthChecks.calls(client, "greeter"));

    health = of(Reach.REACHABLE, 2);
    assertTrue(check("all").getUp());
    assertTrue(check("calls").getUp());

    health = of(Reach.UNREACHABLE, 1);
    assertFalse(check("all").getUp());
    assertTrue(check("calls").getUp());
    assertEquals("UNREACHABLE", check("all").getData().getString("registry"));

    health = of(Reach.REACHABLE, 0);
    assertFalse(check("all").getUp());
    assertFalse(check("calls").getUp());
  }

  @Test
  void areDownOnceTheClientIsClosed() throws Exception {
    checks.register("calls", RpcHealthChecks.calls(client, "greeter"));
    health =
        Future.failedFuture(RpcException.client(GrpcStatus.UNAVAILABLE, "it is closed").build());

    CheckResult result = check("calls");

    assertFalse(result.getUp());
    assertTrue(result.getData().getString("failure").contains("it is closed"), result::toString);
  }
}
