// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Versions;
import io.vertx.core.Future;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** What a watch has reported. */
final class Seen {

  private final Queue<RegistryEvent> events = new ConcurrentLinkedQueue<>();

  Seen(Registry registry, String service) {
    await(registry.watch(service, events::add).ready());
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("no result in time", late);
    }
  }

  static void until(BooleanSupplier holds, String what) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, () -> "not in time: " + what);
      LockSupport.parkNanos(10_000_000);
    }
  }

  /** Tells whether a future succeeds. */
  static boolean succeeds(Future<?> future) {
    return await(future.transform(done -> Future.succeededFuture(done.succeeded())));
  }

  static Set<String> ids(List<Service> versions) {
    return versions.stream()
        .flatMap(version -> version.nodes().stream())
        .map(Node::id)
        .collect(Collectors.toSet());
  }

  /** Returns what the events add up to. */
  List<Service> state() {
    List<Service> state = List.of();
    for (RegistryEvent event : events) {
      state = Versions.apply(state, event);
    }
    return state;
  }

  void awaitNodes(String... ids) {
    until(() -> ids(state()).equals(Set.of(ids)), Set.of(ids) + " are known");
  }

  boolean sawADelete() {
    return events.stream().anyMatch(event -> event.action() == RegistryEvent.Action.DELETE);
  }
}
