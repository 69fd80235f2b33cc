// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.SnapshotFile.Known;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
 *   <li>Known nodes are replaced by an answer that has nodes; those it lacks stay {@link
 *       Unconfirmed unconfirmed} for a grace. An answer without nodes, garbage and a failure only
 *       make them stale.
 *   <li>What a process before this one knew is served as if this one had known it, but only once
 *       the registry has failed, or is slow.
 * </ul>
 */
final class CachedService {

  private static final System.Logger LOG = System.getLogger(CachedService.class.getName());
  private static final long FIRST_BACKOFF = 1_000_000_000L;
  private static final int MAX_MISSED = 1_000;

  /** How long the registry may take before what the snapshot says is served. */
  static final long PATIENCE_MILLIS = 250;

  private final CachingRegistry cache;
  private final String name;

  // Written on the home of the cache, read by anyone: the known nodes or the look-up for them.
  private volatile @Nullable Future<List<Service>> answer;
  private volatile boolean stale;
  private volatile long confirmedAt;

  // Set by readers, cleared on the home of the cache.
  private volatile boolean used = true;

  // Touched on the home of the cache only.
  private @Nullable List<Service> known;
  private @Nullable Promise<List<Service>> awaited;
  private final List<RegistryEvent> missed = new ArrayList<>();
  private final Unconfirmed unconfirmed = new Unconfirmed();
  private @Nullable Watch watch;
  private @Nullable Timer refresh;
  private @Nullable Timer timeout;
  private @Nullable Timer patience;
  private boolean looking;
  private boolean again;
  private boolean standing;
  private boolean forgotten;
  private int lookUps;
  private int failures;
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

  /** Called by anyone: since when the nodes that are served are not confirmed. */
  Optional<Duration> knownAge() {
    Future<List<Service>> now = answer;
    return now != null && now.isComplete() ? Optional.of(age()) : Optional.empty();
  }

  private Duration age() {
    return Duration.ofNanos(Math.max(0, time().nanoTime() - confirmedAt));
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
    if (awaited == promise && remembered() != null) {
      patience =
          time()
              .timer(
                  PATIENCE_MILLIS * 1_000_000,
                  () -> fallBack("the registry has not answered within a moment"));
    }
    return promise.future();
  }

  private @Nullable Known remembered() {
    RegistrySnapshot snapshot = cache.snapshot();
    return snapshot == null ? null : snapshot.get(name);
  }

  /** Serves what the snapshot remembers, if nothing else is known. */
  private void fallBack(String why) {
    RegistrySnapshot snapshot = cache.snapshot();
    Known last = remembered();
    if (forgotten || known != null || snapshot == null || last == null) {
      return;
    }
    Duration age = snapshot.age(last);
    confirmedAt = time().nanoTime() - age.toNanos();
    becomeStale(last.versions(), why);
    publish(withMissed(last.versions()));
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
    read().onComplete(result -> cache.atHome(() -> answered(number, result)));
  }

  private Future<List<Service>> read() {
    try {
      return Objects.requireNonNull(cache.registry().get(name), "get returned null");
    } catch (RuntimeException thrown) {
      return Future.failedFuture(thrown);
    }
  }

  private void openWatch() {
    standing = false;
    try {
      Watch opened =
          Objects.requireNonNull(
              cache.registry().watch(name, event -> cache.atHome(() -> changed(event))),
              "watch returned null");
      watch = opened;
      opened.ready().onComplete(ready -> cache.atHome(() -> watched(opened, ready)));
    } catch (RuntimeException thrown) {
      LOG.log(Level.DEBUG, () -> "service " + name + ": not watched: " + thrown);
      watch = null;
    }
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
      List<Service> after = Versions.apply(before, event);
      int unsure = unconfirmed.size();
      unconfirmed.see(event, after);
      publish(after);
      observeUnconfirmed(unsure);
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
      lookUpFailed(unreachable(result.cause()));
      return;
    }
    List<Service> nodes;
    try {
      nodes = List.copyOf(result.result());
    } catch (RuntimeException garbage) {
      lookUpFailed(unreachable(garbage));
      return;
    }
    List<Service> current = known == null ? withMissed(nodes) : nodes;
    if (Versions.nodes(current) == 0) {
      fallBack("the registry knows of no node");
    }
    if (Versions.nodes(current) == 0 && known != null) {
      failed(null);
    } else {
      found(withMissed(nodes));
    }
  }

  private List<Service> withMissed(List<Service> versions) {
    List<Service> after = versions;
    for (RegistryEvent event : missed) {
      after = Versions.apply(after, event);
    }
    return after;
  }

  private void lookUpFailed(RpcException failure) {
    cache.observer().lookUpFailed(name, failure);
    if (known == null) {
      fallBack("the registry fails: " + failure);
    }
    failed(failure);
  }

  private void found(List<Service> answer) {
    List<Service> before = known;
    long now = time().nanoTime();
    int unsure = unconfirmed.size();
    becomeFresh();
    List<Service> nodes =
        before == null
            ? answer
            : unconfirmed.keep(before, answer, cache.options(), confirmedAt, now);
    failures = 0;
    confirmedAt = now;
    boolean unknown = Versions.nodes(nodes) == 0;
    publish(nodes);
    observeUnconfirmed(unsure);
    if (unknown) {
      forget();
    } else if (again && standing) {
      ask();
    } else {
      long ttl = jittered(cache.options().getTtl().toNanos(), 0.8, 1);
      refreshIn(Math.min(ttl, unconfirmed.nanosLeft(now)));
    }
  }

  private void becomeFresh() {
    if (stale) {
      LOG.log(Level.INFO, () -> "service " + name + ": the registry answers again");
      stale = false;
      unconfirmed.restart(cache.options(), time().nanoTime());
      cache.observer().serviceBecameFresh(name, age());
    }
  }

  private void becomeStale(List<Service> kept, String why) {
    if (!stale) {
      LOG.log(
          Level.WARNING,
          () ->
              "service "
                  + name
                  + ": serving "
                  + Versions.nodes(kept)
                  + " nodes last confirmed "
                  + age()
                  + " ago: "
                  + why);
      stale = true;
      cache.observer().serviceBecameStale(name, age());
    }
  }

  private void giveUp() {
    if (stale) {
      stale = false;
      cache.observer().serviceGivenUp(name, age());
    }
  }

  private void observeUnconfirmed(int before) {
    int now = unconfirmed.size();
    if (now != before) {
      LOG.log(
          Level.DEBUG,
          () -> "service " + name + ": the registry does not confirm " + now + " known nodes");
      cache.observer().nodesUnconfirmed(name, before, now);
    }
  }

  /**
   * Makes {@code nodes} the answer; without nodes there is none, and the next caller asks again.
   */
  private void publish(List<Service> nodes) {
    Promise<List<Service>> waiting = awaited;
    awaited = null;
    if (patience != null) {
      patience.cancel();
      patience = null;
    }
    if (nodes.isEmpty()) {
      known = null;
      answer = null;
      giveUp();
    } else if (known == null || !Versions.same(known, nodes)) {
      known = nodes;
      answer = Future.succeededFuture(nodes);
    }
    remember();
    if (waiting != null) {
      tell(() -> waiting.complete(nodes));
    }
  }

  /** A handler of one who looked up may throw, and what is still to be done here must be. */
  private void tell(Runnable completion) {
    try {
      completion.run();
    } catch (RuntimeException thrown) {
      LOG.log(Level.WARNING, "service " + name + ": a handler of a look-up has thrown", thrown);
    }
  }

  /** Tells the next process what is known, or that it is no longer. */
  private void remember() {
    RegistrySnapshot snapshot = cache.snapshot();
    List<Service> now = known;
    if (snapshot == null) {
      return;
    }
    if (now == null) {
      snapshot.remove(name);
    } else {
      snapshot.put(name, now, age());
    }
  }

  /** The look-up gave no nodes: {@code cause} says why, null if the registry knows of none. */
  private void failed(@Nullable RpcException cause) {
    if (known != null) {
      dropStale();
    }
    List<Service> kept = known;
    if (kept == null) {
      forgetBecause(unreachable(cause));
      return;
    }
    Duration age = age();
    String why = cause == null ? "the registry knows of no node" : "the registry fails: " + cause;
    Duration left = cache.options().getMaxStale().minus(age);
    if (left.isNegative() || left.isZero()) {
      LOG.log(
          Level.WARNING,
          () -> "service " + name + ": gave up nodes last confirmed " + age + " ago: " + why);
      publish(List.of());
      forgetBecause(unreachable(cause));
      return;
    }
    becomeStale(kept, why);
    failures++;
    refreshIn(Math.min(backoff(), left.toNanos()));
  }

  /** Drops those unconfirmed nodes that were confirmed too long ago. */
  private void dropStale() {
    List<Service> before = Objects.requireNonNull(known);
    int unsure = unconfirmed.size();
    List<Service> left = unconfirmed.withoutStale(before, time().nanoTime());
    if (left != before) {
      publish(left);
      observeUnconfirmed(unsure);
    }
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
    if (patience != null) {
      patience.cancel();
      patience = null;
    }
    giveUp();
    int unsure = unconfirmed.size();
    unconfirmed.clear();
    observeUnconfirmed(unsure);
    if (watch != null) {
      watch.close();
    }
    Promise<List<Service>> waiting = awaited;
    awaited = null;
    answer = null;
    if (waiting != null) {
      tell(() -> waiting.fail(failure));
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
