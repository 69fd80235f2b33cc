// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A watch on one service that survives what happens to etcd. All but {@link #close} belongs to the
 * home of the registry.
 *
 * <pre>
 *   read all --> watch from the next revision --> ended --> wait --> compare --> watch on
 *      ^                                                               |
 *      '-- what differs is reported <-- compacted, or another history -'
 * </pre>
 *
 * <p>It knows all entries of the service and the revision up to which it knows them. Before it
 * resumes it reads the keys as they were at that revision: if they are what it knows, the store is
 * the one that it knew, and all changes since are in the stream of the new watch. Else the service
 * is read anew, and what differs is reported:
 *
 * <ul>
 *   <li>An entry that is not there any more is a DELETE if the store is the same and has only
 *       compacted its history: if cluster, term and revision went on, and an entry that it knew has
 *       not changed since.
 *   <li>If the store has another history, because etcd came back empty or from a backup, an entry
 *       that is not there is not reported: etcd has forgotten it, and its node has not gone. It is
 *       remembered without being confirmed, until its owner writes it again or for ever.
 * </ul>
 *
 * <p>That the revision went backwards would not do as a sign of lost state: many who register again
 * at once can have overtaken it.
 */
final class EtcdWatch implements Watch {

  private static final System.Logger LOG = System.getLogger(EtcdWatch.class.getName());

  /** How the next attempt begins. */
  private enum Resume {
    /** Compare, and watch on from where the last one ended. */
    COMPARE,
    /** Read all: the history that is needed is not to be had. */
    READ,
    /** The same, of a store that is known to be the same. */
    READ_SAME_STORE
  }

  private final EtcdRegistry registry;
  private final Home home;
  private final String service;
  private final Handler<RegistryEvent> handler;
  private final Executor caller;
  private final Promise<Void> ready;
  private final Backoff backoff;
  private final Buffer first;
  private final Buffer end;

  private volatile boolean closed;

  // Belongs to the home.
  private final Map<Buffer, Entry> known = new HashMap<>();
  private Header seen = Header.NONE;
  private long position;
  private Resume resume = Resume.COMPARE;
  private boolean stood;
  private boolean insideFragments;
  private int attempts;
  private boolean standing;
  private long standingSince;
  private @Nullable Timer timer;
  private @Nullable Attempt attempt;

  /**
   * Prepares a watch.
   *
   * @param caller runs what the caller is told
   * @param ready told when it stands
   */
  EtcdWatch(
      EtcdRegistry registry,
      String service,
      Handler<RegistryEvent> handler,
      Executor caller,
      Promise<Void> ready) {
    this.registry = registry;
    this.home = registry.home();
    this.service = service;
    this.handler = handler;
    this.caller = caller;
    this.ready = ready;
    this.backoff = new Backoff(home, Nanos.of(registry.options().getMaxBackoff()));
    this.first = registry.keys().firstOf(service);
    this.end = registry.keys().endOf(service);
  }

  @Override
  public Future<Void> ready() {
    return ready.future();
  }

  @Override
  public void close() {
    closed = true;
    home.execute(() -> end(Failures.closed()));
  }

  /** Ends what has not begun. */
  void refuse() {
    closed = true;
    ready.fail(Failures.closed());
  }

  private void end(RpcException why) {
    closed = true;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    if (attempt != null) {
      attempt.cancel();
      attempt = null;
    }
    known.clear();
    registry.ended(this);
    caller.execute(() -> ready.tryFail(why));
  }

  /** Reads the service and watches it from there on. */
  void start() {
    attempts++;
    readAll(
        snapshot -> {
          Changes unreported = new Changes();
          snapshot.entries().forEach(entry -> put(entry, unreported));
          moveTo(snapshot.header());
          open();
        });
  }

  private void readAll(Handler<PrefixReader.Snapshot> next) {
    RangeQuery query = new RangeQuery(first, end, 0, 0, false, false);
    read(query, this::entry, next, this::failed);
  }

  private Entry entry(KeyValue read) {
    return registry.entries().read(service, read);
  }

  private void read(
      RangeQuery query,
      Function<KeyValue, Entry> reader,
      Handler<PrefixReader.Snapshot> next,
      Handler<RpcException> failed) {
    int number = attempts;
    PrefixReader.read(registry.etcd(), query, registry.options().getMaxNodes(), reader)
        .onComplete(
            result -> {
              if (closed || number != attempts) {
                return;
              }
              if (result.succeeded()) {
                next.handle(result.result());
              } else {
                failed.handle(RpcException.from(result.cause()));
              }
            });
  }

  private void moveTo(Header header) {
    seen = header;
    position = header.revision();
  }

  private void open() {
    Attempt next = new Attempt();
    attempt = next;
    next.open();
  }

  private void resume() {
    timer = null;
    attempts++;
    switch (resume) {
      case COMPARE -> compare();
      case READ -> readAll(snapshot -> readAnew(snapshot, hasSameHistory(snapshot)));
      case READ_SAME_STORE -> readAll(snapshot -> readAnew(snapshot, true));
    }
  }

  private void compare() {
    read(
        new RangeQuery(first, end, 0, position, false, true),
        Entries::ofKey,
        snapshot -> {
          if (isKnown(snapshot.entries())) {
            open();
          } else {
            readAll(now -> readAnew(now, false));
          }
        },
        failure -> {
          if (failure.grpcStatus() == GrpcStatus.OUT_OF_RANGE) {
            // Compacted, or not yet reached: both are out of range, and the present tells.
            resume = Resume.READ;
            readAll(now -> readAnew(now, hasSameHistory(now)));
          } else {
            failed(failure);
          }
        });
  }

  private boolean isKnown(List<Entry> entries) {
    long confirmed = known.values().stream().filter(Entry::isConfirmed).count();
    return entries.size() == confirmed && entries.stream().allMatch(this::isUnchanged);
  }

  private boolean isUnchanged(Entry entry) {
    Entry before = known.get(entry.key());
    return before != null && before.modRevision() == entry.modRevision();
  }

  private boolean hasSameHistory(PrefixReader.Snapshot now) {
    return now.header().clusterId() == seen.clusterId()
        && now.header().raftTerm() >= seen.raftTerm()
        && now.header().revision() >= position
        && now.entries().stream().anyMatch(this::isUnchanged);
  }

  private void readAnew(PrefixReader.Snapshot now, boolean sameStore) {
    resume = Resume.COMPARE;
    Map<Buffer, Entry> missing = new HashMap<>(known);
    now.entries().forEach(entry -> missing.remove(entry.key()));
    Changes changes = new Changes();
    int forgotten = 0;
    for (Entry gone : missing.values()) {
      if (gone.isConfirmed() && sameStore) {
        remove(gone, changes);
      } else if (gone.isConfirmed()) {
        known.put(gone.key(), gone.unconfirmed());
        forgotten++;
      }
    }
    if (forgotten > 0) {
      int lost = forgotten;
      LOG.log(
          Level.WARNING,
          () ->
              "service " + service + ": etcd has forgotten " + lost + " nodes, not taken as gone");
    }
    now.entries().forEach(entry -> put(entry, changes));
    forgetBeyondBound();
    moveTo(now.header());
    report(changes.events());
    open();
  }

  /** An entry was written. One that is not readable leaves the node as it was. */
  private void put(Entry entry, Changes changes) {
    Entry before = known.get(entry.key());
    Service now = entry.service();
    if (now != null) {
      changes.put(before == null ? null : before.service(), now);
    }
    known.put(entry.key(), now == null && before != null ? entry.withServiceOf(before) : entry);
  }

  private void remove(Entry gone, Changes changes) {
    Entry before = known.remove(gone.key());
    Service left = before == null || before.service() == null ? gone.service() : before.service();
    if (left != null) {
      changes.delete(left);
    }
  }

  /** Whoever restarts etcd empty again and again must not make this grow. */
  private void forgetBeyondBound() {
    if (known.size() > registry.options().getMaxNodes()) {
      known.values().removeIf(entry -> !entry.isConfirmed());
    }
  }

  private void changed(WatchReply reply) {
    Changes changes = new Changes();
    for (Change change : reply.changes()) {
      if (change.deleted()) {
        KeyValue before = change.before();
        remove(before == null ? Entries.ofKey(change.entry()) : entry(before), changes);
      } else {
        put(entry(change.entry()), changes);
      }
    }
    insideFragments = reply.fragment();
    if (reply.changes().isEmpty()) {
      position = Math.max(position, reply.header().revision());
    } else {
      // The revision in the header may be ahead of what has been reported.
      position = reply.changes().get(reply.changes().size() - 1).entry().modRevision();
    }
    report(changes.events());
    forgetBeyondBound();
    if (known.size() > registry.options().getMaxNodes()) {
      resume = Resume.READ_SAME_STORE;
      failed(Failures.exhausted("service " + service + ": too many nodes (limit: maxNodes)"));
    }
  }

  private void report(List<RegistryEvent> events) {
    for (RegistryEvent event : events) {
      caller.execute(
          () -> {
            if (!closed) {
              handler.handle(event);
            }
          });
    }
  }

  private void created(Header header) {
    if (header.revision() < position) {
      failed(Failures.unavailable("the revision went backwards", Processed.NOT_SENT, null));
      return;
    }
    seen = header;
    standing = true;
    standingSince = home.nanoTime();
    if (backoff.isFailing()) {
      LOG.log(Level.INFO, () -> "service " + service + ": watched again");
    }
    if (!stood) {
      stood = true;
      caller.execute(() -> ready.tryComplete());
    }
  }

  private void ended(RpcException failure, boolean compacted) {
    if (compacted || Failures.isTooLarge(failure)) {
      // Nothing has happened to the store: it told us, or the answer was larger than we take.
      resume = Resume.READ_SAME_STORE;
    } else if (insideFragments) {
      resume = Resume.READ;
    }
    failed(failure);
  }

  /** The attempt is over; the first one decides whether there is a watch at all. */
  private void failed(RpcException failure) {
    if (attempt != null) {
      attempt.cancel();
      attempt = null;
    }
    insideFragments = false;
    attempts++;
    if (!stood) {
      end(Failures.ofReading(failure));
      return;
    }
    if (standing
        && home.nanoTime() - standingSince >= Nanos.of(registry.options().getMaxBackoff())) {
      // Not at once: a watch that ends as soon as it stands must not be tried without a wait.
      backoff.succeeded();
    }
    standing = false;
    if (!backoff.isFailing()) {
      Level level = failure.grpcStatus() == GrpcStatus.UNAVAILABLE ? Level.DEBUG : Level.WARNING;
      LOG.log(level, () -> "service " + service + ": watch interrupted: " + failure.detail());
    }
    timer = home.timer(backoff.next(), this::resume);
  }

  /** One watch in etcd, of which nothing is heard when it is no longer the current one. */
  private final class Attempt implements Etcd.Watcher {

    private Etcd.@Nullable Watching watching;
    private boolean over;

    void open() {
      Etcd.Watching opened = registry.etcd().watch(new WatchQuery(first, end, position + 1), this);
      if (over) {
        opened.cancel();
      } else {
        watching = opened;
      }
    }

    void cancel() {
      over = true;
      if (watching != null) {
        watching.cancel();
      }
    }

    @Override
    public void created(Header header) {
      if (!over) {
        EtcdWatch.this.created(header);
      }
    }

    @Override
    public void changed(WatchReply reply) {
      if (!over) {
        EtcdWatch.this.changed(reply);
      }
    }

    @Override
    public void ended(RpcException failure, boolean compacted) {
      if (!over) {
        over = true;
        EtcdWatch.this.ended(failure, compacted);
      }
    }
  }
}
