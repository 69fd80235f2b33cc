// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Fixed lists of nodes, in the order given. Cannot be written to: {@code register} fails with code
 * 501. Watches stand and never report anything. May be used from any thread; closing does nothing.
 */
public final class StaticRegistry implements Registry {

  private static final Future<List<Service>> UNKNOWN = Future.succeededFuture(List.of());

  private final Map<String, Future<List<Service>>> services;

  private StaticRegistry(Map<String, Future<List<Service>>> services) {
    this.services = services;
  }

  /**
   * Returns a registry of {@code services}, one of each name and version.
   *
   * @throws IllegalArgumentException if a service has no node, a node id twice, or comes twice in
   *     the same version
   */
  public static StaticRegistry of(Service... services) {
    return of(List.of(services));
  }

  /**
   * Returns a registry of {@code services}, one of each name and version.
   *
   * @throws IllegalArgumentException if a service has no node, a node id twice, or comes twice in
   *     the same version
   */
  public static StaticRegistry of(List<Service> services) {
    Map<String, List<Service>> byName = new LinkedHashMap<>();
    Set<String> seen = new HashSet<>();
    for (Service service : services) {
      requireOnce(seen, service.name() + " version " + service.version(), "services");
      if (service.nodes().isEmpty()) {
        throw new IllegalArgumentException(
            "services: " + service.name() + " has no node (expected: at least one)");
      }
      for (Node node : service.nodes()) {
        requireOnce(seen, service.name() + " node " + node.id(), "services");
      }
      byName.computeIfAbsent(service.name(), name -> new ArrayList<>()).add(service);
    }
    Map<String, Future<List<Service>>> answers = new LinkedHashMap<>();
    byName.forEach((name, all) -> answers.put(name, Future.succeededFuture(List.copyOf(all))));
    return new StaticRegistry(answers);
  }

  /**
   * Returns a registry of one service at fixed addresses, which also serve as node ids.
   *
   * @throws IllegalArgumentException if there is no address, or one twice
   */
  public static StaticRegistry of(String service, String... addresses) {
    Service.Builder builder = Service.builder(service);
    for (String address : addresses) {
      builder.node(Node.of(address, address));
    }
    return of(builder.build());
  }

  private static void requireOnce(Set<String> seen, String what, String argument) {
    if (!seen.add(what)) {
      throw new IllegalArgumentException(argument + ": " + what + " comes twice (expected: once)");
    }
  }

  @Override
  public Future<List<Service>> get(String service) {
    return services.getOrDefault(service, UNKNOWN);
  }

  @Override
  public Future<List<String>> list() {
    return Future.succeededFuture(List.copyOf(new TreeSet<>(services.keySet())));
  }

  /** Fails: this registry cannot be written to. */
  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    return Future.failedFuture(
        RpcException.client(
                GrpcStatus.UNIMPLEMENTED,
                "register " + service.name() + ": a static registry cannot be written to")
            .build());
  }

  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    return new SilentWatch();
  }

  @Override
  public boolean answersFromMemory() {
    return true;
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }

  @Override
  public String toString() {
    return "StaticRegistry" + services.keySet();
  }

  /** A watch on what never changes. */
  private static final class SilentWatch implements Watch {
    @Override
    public Future<Void> ready() {
      return Future.succeededFuture();
    }

    @Override
    public void close() {}
  }
}
