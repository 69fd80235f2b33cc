// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import static org.junit.jupiter.api.Assertions.fail;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Versions;
import dev.vertxmicro.registry.Watch;
import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** What a watch on a real Consul has reported, and what that adds up to. */
final class Seen implements AutoCloseable {

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(40);

  private final List<RegistryEvent> events = new CopyOnWriteArrayList<>();
  private final Watch watch;

  Seen(Registry registry, String service) {
    watch = registry.watch(service, events::add);
    await(watch.ready());
  }

  List<RegistryEvent> events() {
    return events;
  }

  /** Returns the ids of the nodes that the events add up to. */
  Set<String> nodes() {
    List<Service> state = List.of();
    for (RegistryEvent event : events) {
      state = Versions.apply(state, event);
    }
    return ids(state);
  }

  long deletes() {
    return events.stream().filter(event -> event.action() == Action.DELETE).count();
  }

  void awaitNodes(String... ids) {
    until(() -> nodes().equals(Set.of(ids)), events);
  }

  static Set<String> ids(List<Service> services) {
    return services.stream()
        .flatMap(service -> service.nodes().stream())
        .map(Node::id)
        .collect(Collectors.toSet());
  }

  /** Waits for what must come to be. */
  static void until(BooleanSupplier condition, Object otherwise) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        fail("never came to be: " + otherwise);
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(40, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(failed.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no result in time", e);
    }
  }

  @Override
  public void close() {
    watch.close();
  }
}
