// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The keys of an etcd beside those of the registry, for programs that keep more there: elections
 * and what is elected about. Reads, leases, transactions and watches, with the connection, the
 * credentials and the bounds of the registry's own client; nothing is retried.
 *
 * <p>May be used from any thread. Answers and changes are given on the Vert.x context of the
 * caller. Futures fail with {@link RpcException} only, within {@link
 * EtcdOptions#setRequestTimeout}.
 */
public final class EtcdStore {

  /** How many entries are read at a time. */
  private static final int PAGE = 1_000;

  private static final Duration LONGEST_LEASE = Duration.ofDays(365);

  /**
   * What is kept under one key.
   *
   * @param key the whole key
   * @param value its value
   * @param createRevision when the key came to be, since it was last deleted
   * @param modRevision when it was last written
   */
  public record Item(String key, Buffer value, long createRevision, long modRevision) {

    static Item of(KeyValue entry) {
      return new Item(
          entry.key().toString(), entry.value(), entry.createRevision(), entry.modRevision());
    }
  }

  /**
   * All keys with a prefix, as they were at one revision.
   *
   * @param revision what a watch that misses nothing begins after
   * @param items in the order of their keys
   */
  public record Items(long revision, List<Item> items) {

    /** Copies the list. */
    public Items {
      items = List.copyOf(items);
    }
  }

  /**
   * How a transaction went.
   *
   * @param succeeded whether its conditions held, and so its operations happened
   * @param revision the revision of the store then
   */
  public record Committed(boolean succeeded, long revision) {}

  /** Who is told of changes; called on the context that opened the watch. */
  public interface Watcher {

    /** A key was written. */
    void put(Item item);

    /** A key is gone. */
    void deleted(String key);

    /** The watch is over, because it failed or what it was to report is compacted. */
    void ended(RpcException failure);
  }

  private final Home home;
  private final EtcdClient etcd;
  private final EtcdOptions options;
  private final Supplier<Executor> callers;

  private EtcdStore(Home home, EtcdClient etcd, EtcdOptions options, Supplier<Executor> callers) {
    this.home = home;
    this.etcd = etcd;
    this.options = options;
    this.callers = callers;
  }

  /** Returns a store. Connects when it is used. The prefix of the options has no meaning here. */
  public static EtcdStore create(Vertx vertx, EtcdOptions options) {
    EtcdOptions own = new EtcdOptions(options);
    Home home = Home.of(vertx, TimeSource.of(vertx));
    return new EtcdStore(
        home,
        new EtcdClient(vertx, home, own),
        own,
        () -> {
          Context context = vertx.getOrCreateContext();
          return task -> context.runOnContext(hop -> task.run());
        });
  }

  /** Reads all keys with a prefix, linearizably: what was committed before is seen. */
  public Future<Items> read(String prefix) {
    Buffer from = Buffer.buffer(Ranges.notBlank("prefix", prefix));
    RangeQuery query = new RangeQuery(from, endOf(from), PAGE, 0, false, false);
    return home.call(() -> read(query, new ArrayList<>()));
  }

  private Future<Items> read(RangeQuery query, List<Item> items) {
    return etcd.range(query)
        .compose(
            reply -> {
              reply.entries().forEach(entry -> items.add(Item.of(entry)));
              long revision = query.revision() == 0 ? reply.header().revision() : query.revision();
              if (!reply.more() || reply.entries().isEmpty()) {
                return Future.succeededFuture(new Items(revision, items));
              }
              if (items.size() > options.getMaxNodes()) {
                return Future.failedFuture(
                    Failures.exhausted(
                        "more than " + options.getMaxNodes() + " keys (limit: maxNodes)"));
              }
              Buffer last = reply.entries().get(reply.entries().size() - 1).key();
              Buffer next = last.copy().appendByte((byte) 0);
              return read(query.withFrom(next).withRevision(revision), items);
            });
  }

  private static Buffer endOf(Buffer prefix) {
    Buffer end = prefix.copy();
    int last = end.length() - 1;
    return end.setByte(last, (byte) (end.getByte(last) + 1));
  }

  /**
   * Makes a lease.
   *
   * @param ttl rounded up to whole seconds; etcd may make it longer
   * @return its id
   */
  public Future<Long> grant(Duration ttl) {
    Ranges.within("ttl", ttl, Duration.ofNanos(1), LONGEST_LEASE);
    long seconds = ttl.plusNanos(999_999_999).toSeconds();
    return home.call(() -> etcd.grant(seconds).map(LeaseReply::id));
  }

  /** Gives a sign of life for a lease and returns what it lives from now on, zero if it is gone. */
  public Future<Duration> keepAlive(long lease) {
    return home.call(
        () ->
            etcd.keepAlive(lease)
                .map(reply -> Duration.ofSeconds(Math.max(0, reply.ttlSeconds()))));
  }

  /** Ends a lease, and with it all keys that hang on it. One that is not there is ended. */
  public Future<Void> revoke(long lease) {
    return home.call(() -> etcd.revoke(lease));
  }

  /** Starts a transaction. */
  public Write write() {
    return new Write();
  }

  /**
   * Reports what becomes of the keys with a prefix.
   *
   * @param after the revision from which on it is reported, exclusive
   * @return ends the watch; may be run twice
   */
  public Runnable watch(String prefix, long after, Watcher watcher) {
    Objects.requireNonNull(watcher, "watcher");
    Buffer from = Buffer.buffer(Ranges.notBlank("prefix", prefix));
    Reports reports = new Reports(watcher, callers.get());
    WatchQuery query = new WatchQuery(from, endOf(from), after + 1);
    if (!home.execute(() -> reports.open(query))) {
      reports.ended(Failures.closed(), false);
    }
    return reports::close;
  }

  /** Ends what is under way. Leases are left to end with their TTL. May be called twice. */
  public Future<Void> close() {
    return home.call(etcd::close).otherwiseEmpty();
  }

  /** Operations that happen all at once, or not at all: if each condition holds. */
  public final class Write {

    private final Transaction transaction = new Transaction();

    private Write() {}

    /** Adds the condition that there is no such key. */
    public Write ifAbsent(String key) {
      transaction.ifAbsent(Buffer.buffer(key));
      return this;
    }

    /** Adds the condition that the key is there and was last written at that revision. */
    public Write ifWrittenAt(String key, long revision) {
      transaction.ifWrittenAt(Buffer.buffer(key), revision);
      return this;
    }

    /** Writes a key that stays. */
    public Write put(String key, Buffer value) {
      return put(key, value, 0);
    }

    /** Writes a key that ends with a lease. */
    public Write put(String key, Buffer value, long lease) {
      transaction.put(Buffer.buffer(key), value, lease);
      return this;
    }

    /** Deletes a key; that it is not there is no failure. */
    public Write delete(String key) {
      transaction.delete(Buffer.buffer(key));
      return this;
    }

    /** Commits, once. A future that fails may have committed nevertheless: see its Processed. */
    public Future<Committed> commit() {
      return home.call(
          () ->
              etcd.commit(transaction)
                  .map(reply -> new Committed(reply.succeeded(), reply.header().revision())));
    }
  }

  /** Hands what a watch hears to where it was opened. */
  private final class Reports implements Etcd.Watcher {

    private final Watcher watcher;
    private final Executor caller;

    // Belongs to the caller.
    private volatile boolean closed;

    // Belongs to the home.
    private Etcd.Watching watching = () -> {};

    Reports(Watcher watcher, Executor caller) {
      this.watcher = watcher;
      this.caller = caller;
    }

    void open(WatchQuery query) {
      if (!closed) {
        watching = etcd.watch(query, this);
      }
    }

    void close() {
      closed = true;
      home.execute(() -> watching.cancel());
    }

    private void tell(Handler<Watcher> what) {
      caller.execute(
          () -> {
            if (!closed) {
              what.handle(watcher);
            }
          });
    }

    @Override
    public void created(Header header) {
      // What is wanted are changes only.
    }

    @Override
    public void changed(WatchReply reply) {
      for (Change change : reply.changes()) {
        if (change.deleted()) {
          String key = change.entry().key().toString();
          tell(told -> told.deleted(key));
        } else {
          Item item = Item.of(change.entry());
          tell(told -> told.put(item));
        }
      }
    }

    @Override
    public void ended(RpcException failure, boolean compacted) {
      tell(told -> told.ended(failure));
    }
  }
}
