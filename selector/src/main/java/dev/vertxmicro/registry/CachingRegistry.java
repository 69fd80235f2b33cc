// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * Answers look-ups from memory, and keeps answering while the registry behind it does not.
 *
 * <ul>
 *   <li>The first look-up of a service goes to the registry, once however many callers wait for it.
 *       From then on the service is watched, and read again after its TTL.
 *   <li>{@link #get} of a known service returns the same completed {@code Future} with the same
 *       list as long as nothing changes: an answer that repeats what is known, in whatever order,
 *       is no change.
 *   <li>While the registry fails, hangs or answers that there are no nodes, the last known nodes
 *       are served, for at most {@link CachingOptions#getMaxStale()}, and the registry is asked
 *       again with a growing backoff. Reported deletes are believed at once.
 *   <li>That a service is unknown, or that the first look-up failed, is not remembered: the next
 *       caller asks again.
 * </ul>
 *
 * <p>May be used from any thread. Its timers run on the Vert.x context that made it; if that is a
 * verticle's, they end when the verticle is undeployed, and the registry should be closed with it.
 * Look-ups that had to wait complete on that context. The registry behind it stays open when this
 * one is closed; {@link #list}, {@link #register} and {@link #watch} go straight to it.
 */
public final class CachingRegistry implements Registry {

  private final Registry registry;
  private final TimeSource time;
  private final CachingOptions options;
  private final RandomGenerator random;
  private final Executor home;
  private final ConcurrentMap<String, CachedService> services = new ConcurrentHashMap<>();
  private volatile boolean closed;

  private CachingRegistry(
      Registry registry,
      TimeSource time,
      CachingOptions options,
      RandomGenerator random,
      Executor home) {
    this.registry = Objects.requireNonNull(registry, "registry");
    this.time = Objects.requireNonNull(time, "time");
    this.options = new CachingOptions(options);
    this.random = random;
    this.home = home;
  }

  /** Returns a cache before {@code registry} with all defaults. */
  public static CachingRegistry create(Vertx vertx, Registry registry) {
    return create(vertx, registry, new CachingOptions());
  }

  /** Returns a cache before {@code registry}. */
  public static CachingRegistry create(Vertx vertx, Registry registry, CachingOptions options) {
    return create(vertx, registry, options, TimeSource.of(vertx));
  }

  /**
   * Returns a cache before {@code registry}.
   *
   * @param time the clock and timers that freshness stands on
   */
  public static CachingRegistry create(
      Vertx vertx, Registry registry, CachingOptions options, TimeSource time) {
    Context context = vertx.getOrCreateContext();
    return new CachingRegistry(
        registry,
        time,
        options,
        new SplittableRandom(),
        task -> {
          if (Vertx.currentContext() == context) {
            task.run();
          } else {
            context.runOnContext(hop -> task.run());
          }
        });
  }

  /** Returns a cache that does everything at once on the thread that calls it. */
  static CachingRegistry immediate(Registry registry, CachingOptions options, TimeSource time) {
    return new CachingRegistry(registry, time, options, new SplittableRandom(1), Runnable::run);
  }

  @Override
  public Future<List<Service>> get(String service) {
    CachedService cached = services.get(service);
    Future<List<Service>> answer = cached == null ? null : cached.answer();
    return answer != null ? answer : lookUp(service);
  }

  private Future<List<Service>> lookUp(String service) {
    Promise<List<Service>> promise = Promise.promise();
    home.execute(() -> lookUpAtHome(service).onComplete(promise));
    return promise.future();
  }

  private Future<List<Service>> lookUpAtHome(String service) {
    if (closed) {
      return Future.failedFuture(closedFailure());
    }
    CachedService cached = services.get(service);
    if (cached == null) {
      if (services.size() >= options.getMaxServices() && !evictOne()) {
        return Future.failedFuture(
            RpcException.client(
                    GrpcStatus.UNAVAILABLE,
                    "service " + service + ": " + services.size() + " other look-ups under way")
                .build());
      }
      cached = new CachedService(this, service);
      services.put(service, cached);
    }
    return cached.lookUp();
  }

  /** Makes room: the first service not read since it was last passed over, else the first. */
  private boolean evictOne() {
    CachedService victim = null;
    for (CachedService cached : services.values()) {
      if (cached.isAwaited()) {
        continue;
      }
      boolean used = cached.clearUsed();
      if (victim == null || !used) {
        victim = cached;
      }
      if (!used) {
        break;
      }
    }
    if (victim != null) {
      victim.forget();
    }
    return victim != null;
  }

  /** Tells whether {@link #get} serves nodes of that service that the registry does not confirm. */
  public boolean isStale(String service) {
    CachedService cached = services.get(service);
    return cached != null && cached.isStale();
  }

  @Override
  public Future<List<String>> list() {
    return closed ? Future.failedFuture(closedFailure()) : registry.list();
  }

  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    return closed ? Future.failedFuture(closedFailure()) : registry.register(service, options);
  }

  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    return closed ? new FailedWatch(closedFailure()) : registry.watch(service, handler);
  }

  /**
   * Ends the watches and timers of this cache. What was registered or watched through it goes on.
   */
  @Override
  public boolean answersFromMemory() {
    return true;
  }

  @Override
  public Future<Void> close() {
    closed = true;
    Promise<Void> promise = Promise.promise();
    home.execute(
        () -> {
          services.values().forEach(CachedService::forget);
          promise.complete();
        });
    return promise.future();
  }

  private static RpcException closedFailure() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "caching registry: closed").build();
  }

  Registry registry() {
    return registry;
  }

  TimeSource time() {
    return time;
  }

  CachingOptions options() {
    return options;
  }

  RandomGenerator random() {
    return random;
  }

  Executor home() {
    return home;
  }

  void remove(CachedService cached) {
    services.remove(cached.name(), cached);
  }

  @Override
  public String toString() {
    return "CachingRegistry[" + registry + ", " + services.size() + " services, " + options + "]";
  }
}
