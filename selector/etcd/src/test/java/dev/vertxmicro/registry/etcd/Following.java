// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Versions;
import dev.vertxmicro.registry.Watch;
import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Follows a watch: the events in their order, and what they add up to; and waits for answers. */
final class Following implements AutoCloseable {

  private static final long WAIT_SECONDS = 30;

  private final BlockingQueue<RegistryEvent> seen = new LinkedBlockingQueue<>(10_000);
  private final Watch watch;
  private List<Service> state = List.of();

  Following(Registry registry, String service) {
    watch = registry.watch(service, seen::add);
    await(watch.ready());
    state = await(registry.get(service));
  }

  RegistryEvent next() {
    try {
      RegistryEvent event = seen.poll(WAIT_SECONDS, TimeUnit.SECONDS);
      assertNotNull(event, () -> "no event in time, after " + state);
      state = Versions.apply(state, event);
      return event;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Takes events until the ids of the nodes are these; returns the last. */
  RegistryEvent until(String... ids) {
    RegistryEvent event;
    do {
      event = next();
    } while (!ids(state).equals(Set.of(ids)));
    return event;
  }

  /** Returns the events that nobody has taken. */
  List<RegistryEvent> rest() {
    return List.copyOf(seen);
  }

  @Override
  public void close() {
    watch.close();
  }

  static Set<String> ids(List<Service> services) {
    return services.stream()
        .flatMap(service -> service.nodes().stream())
        .map(Node::id)
        .collect(Collectors.toSet());
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(failed.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no result in time", e);
    }
  }

  static RpcException failure(Future<?> future) {
    return assertInstanceOf(
        RpcException.class, assertThrows(RuntimeException.class, () -> await(future)));
  }

  /** Asks again and again until the answer is {@code expected}. */
  static <T> void eventually(T expected, Supplier<T> actual) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    T now = actual.get();
    while (!now.equals(expected) && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(10_000_000);
      now = actual.get();
    }
    assertEquals(expected, now);
  }
}
