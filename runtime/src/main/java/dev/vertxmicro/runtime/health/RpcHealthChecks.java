// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.health;

import dev.vertxmicro.runtime.ClientHealth;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.healthchecks.HealthChecks;
import io.vertx.ext.healthchecks.Status;
import java.util.function.Predicate;

/**
 * What {@link RpcClient#health} tells, for {@link HealthChecks}: its JSON is the data of the
 * status.
 *
 * <p>A check takes up to the {@code dialTimeout} of the client's calls, 5 s by default, where
 * Vert.x gives a procedure 1 s: {@code checks.register(name, 6_000, RpcHealthChecks.all(client))}.
 */
@SuppressWarnings("exports") // Whoever calls this has io.vertx.healthcheck.
public final class RpcHealthChecks {

  private RpcHealthChecks() {}

  /**
   * Returns a check that is up as long as {@link ClientHealth#isHealthy}: registry, broker and
   * services. For people to look at.
   *
   * @param services those whose nodes are looked at
   */
  public static Handler<Promise<Status>> all(RpcClient client, String... services) {
    return check(client, services, ClientHealth::isHealthy);
  }

  /**
   * Returns a check that is up as long as {@link ClientHealth#canCall}: each service has a healthy
   * node, with or without registry and broker. For machines that end or replace what is down: an
   * outage of the registry, through which calls go on, is no reason to.
   *
   * @param services those whose nodes are looked at
   */
  public static Handler<Promise<Status>> calls(RpcClient client, String... services) {
    return check(client, services, ClientHealth::canCall);
  }

  private static Handler<Promise<Status>> check(
      RpcClient client, String[] services, Predicate<ClientHealth> up) {
    String[] names = services.clone();
    return promise ->
        client
            .health(names)
            .map(
                health -> up.test(health) ? Status.OK(health.toJson()) : Status.KO(health.toJson()))
            .otherwise(failure -> Status.KO(new JsonObject().put("failure", failure.getMessage())))
            .onComplete(promise);
  }
}
