// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.broker.Connectivity;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a client finds its registry, its broker and services at one moment; of {@link
 * RpcClient#health}.
 *
 * @param registry whether the registry answers
 * @param registryFailure why it does not; null if it does or is not known
 * @param broker what the broker knows of its connection
 * @param services those that were asked for, in that order
 */
public record ClientHealth(
    Reach registry,
    @Nullable String registryFailure,
    Connectivity broker,
    List<ServiceHealth> services) {

  /** Whether a registry answers. */
  public enum Reach {
    /** It answered. */
    REACHABLE,
    /** It failed, or did not answer in time. */
    UNREACHABLE,
    /** There is none that could be asked: a selector was given, or it cannot list services. */
    UNKNOWN
  }

  /**
   * The nodes of one service.
   *
   * @param service its name
   * @param nodes how many this client would call
   * @param healthyNodes how many of them are neither ejected nor fail
   * @param stale whether they are served from memory although the registry fails, or knows none
   * @param failure why the service cannot be called; null if it can
   */
  public record ServiceHealth(
      String service, int nodes, int healthyNodes, boolean stale, @Nullable String failure) {

    /** Tells whether there is a healthy node. */
    public boolean isHealthy() {
      return healthyNodes > 0;
    }

    JsonObject toJson() {
      JsonObject json =
          new JsonObject()
              .put("service", service)
              .put("nodes", nodes)
              .put("healthyNodes", healthyNodes)
              .put("stale", stale);
      return failure == null ? json : json.put("failure", failure);
    }
  }

  /** Copies the list. */
  public ClientHealth {
    services = List.copyOf(services);
  }

  /**
   * Tells whether all is well: the registry is not known to fail, the broker is connected, unused
   * or does not tell, and every service has a healthy node.
   */
  public boolean isHealthy() {
    return registry != Reach.UNREACHABLE
        && broker != Connectivity.DISCONNECTED
        && broker != Connectivity.CLOSED
        && canCall();
  }

  /**
   * Tells whether every service that was asked for has a healthy node, whatever registry and broker
   * do: calls go on while the registry is away.
   */
  public boolean canCall() {
    return services.stream().allMatch(ServiceHealth::isHealthy);
  }

  /** Returns all of it. */
  public JsonObject toJson() {
    JsonArray all = new JsonArray();
    services.forEach(service -> all.add(service.toJson()));
    JsonObject json =
        new JsonObject()
            .put("registry", registry.name())
            .put("broker", broker.name())
            .put("services", all);
    return registryFailure == null ? json : json.put("registryFailure", registryFailure);
  }
}
