// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.etcd.EtcdStore;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A part in etcd's usual election: each candidate writes a key of its own on a lease of its own,
 * and the oldest key leads (go.etcd.io/etcd/client/v3/concurrency has the same keys).
 *
 * <pre>
 *   join: lease, key --> read all keys, tell who is oldest --> watch --> something changed
 *     ^                       ^                                              |
 *     |                       '----------------------------------------------'
 *     '-- lost: no sign of life within the TTL, or the key is gone
 * </pre>
 *
 * <p>What is late is told by {@code round}: each join begins another, and answers to an earlier one
 * are dropped. The own key is written once, so that its revision in a condition means: this very
 * key is still there.
 */
final class EtcdCandidacy implements Candidacy, EtcdStore.Watcher {

  private static final System.Logger LOG = System.getLogger(EtcdCandidacy.class.getName());

  /** How often to look although no change was reported, as the original. */
  private static final Duration LOOK = Duration.ofSeconds(20);

  private static final long NO_LEASE = 0;

  private final EtcdStore store;
  private final TimeSource time;
  private final ElectionOptions options;
  private final String master;
  private final Announcements announcements;

  private int round;
  private long lease = NO_LEASE;
  private String key = "";
  private long writtenAt;
  private boolean keeping;
  private boolean looking;
  private boolean lookAgain;
  private Runnable watch = () -> {};
  private @Nullable Timer retry;
  private @Nullable Timer keepAlive;
  private @Nullable Timer expiry;
  private @Nullable Timer look;
  private boolean closed;

  EtcdCandidacy(
      EtcdStore store,
      TimeSource time,
      ElectionOptions options,
      String master,
      Announcements announcements) {
    this.store = store;
    this.time = time;
    this.options = options;
    this.master = master;
    this.announcements = announcements;
  }

  void join() {
    retry = null;
    int mine = ++round;
    keeping = false;
    looking = false;
    long asked = time.nanoTime();
    store
        .grant(options.ttl())
        .compose(granted -> writeKey(mine, granted))
        .onSuccess(written -> joined(mine, asked, written))
        .onFailure(failure -> failed(mine, failure));
  }

  private Future<EtcdStore.Committed> writeKey(int mine, long granted) {
    if (isLate(mine)) {
      return store.revoke(granted).transform(gone -> Future.failedFuture(Failures.closed()));
    }
    lease = granted;
    key = EtcdBackend.ELECTION + Long.toHexString(granted);
    return store.write().ifAbsent(key).put(key, Buffer.buffer(master), granted).commit();
  }

  private void joined(int mine, long asked, EtcdStore.Committed written) {
    if (isLate(mine)) {
      return;
    }
    if (!written.succeeded()) {
      lost(mine, "its key was there already");
      return;
    }
    writtenAt = written.revision();
    renewed(mine, asked);
    scheduleKeepAlive(mine);
    look(mine);
  }

  private void failed(int mine, Throwable failure) {
    if (!isLate(mine)) {
      lost(mine, RpcException.from(failure).detail());
    }
  }

  private boolean isLate(int mine) {
    return closed || mine != round;
  }

  // signs of life

  private void scheduleKeepAlive(int mine) {
    keepAlive = time.timer(Nanos.of(options.interval()), () -> keepAlive(mine));
  }

  private void keepAlive(int mine) {
    scheduleKeepAlive(mine);
    if (keeping) {
      return;
    }
    keeping = true;
    long asked = time.nanoTime();
    store
        .keepAlive(lease)
        .onComplete(
            kept -> {
              if (isLate(mine)) {
                return;
              }
              keeping = false;
              if (kept.succeeded() && kept.result().isZero()) {
                lost(mine, "its lease has ended");
              } else if (kept.succeeded()) {
                renewed(mine, asked);
              }
            });
  }

  /** Counted from when etcd was asked: it may have granted at any time since. */
  private void renewed(int mine, long asked) {
    if (expiry != null) {
      expiry.cancel();
    }
    long left = Nanos.of(options.ttl()) - (time.nanoTime() - asked);
    expiry = time.timer(left, () -> lost(mine, "no sign of life within " + options.ttl()));
  }

  // who leads

  private void look(int mine) {
    if (looking) {
      lookAgain = true;
      return;
    }
    looking = true;
    lookAgain = false;
    cancel(look);
    store
        .read(EtcdBackend.ELECTION)
        .onComplete(
            read -> {
              if (isLate(mine)) {
                return;
              }
              looking = false;
              if (read.failed()) {
                look = time.timer(Nanos.of(options.pause()), () -> look(mine));
              } else {
                looked(mine, read.result());
              }
            });
  }

  private void looked(int mine, EtcdStore.Items candidates) {
    EtcdStore.Item leader =
        candidates.items().stream()
            .min(Comparator.comparingLong(EtcdStore.Item::createRevision))
            .orElse(null);
    boolean present =
        candidates.items().stream()
            .anyMatch(item -> item.key().equals(key) && item.modRevision() == writtenAt);
    if (leader == null || !present) {
      lost(mine, "its key is gone");
      return;
    }
    // Watches before it tells: whoever is told may end this.
    watch.run();
    watch = store.watch(EtcdBackend.ELECTION, candidates.revision(), this);
    look = time.timer(Nanos.of(LOOK), () -> look(mine));
    announcements.announce(
        new Leadership(
            leader.value().toString(), leader.key().equals(key) ? new EtcdTerm(mine) : null));
    if (lookAgain) {
      look(mine);
    }
  }

  @Override
  public void put(EtcdStore.Item item) {
    look(round);
  }

  @Override
  public void deleted(String gone) {
    look(round);
  }

  @Override
  public void ended(RpcException failure) {
    if (!closed) {
      int mine = round;
      cancel(look);
      look = time.timer(Nanos.of(options.pause()), () -> look(mine));
    }
  }

  // the end

  /** Begins anew with another lease. */
  private void lost(int mine, String why) {
    if (isLate(mine)) {
      return;
    }
    LOG.log(Level.WARNING, () -> master + " is out of the election, and joins again: " + why);
    long old = lease;
    leave();
    if (old != NO_LEASE) {
      // So that the key is not left until its TTL ends; if nobody hears it, it ends then.
      store.revoke(old);
    }
    announcements.announce(Leadership.NONE);
    if (!closed) {
      retry = time.timer(Nanos.of(options.pause()), this::join);
    }
  }

  private void leave() {
    round++;
    lease = NO_LEASE;
    watch.run();
    cancel(keepAlive);
    cancel(expiry);
    cancel(look);
    cancel(retry);
  }

  private static void cancel(@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }

  @Override
  public Future<Void> close() {
    long old = lease;
    abandon();
    return old == NO_LEASE
        ? Future.succeededFuture()
        : store.revoke(old).transform(done -> Future.succeededFuture());
  }

  void abandon() {
    closed = true;
    announcements.close();
    leave();
  }

  /** Writes on the condition that the own key is still there. */
  private final class EtcdTerm implements Term {

    private final int mine;
    private final String ownKey = key;
    private final long revision = writtenAt;

    EtcdTerm(int mine) {
      this.mine = mine;
    }

    @Override
    public long number() {
      return revision;
    }

    @Override
    public Future<Void> put(String name, Buffer value) {
      return commit(fenced().put(EtcdBackend.RESOURCES + name, value));
    }

    @Override
    public Future<Void> delete(String name) {
      return commit(fenced().delete(EtcdBackend.RESOURCES + name));
    }

    private EtcdStore.Write fenced() {
      return store.write().ifWrittenAt(ownKey, revision);
    }

    private Future<Void> commit(EtcdStore.Write write) {
      return write
          .commit()
          .compose(
              committed -> {
                if (committed.succeeded()) {
                  return Future.succeededFuture();
                }
                lost(mine, "a write found its key gone");
                return Future.failedFuture(Failures.termIsOver());
              });
    }
  }
}
