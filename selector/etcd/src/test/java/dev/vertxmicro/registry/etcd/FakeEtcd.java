// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the registry needs of etcd, on virtual time: revisions with all their history, leases,
 * watches. A test takes it down, makes it forget, and looks at what it was asked.
 */
final class FakeEtcd implements Etcd {

  /** An entry as it was written; a null value is a deletion. */
  private record Version(long create, long mod, Buffer value, long lease) {}

  private static final class Lease {
    long ttlSeconds;
    Timer expiry;
  }

  private final class Running implements Watching {
    final WatchQuery query;
    final Watcher watcher;
    boolean over;

    Running(WatchQuery query, Watcher watcher) {
      this.query = query;
      this.watcher = watcher;
    }

    @Override
    public void cancel() {
      over = true;
      watches.remove(this);
    }
  }

  private final TimeSource time;
  private final TreeMap<String, List<Version>> history = new TreeMap<>();
  private final Map<Long, Lease> leases = new HashMap<>();
  private final List<Running> watches = new ArrayList<>();
  private final List<String> asked = new ArrayList<>();

  private long revision = 1;
  private long compacted;
  private long term = 2;
  private long clusterId = 7;
  private long nextLease = 100;
  private RpcException failure;
  private int largestPage = Integer.MAX_VALUE;
  private boolean closed;
  private boolean lagging;
  private boolean interrupting;
  private long createdAt;

  FakeEtcd(TimeSource time) {
    this.time = time;
  }

  // what a test does

  /** Lets all that is asked fail, and ends the watches. */
  void fail(GrpcStatus status) {
    failure = RpcException.client(status, "etcd: fails as told").processed(Processed.YES).build();
    endWatches(failure);
  }

  void heal() {
    failure = null;
  }

  void endWatches(RpcException why) {
    for (Running watch : List.copyOf(watches)) {
      watch.cancel();
      watch.watcher.ended(why, false);
    }
  }

  /** Answers with more entries than that are too large. */
  void limitPages(int most) {
    largestPage = most;
  }

  /** Comes back without what it knew, as an etcd with the same flags and an empty disk does. */
  void lose() {
    history.clear();
    leases.values().forEach(lease -> lease.expiry.cancel());
    leases.clear();
    revision = 1;
    compacted = 0;
    endWatches(Failures.unavailable("restarted", Processed.UNKNOWN, null));
  }

  void beginTerm(long other) {
    term = other;
  }

  void beAnotherCluster(long id) {
    clusterId = id;
  }

  void compact() {
    compacted = revision;
  }

  /** Ends watches as etcd does when they are to report what is compacted. */
  void endWatchesAsCompacted() {
    for (Running watch : List.copyOf(watches)) {
      watch.cancel();
      watch.watcher.ended(Failures.unavailable("compacted", Processed.NOT_SENT, null), true);
    }
  }

  /** Lets reads that may be old find nothing. */
  void lag() {
    lagging = true;
  }

  /** Ends the next watch after the first of the changes that it has missed. */
  void interruptTheNextWatch() {
    interrupting = true;
  }

  /** Lets the next watch say that it was created at that revision. */
  void createTheNextWatchAt(long revision) {
    createdAt = revision;
  }

  /** Reports progress to all watches. */
  void reportProgress() {
    WatchReply progress = new WatchReply(header(), 0, false, false, 0, "", false, List.of());
    List.copyOf(watches).forEach(watch -> watch.watcher.changed(progress));
  }

  void put(String key, String value) {
    revision++;
    write(key, Buffer.buffer(value), 0);
  }

  void delete(String... keys) {
    revision++;
    List<Change> changes = new ArrayList<>();
    for (String key : keys) {
      remove(key, changes);
    }
    notify(changes, false);
  }

  /** Deletes two keys in one revision, which comes in two fragments; false withholds the second. */
  void deleteInFragments(String first, String second, boolean whole) {
    revision++;
    List<Change> one = new ArrayList<>();
    remove(first, one);
    List<Change> two = new ArrayList<>();
    remove(second, two);
    notify(one, true);
    if (whole) {
      notify(two, false);
    }
  }

  void expire(long lease) {
    Lease gone = leases.remove(lease);
    if (gone == null) {
      return;
    }
    gone.expiry.cancel();
    revision++;
    List<Change> changes = new ArrayList<>();
    for (String key : List.copyOf(history.keySet())) {
      Version last = now(key);
      if (last != null && last.lease == lease) {
        remove(key, changes);
      }
    }
    notify(changes, false);
  }

  /** Ends all leases without a word, as if etcd had been away for longer than they live. */
  void expireAll() {
    List.copyOf(leases.keySet()).forEach(this::expire);
  }

  /** Returns the present value, or null. */
  String value(String key) {
    Version last = now(key);
    return last == null ? null : last.value.toString();
  }

  long leaseOf(String key) {
    return now(key).lease;
  }

  List<Long> ttls() {
    return leases.values().stream().map(lease -> lease.ttlSeconds).toList();
  }

  int watches() {
    return watches.size();
  }

  boolean isClosed() {
    return closed;
  }

  /** Returns what was asked since this was last called. */
  List<String> asked() {
    List<String> since = List.copyOf(asked);
    asked.clear();
    return since;
  }

  // what the registry asks

  @Override
  public Future<RangeReply> range(RangeQuery query) {
    asked.add("range");
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    return read(query);
  }

  private Future<RangeReply> read(RangeQuery query) {
    long at = query.revision() == 0 ? revision : query.revision();
    if (at < compacted || at > revision) {
      return Future.failedFuture(
          RpcException.client(GrpcStatus.OUT_OF_RANGE, "etcd: out of range")
              .processed(Processed.YES)
              .build());
    }
    List<KeyValue> found = new ArrayList<>();
    String from = query.from().toString();
    Map<String, List<Version>> range =
        query.end().length() == 0
            ? history.subMap(from, true, from, true)
            : history.subMap(from, true, query.end().toString(), false);
    for (String key : range.keySet()) {
      Version then = at(key, at);
      if (then != null) {
        found.add(entry(key, then, query.keysOnly()));
      }
    }
    int limit = query.limit() == 0 ? Integer.MAX_VALUE : query.limit();
    if (!query.keysOnly() && Math.min(limit, found.size()) > largestPage) {
      return Future.failedFuture(Failures.exhausted("too large"));
    }
    boolean more = found.size() > limit;
    return Future.succeededFuture(
        new RangeReply(header(), more ? found.subList(0, limit) : found, more));
  }

  @Override
  public Future<TransactionReply> commit(Transaction transaction) {
    asked.add("commit");
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    ProtoReader in = new ProtoReader(transaction.write());
    boolean holds = true;
    boolean wrote = false;
    List<RangeReply> reads = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    for (int field = in.next(); field != 0; field = in.next()) {
      if (field == 1) {
        holds &= holds(in.message());
      } else if (field == 2 && holds) {
        ProtoReader operation = in.message();
        int kind = operation.next();
        if (kind == 1) {
          RangeReply found = read(query(operation.message())).result();
          reads.add(lagging ? new RangeReply(found.header(), List.of(), false) : found);
        } else {
          if (!wrote) {
            wrote = true;
            revision++;
          }
          write(kind, operation.message(), changes);
        }
      }
    }
    notify(changes, false);
    return Future.succeededFuture(new TransactionReply(header(), holds, reads));
  }

  private boolean holds(ProtoReader compare) {
    long target = 0;
    String key = "";
    long create = -1;
    long mod = -1;
    Buffer value = Buffer.buffer();
    for (int field = compare.next(); field != 0; field = compare.next()) {
      switch (field) {
        case 2 -> target = compare.number();
        case 3 -> key = compare.text();
        case 5 -> create = compare.number();
        case 6 -> mod = compare.number();
        case 7 -> value = compare.bytes();
        default -> {}
      }
    }
    Version last = now(key);
    return switch ((int) target) {
      case 1 -> create == (last == null ? 0 : last.create);
      case 2 -> mod == (last == null ? 0 : last.mod);
      default -> last != null && value.equals(last.value);
    };
  }

  private static RangeQuery query(ProtoReader in) {
    Buffer key = Buffer.buffer();
    for (int field = in.next(); field != 0; field = in.next()) {
      if (field == 1) {
        key = in.bytes();
      }
    }
    return new RangeQuery(key, Buffer.buffer(), 1, 0, true, true);
  }

  private void write(int kind, ProtoReader in, List<Change> changes) {
    String key = "";
    Buffer value = Buffer.buffer();
    long lease = 0;
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> key = in.text();
        case 2 -> value = in.bytes();
        case 3 -> lease = in.number();
        default -> {}
      }
    }
    if (kind == 2) {
      changes.add(store(key, value, lease));
    } else {
      remove(key, changes);
    }
  }

  private void write(String key, Buffer value, long lease) {
    notify(List.of(store(key, value, lease)), false);
  }

  private Change store(String key, Buffer value, long lease) {
    Version last = now(key);
    Version written = new Version(last == null ? revision : last.create, revision, value, lease);
    history.computeIfAbsent(key, k -> new ArrayList<>()).add(written);
    return new Change(
        false, entry(key, written, false), last == null ? null : entry(key, last, false));
  }

  private void remove(String key, List<Change> changes) {
    Version last = now(key);
    if (last != null) {
      history.get(key).add(new Version(0, revision, null, 0));
      changes.add(
          new Change(
              true,
              new KeyValue(Buffer.buffer(key), 0, revision, Buffer.buffer()),
              entry(key, last, false)));
    }
  }

  private void notify(List<Change> changes, boolean fragment) {
    for (Running watch : List.copyOf(watches)) {
      List<Change> seen =
          changes.stream().filter(change -> matches(watch.query, change.entry())).toList();
      if (!seen.isEmpty()) {
        watch.watcher.changed(new WatchReply(header(), 0, false, false, 0, "", fragment, seen));
      }
    }
  }

  private static boolean matches(WatchQuery query, KeyValue entry) {
    String key = entry.key().toString();
    return key.compareTo(query.from().toString()) >= 0 && key.compareTo(query.end().toString()) < 0;
  }

  @Override
  public Future<LeaseReply> grant(long ttlSeconds) {
    asked.add("grant");
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    long id = nextLease++;
    Lease lease = new Lease();
    lease.ttlSeconds = ttlSeconds;
    leases.put(id, lease);
    arm(id, lease);
    return Future.succeededFuture(new LeaseReply(id, ttlSeconds));
  }

  private void arm(long id, Lease lease) {
    if (lease.expiry != null) {
      lease.expiry.cancel();
    }
    lease.expiry = time.timer(lease.ttlSeconds * 1_000_000_000L, () -> expire(id));
  }

  @Override
  public Future<LeaseReply> keepAlive(long id) {
    asked.add("keepAlive");
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    Lease lease = leases.get(id);
    if (lease == null) {
      return Future.succeededFuture(new LeaseReply(id, 0));
    }
    arm(id, lease);
    return Future.succeededFuture(new LeaseReply(id, lease.ttlSeconds));
  }

  @Override
  public Future<Void> revoke(long lease) {
    asked.add("revoke");
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    expire(lease);
    return Future.succeededFuture();
  }

  @Override
  public Watching watch(WatchQuery query, Watcher watcher) {
    asked.add("watch");
    Running running = new Running(query, watcher);
    if (failure != null) {
      watcher.ended(failure, false);
      return running;
    }
    if (query.revision() <= compacted) {
      watcher.ended(Failures.unavailable("compacted", Processed.NOT_SENT, null), true);
      return running;
    }
    watches.add(running);
    long created = createdAt == 0 ? revision : createdAt;
    createdAt = 0;
    watcher.created(new Header(clusterId, created, term));
    List<Change> missed = new ArrayList<>();
    for (long at = query.revision(); at <= revision; at++) {
      for (Map.Entry<String, List<Version>> versions : history.entrySet()) {
        for (Version version : versions.getValue()) {
          KeyValue entry = entry(versions.getKey(), version, false);
          if (version.mod == at && matches(query, entry)) {
            missed.add(new Change(version.value == null, entry, null));
          }
        }
      }
    }
    if (interrupting && !missed.isEmpty()) {
      interrupting = false;
      // As etcd does while it catches up: the header is ahead of what is reported.
      watcher.changed(
          new WatchReply(header(), 0, false, false, 0, "", false, missed.subList(0, 1)));
      running.cancel();
      watcher.ended(Failures.unavailable("interrupted", Processed.UNKNOWN, null), false);
    } else if (!missed.isEmpty() && !running.over) {
      watcher.changed(new WatchReply(header(), 0, false, false, 0, "", false, missed));
    }
    return running;
  }

  @Override
  public Future<Void> close() {
    closed = true;
    return Future.succeededFuture();
  }

  private Version now(String key) {
    return at(key, revision);
  }

  private Version at(String key, long at) {
    Version found = null;
    for (Version version : history.getOrDefault(key, List.of())) {
      if (version.mod <= at) {
        found = version;
      }
    }
    return found == null || found.value == null ? null : found;
  }

  private static KeyValue entry(String key, Version version, boolean keyOnly) {
    return new KeyValue(
        Buffer.buffer(key),
        version.create,
        version.mod,
        keyOnly || version.value == null ? Buffer.buffer() : version.value);
  }

  private Header header() {
    return new Header(clusterId, revision, term);
  }
}
