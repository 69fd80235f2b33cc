// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.LocalMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * A registry inside this process, for tests, for services that are embedded beside their callers,
 * and for programs that need no other.
 *
 * <p>Nodes whose owner gives no sign of life for their TTL are removed, and watchers are told,
 * which go-micro's memory registry forgets ({@code registry/memory.go}). Events come in the order
 * of the changes, each change as DELETE, then UPDATE, then CREATE; nothing is reported when a
 * registration repeats what is known. Events run on the Vert.x context that opened the watch;
 * {@code get}, {@code list}, {@code register} and {@code close} complete before they return. {@code
 * get} returns the same {@code Future} while nothing changes.
 *
 * <p>May be used from any thread. Closing ends the watches and registrations that were made through
 * this object; afterwards every method fails with code 503.
 */
public final class MemoryRegistry implements Registry {

  private static final String SHARED = "dev.vertxmicro.registry.memory";

  /** The generator of whichever thread asks: threads do not contend. */
  private static final RandomGenerator THREADS = () -> ThreadLocalRandom.current().nextLong();

  private static final Future<List<Service>> UNKNOWN = Future.succeededFuture(List.of());

  private final MemoryStore store;
  private final Supplier<Executor> executors;
  private final Set<MemoryRegistration> registrations = ConcurrentHashMap.newKeySet();
  private final Set<MemoryWatch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private MemoryRegistry(MemoryStore store, Supplier<Executor> executors) {
    this.store = store;
    this.executors = executors;
  }

  /** Returns a new registry of its own. */
  public static MemoryRegistry create(Vertx vertx) {
    return create(vertx, TimeSource.of(vertx));
  }

  /**
   * Returns a new registry of its own.
   *
   * @param time the clock and timers that expiry and signs of life stand on
   */
  public static MemoryRegistry create(Vertx vertx, TimeSource time) {
    Objects.requireNonNull(time, "time");
    return new MemoryRegistry(new MemoryStore(time, THREADS), executors(vertx));
  }

  /**
   * Returns the registry that all code on {@code vertx} shares. Each call returns another object on
   * the same nodes: closing it ends what was made through it and nothing else.
   */
  public static MemoryRegistry shared(Vertx vertx) {
    LocalMap<String, MemoryStore> stores = vertx.sharedData().getLocalMap(SHARED);
    MemoryStore store =
        stores.computeIfAbsent("store", name -> new MemoryStore(TimeSource.of(vertx), THREADS));
    return new MemoryRegistry(store, executors(vertx));
  }

  /** Returns a registry whose events run at once on the thread that makes the change. */
  static MemoryRegistry immediate(TimeSource time) {
    return new MemoryRegistry(new MemoryStore(time, new SplittableRandom(1)), () -> Runnable::run);
  }

  /** Returns another view of the same nodes. */
  MemoryRegistry another() {
    return new MemoryRegistry(store, executors);
  }

  private static Supplier<Executor> executors(Vertx vertx) {
    Objects.requireNonNull(vertx, "vertx");
    return () -> {
      Context context = vertx.getOrCreateContext();
      return task -> context.runOnContext(run -> task.run());
    };
  }

  @Override
  public Future<List<Service>> get(String service) {
    if (closed) {
      return Future.failedFuture(closedFailure());
    }
    Future<List<Service>> answer = store.answer(service);
    return answer != null ? answer : UNKNOWN;
  }

  @Override
  public Future<List<String>> list() {
    return closed ? Future.failedFuture(closedFailure()) : Future.succeededFuture(store.names());
  }

  /**
   * {@inheritDoc} A node id that is registered already, by whomever, moves to this registration.
   *
   * @throws IllegalArgumentException if the service has no node, or two with the same id
   */
  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    service.requireDistinctNodes();
    if (closed) {
      return Future.failedFuture(closedFailure());
    }
    MemoryRegistration registration =
        new MemoryRegistration(store, service, options, registrations);
    registrations.add(registration);
    registration.open();
    if (closed) {
      registration.close();
      return Future.failedFuture(closedFailure());
    }
    return Future.succeededFuture(registration);
  }

  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    Objects.requireNonNull(handler, "handler");
    MemoryWatch watch = new MemoryWatch(store, service, handler, executors.get(), watches);
    if (closed) {
      return new FailedWatch(closedFailure());
    }
    watches.add(watch);
    store.watch(watch);
    if (closed) {
      watch.close();
      return new FailedWatch(closedFailure());
    }
    return watch;
  }

  @Override
  public boolean answersFromMemory() {
    return true;
  }

  @Override
  public Future<Void> close() {
    closed = true;
    watches.forEach(MemoryWatch::close);
    registrations.forEach(MemoryRegistration::close);
    return Future.succeededFuture();
  }

  private static RpcException closedFailure() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "memory registry: closed").build();
  }
}
