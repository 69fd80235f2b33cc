// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One service in a {@link CachingRegistry}.
 *
 * <p>Three things happen in any order: answers to look-ups, reported changes, and timers. They meet
 * on the home of the cache, one at a time, and these rules hold:
 *
 * <ul>
 *   <li>At most one look-up is under way. A late answer to one that timed out is dropped.
 *   <li>Changes that are reported during a look-up are applied to what is known, and again to the
 *       answer, which may be older than they are. If they are newer than the answer, that is right;
 *       if the answer has seen them, it changes nothing, or is put right by the changes that
 *       follow.
 *   <li>A look-up that began before the watch stood is repeated when it stands: what changed in
 *       between was reported to nobody.
 *   <li>Known nodes are replaced by an answer that has nodes. An answer without nodes and a failure
 *       only make them stale.
 * </ul>
 */
final class CachedService {

  private static final System.Logger LOG = System.getLogger(CachedService.class.getName());
  private static final long FIRST_BACKOFF = 1_000_000_000L;
  private static final int MAX_MISSED = 1_000;

  private final CachingRegistry cache;
  private final String name;

  // Written on the home of the cache, read by anyone: the known nodes or the look-up for them.
  private volatile @Nullable Future<List<Service>> answer;
  private volatile boolean stale;

  // Set by readers, cleared on the home of the cache.
  private volatile boolean used = true;

  // Touched on the home of the cache only.
  private @Nullable List<Service> known;
  private @Nullable Promise<List<Service>> awaited;
  private final List<RegistryEvent> missed = new ArrayList<>();
  private @Nullable Watch watch;
  private @Nullable Timer refresh;
  private @Nullable Timer timeout;
  private boolean looking;
  private boolean again;
  private boolean standing;
  private boolean forgotten;
  private int lookUps;
  private int failures;
  private long confirmedAt;
  private long usedAt;

  CachedService(CachingRegistry cache, String name) {
    this.cache = cache;
    this.name = name;
    this.usedAt = cache.time().nanoTime();
  }

  String name() {
    return name;
  }

  /** Called by anyone: the known nodes, or the look-up that is under way for them, or null. */
  @Nullable Future<List<Service>> answer() {
    Future<List<Service>> now = answer;
    if (now != null && !used) {
      used = true;
    }
    return now;
  }

  boolean isStale() {
    return stale;
  }

  boolean isAwaited() {
    return awaited != null;
  }

  /** Tells whether the service was read since this was last asked. */
  boolean clearUsed() {
    boolean before = used;
    used = false;
    return before;
  }

  /** Returns what is known, or looks it up. */
  Future<List<Service>> lookUp() {
    Future<List<Service>> now = answer;
    if (now != null) {
      return now;
    }
    Promise<List<Service>> promise = Promise.promise();
    awaited = promise;
    answer = promise.future();
    ask();
    return promise.future();
  }

  private void ask() {
    if (looking) {
      return;
    }
    cancelTimers();
    looking = true;
    missed.clear();
    if (watch == null) {
      openWatch();
    }
    again = !standing;
    int number = ++lookUps;
    timeout =
        time()
            .timer(
                cache.options().getLookUpTimeout().toNanos(),
                () -> answered(number, Future.failedFuture(timeoutFailure())));
    cache
        .registry()
        .get(name)
        .onComplete(result -> cache.home().execute(() -> answered(number, result)));
  }

  private void openWatch() {
    standing = false;
    Watch opened =
        cache.registry().watch(name, event -> cache.home().execute(() -> changed(event)));
    watch = opened;
    opened.ready().onComplete(ready -> cache.home().execute(() -> watched(opened, ready)));
  }

  private void watched(Watch opened, AsyncResult<Void> ready) {
    if (forgotten) {
      return;
    }
    if (ready.succeeded()) {
      standing = true;
      if (!looking && again) {
        ask();
      }
    } else {
      LOG.log(Level.DEBUG, () -> "service " + name + ": not watched: " + ready.cause());
      opened.close();
      watch = null;
    }
  }

  private void changed(RegistryEvent event) {
    if (forgotten) {
      return;
    }
    if (looking) {
      again |= missed.size() == MAX_MISSED;
      if (!again) {
        missed.add(event);
      }
    }
    List<Service> before = known;
    if (before != null) {
      publish(Versions.apply(before, event));
    } else if (awaited == null) {
      confirmedAt = time().nanoTime();
      publish(Versions.apply(List.of(), event));
    }
  }

  private void answered(int number, AsyncResult<List<Service>> result) {
    if (forgotten || !looking || number != lookUps) {
      return;
    }
    looking = false;
    cancelTimers();
    if (result.failed()) {
      failed(result.cause());
      return;
    }
    List<Service> nodes = result.result();
    if (Versions.nodes(nodes) == 0 && known != null) {
      failed(null);
      return;
    }
    for (RegistryEvent event : missed) {
      nodes = Versions.apply(nodes, event);
    }
    found(nodes);
  }

  private void found(List<Service> nodes) {
    if (stale) {
      LOG.log(Level.INFO, () -> "service " + name + ": the registry answers again");
    }
    stale = false;
    failures = 0;
    confirmedAt = time().nanoTime();
    boolean unknown = Versions.nodes(nodes) == 0;
    publish(nodes);
    if (unknown) {
      forget();
    } else if (again && standing) {
      ask();
    } else {
      refreshIn(jittered(cache.options().getTtl().toNanos(), 0.8, 1));
    }
  }

  /**
   * Makes {@code nodes} the answer; without nodes there is none, and the next caller asks again.
   */
  private void publish(List<Service> nodes) {
    Promise<List<Service>> waiting = awaited;
    awaited = null;
    if (nodes.isEmpty()) {
      known = null;
      answer = null;
    } else if (known == null || !Versions.same(known, nodes)) {
      known = nodes;
      answer = Future.succeededFuture(nodes);
    }
    if (waiting != null) {
      waiting.complete(nodes);
    }
  }

  /** The look-up gave no nodes: {@code cause} says why, null if the registry knows of none. */
  private void failed(@Nullable Throwable cause) {
    List<Service> kept = known;
    if (kept == null) {
      forgetBecause(unreachable(cause));
      return;
    }
    Duration age = Duration.ofNanos(time().nanoTime() - confirmedAt);
    String why = cause == null ? "the registry knows of no node" : "the registry fails: " + cause;
    Duration left = cache.options().getMaxStale().minus(age);
    if (left.isNegative() || left.isZero()) {
      LOG.log(
          Level.WARNING,
          () -> "service " + name + ": gave up nodes last confirmed " + age + " ago: " + why);
      forgetBecause(unreachable(cause));
      return;
    }
    if (!stale) {
      LOG.log(
          Level.WARNING,
          () -> "service " + name + ": serving " + Versions.nodes(kept) + " known nodes: " + why);
    }
    stale = true;
    failures++;
    refreshIn(Math.min(backoff(), left.toNanos()));
  }

  private long backoff() {
    long doubled = FIRST_BACKOFF << Math.min(failures - 1, 20);
    return jittered(Math.min(doubled, cache.options().getTtl().toNanos()), 0.8, 1.2);
  }

  private long jittered(long nanos, double least, double most) {
    return (long) (nanos * cache.random().nextDouble(least, most));
  }

  private void refreshIn(long nanos) {
    refresh = time().timer(nanos, this::refresh);
  }

  private void refresh() {
    if (forgotten) {
      return;
    }
    long now = time().nanoTime();
    if (clearUsed()) {
      usedAt = now;
    }
    if (!stale && now - usedAt >= cache.options().getIdleTimeout().toNanos()) {
      forget();
    } else {
      ask();
    }
  }

  /** Drops the service; whoever waits for it fails with UNAVAILABLE. */
  void forget() {
    forgetBecause(
        RpcException.client(GrpcStatus.UNAVAILABLE, "service " + name + ": registry closed")
            .build());
  }

  private void forgetBecause(RpcException failure) {
    forgotten = true;
    cache.remove(this);
    cancelTimers();
    if (watch != null) {
      watch.close();
    }
    Promise<List<Service>> waiting = awaited;
    awaited = null;
    answer = null;
    if (waiting != null) {
      waiting.fail(failure);
    }
  }

  private void cancelTimers() {
    if (refresh != null) {
      refresh.cancel();
      refresh = null;
    }
    if (timeout != null) {
      timeout.cancel();
      timeout = null;
    }
  }

  private RpcException unreachable(@Nullable Throwable cause) {
    return cause instanceof RpcException known
        ? known
        : RpcException.client(
                GrpcStatus.UNAVAILABLE, "service " + name + ": registry failed: " + cause)
            .cause(cause)
            .build();
  }

  private RpcException timeoutFailure() {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE,
            "service "
                + name
                + ": the registry did not answer within "
                + cache.options().getLookUpTimeout())
        .build();
  }

  private TimeSource time() {
    return cache.time();
  }
}
