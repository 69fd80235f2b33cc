// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Answers look-ups from memory, and keeps answering while the registry behind it does not.
 *
 * <ul>
 *   <li>The first look-up of a service goes to the registry, once however many callers wait for it.
 *       From then on the service is watched, and read again after its TTL.
 *   <li>{@link #get} of a known service returns the same completed {@code Future} with the same
 *       list as long as nothing changes: an answer that repeats what is known, in whatever order,
 *       is no change.
 *   <li>While the registry fails, hangs, answers garbage or that there are no nodes, the last known
 *       nodes are served, for at most {@link CachingOptions#getMaxStale()}, and the registry is
 *       asked again with a growing backoff. Reported deletes are believed at once.
 *   <li>Known nodes that an answer lacks, beside others that it has, are served for {@link
 *       CachingOptions#getGrace()}: a registry that restarted without its memory fills up node by
 *       node.
 *   <li>With {@link CachingOptions#setSnapshotFile a file}, what was known to the process before is
 *       served if the registry fails, has no nodes or does not answer within {@value
 *       CachedService#PATIENCE_MILLIS} ms.
 *   <li>That a service is unknown, or that the first look-up failed, is not remembered: the next
 *       caller asks again.
 * </ul>
 *
 * <p>May be used from any thread. It works on the event loop of the context that made it, and goes
 * on when the verticle of that context is undeployed: whoever made it closes it. Look-ups that had
 * to wait complete on that event loop. The registry behind it stays open when this one is closed;
 * {@link #list}, {@link #register} and {@link #watch} go straight to it.
 */
public final class CachingRegistry implements Registry {

  private static final System.Logger LOG = System.getLogger(CachingRegistry.class.getName());

  private final Registry registry;
  private final TimeSource time;
  private final CachingOptions options;
  private final RegistryObserver observer;
  private final RandomGenerator random;
  private final Home home;
  private final @Nullable RegistrySnapshot snapshot;
  private final ConcurrentMap<String, CachedService> services = new ConcurrentHashMap<>();
  private volatile boolean closed;

  private CachingRegistry(
      Registry registry,
      TimeSource time,
      CachingOptions options,
      RegistryObserver observer,
      Home home) {
    this.registry = Objects.requireNonNull(registry, "registry");
    this.time = Objects.requireNonNull(time, "time");
    this.options = new CachingOptions(options);
    this.observer = GuardedRegistryObserver.of(observer);
    this.random = home == Home.IMMEDIATE ? new SplittableRandom(1) : new SplittableRandom();
    this.home = home;
    this.snapshot = snapshot(this.options, time, home);
  }

  private static @Nullable RegistrySnapshot snapshot(
      CachingOptions options, TimeSource time, Home home) {
    String path = options.getSnapshotFile();
    if (path == null) {
      return null;
    }
    Complaints complaints = new Complaints(LOG, time);
    SnapshotFile file = new SnapshotFile(Path.of(path), complaints);
    return new RegistrySnapshot(file, options, time, home, complaints);
  }

  /** Returns a cache before {@code registry} with all defaults. */
  public static CachingRegistry create(Vertx vertx, Registry registry) {
    return create(vertx, registry, new CachingOptions());
  }

  /** Returns a cache before {@code registry}. */
  public static CachingRegistry create(Vertx vertx, Registry registry, CachingOptions options) {
    return create(vertx, registry, options, TimeSource.of(vertx), RegistryObserver.NONE);
  }

  /**
   * Returns a cache before {@code registry}.
   *
   * @param time the clock and timers that freshness stands on
   * @param observer sees failures and how stale the nodes are
   * @throws IllegalArgumentException if the file of the snapshot is no path
   */
  public static CachingRegistry create(
      Vertx vertx,
      Registry registry,
      CachingOptions options,
      TimeSource time,
      RegistryObserver observer) {
    return new CachingRegistry(registry, time, options, observer, Home.of(vertx)).start();
  }

  /** Returns a cache that does everything at once on the thread that calls it. */
  static CachingRegistry immediate(Registry registry, CachingOptions options, TimeSource time) {
    return immediate(registry, options, time, RegistryObserver.NONE);
  }

  /** Returns a cache that does everything at once on the thread that calls it. */
  static CachingRegistry immediate(
      Registry registry, CachingOptions options, TimeSource time, RegistryObserver observer) {
    return new CachingRegistry(registry, time, options, observer, Home.IMMEDIATE).start();
  }

  private CachingRegistry start() {
    if (snapshot != null) {
      home.execute(snapshot::load);
    }
    return this;
  }

  @Override
  public Future<List<Service>> get(String service) {
    CachedService cached = services.get(service);
    Future<List<Service>> answer = cached == null ? null : cached.answer();
    return answer != null ? answer : lookUp(service);
  }

  private Future<List<Service>> lookUp(String service) {
    Promise<List<Service>> promise = Promise.promise();
    try {
      home.execute(() -> lookUpAtHome(service).onComplete(promise));
    } catch (RejectedExecutionException ended) {
      promise.fail(closedFailure());
    }
    return promise.future();
  }

  private Future<List<Service>> lookUpAtHome(String service) {
    if (closed) {
      return Future.failedFuture(closedFailure());
    }
    if (snapshot != null && !snapshot.loaded().isComplete()) {
      return snapshot.loaded().compose(read -> lookUpAtHome(service));
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

  /**
   * Tells whether {@link #get} serves nodes of that service although the registry fails, or knows
   * of none.
   */
  public boolean isStale(String service) {
    CachedService cached = services.get(service);
    return cached != null && cached.isStale();
  }

  /**
   * Returns how long ago the registry last answered with nodes of that service; nothing if {@link
   * #get} would have to wait.
   */
  public Optional<Duration> age(String service) {
    CachedService cached = services.get(service);
    return cached == null ? Optional.empty() : cached.knownAge();
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

  @Override
  public boolean answersFromMemory() {
    return true;
  }

  /**
   * Ends the watches and timers of this cache; completes when its file, if it has one, is written.
   * What was registered or watched through it goes on.
   */
  @Override
  public Future<Void> close() {
    closed = true;
    Promise<Void> promise = Promise.promise();
    try {
      home.execute(
          () -> {
            services.values().forEach(CachedService::forget);
            (snapshot == null ? Future.<Void>succeededFuture() : snapshot.close())
                .onComplete(promise);
          });
    } catch (RejectedExecutionException ended) {
      promise.complete();
    }
    return promise.future();
  }

  private static RpcException closedFailure() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "caching registry: closed").build();
  }

  /**
   * Runs what somebody else completed or reported at home, unless the Vert.x instance has ended.
   */
  void atHome(Runnable task) {
    try {
      home.execute(task);
    } catch (RejectedExecutionException ended) {
      LOG.log(Level.DEBUG, "the Vert.x instance of a caching registry has ended", ended);
    }
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

  RegistryObserver observer() {
    return observer;
  }

  RandomGenerator random() {
    return random;
  }

  @Nullable RegistrySnapshot snapshot() {
    return snapshot;
  }

  void remove(CachedService cached) {
    services.remove(cached.name(), cached);
  }

  @Override
  public String toString() {
    return "CachingRegistry[" + registry + ", " + services.size() + " services, " + options + "]";
  }
}
