// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a service that this process has registered, on one lease. All but {@link #close}
 * belongs to the home of the registry.
 *
 * <p>A sign of life prolongs the lease, and looks whether the entries are there. A lease that etcd
 * does not know any more is replaced. Entries that are missing are written again, and only those:
 * an entry that is there belongs to whoever wrote it last.
 *
 * <p>To deregister is to end the lease: etcd deletes what still hangs on it, at once, and nothing
 * that another has taken over. Without a lease an entry is deleted if it still is as it was
 * written.
 *
 * <p>One step is under way at a time; {@link #close} waits for it.
 */
final class EtcdRegistration implements Registration {

  private static final System.Logger LOG = System.getLogger(EtcdRegistration.class.getName());

  /** etcd takes 128 operations and 1.5 MiB by default. */
  private static final int MOST_OPERATIONS = 100;

  private static final int MOST_BYTES = 512 * 1024;
  private static final long NO_LEASE = 0;
  private static final long UNKNOWN_REVISION = -1;

  private final EtcdRegistry registry;
  private final Home home;
  private final Service service;
  private final RegisterOptions options;
  private final Map<Buffer, Buffer> entries;
  private final Promise<Void> ended = Promise.promise();
  private final Backoff backoff;

  private final Map<Buffer, Long> writtenAt = new LinkedHashMap<>();
  private long lease = NO_LEASE;
  private @Nullable Timer timer;
  private Future<?> step = Future.succeededFuture();
  private boolean closing;

  /**
   * Prepares a registration.
   *
   * @param entries what to write: keys to values
   */
  EtcdRegistration(
      EtcdRegistry registry,
      Service service,
      RegisterOptions options,
      Map<Buffer, Buffer> entries) {
    this.registry = registry;
    this.home = registry.home();
    this.service = service;
    this.options = options;
    this.entries = entries;
    this.backoff = new Backoff(home, Nanos.of(registry.options().getMaxBackoff()));
  }

  @Override
  public Service service() {
    return service;
  }

  /** Registers; if that fails, there is nothing to be closed. */
  Future<Registration> open() {
    Promise<Registration> promise = Promise.promise();
    Future<Void> opened = takeLease().compose(v -> writeAll());
    step = opened;
    opened.onComplete(
        result -> {
          if (closing) {
            promise.fail(Failures.closed());
          } else if (result.failed()) {
            end().onComplete(v -> promise.fail(result.cause()));
          } else {
            schedule(Nanos.of(options.interval()));
            promise.complete(this);
          }
        });
    return promise.future();
  }

  private Future<Void> takeLease() {
    if (options.ttl().isZero()) {
      return Future.succeededFuture();
    }
    // Whole seconds, rounded up: etcd has no smaller unit, and go-micro's cut would make 0 of 0.9.
    long seconds = options.ttl().plusNanos(999_999_999).toSeconds();
    return registry.etcd().grant(seconds).map(this::tookLease);
  }

  private @Nullable Void tookLease(LeaseReply granted) {
    lease = granted.id();
    return null;
  }

  /** Writes all entries, whoever they belonged to, in transactions of a size that etcd takes. */
  private Future<Void> writeAll() {
    Future<Void> written = Future.succeededFuture();
    for (List<Buffer> keys : parts()) {
      written = written.compose(v -> write(keys));
    }
    return written;
  }

  private List<List<Buffer>> parts() {
    List<List<Buffer>> parts = new ArrayList<>();
    List<Buffer> part = new ArrayList<>();
    int bytes = 0;
    for (Map.Entry<Buffer, Buffer> entry : entries.entrySet()) {
      int size = entry.getKey().length() + entry.getValue().length();
      if (part.size() == MOST_OPERATIONS || (!part.isEmpty() && bytes + size > MOST_BYTES)) {
        parts.add(part);
        part = new ArrayList<>();
        bytes = 0;
      }
      part.add(entry.getKey());
      bytes += size;
    }
    parts.add(part);
    return parts;
  }

  private Future<Void> write(List<Buffer> keys) {
    Transaction transaction = new Transaction();
    for (Buffer key : keys) {
      writtenAt.put(key, UNKNOWN_REVISION);
      transaction.put(key, valueOf(key), lease);
    }
    return registry.etcd().commit(transaction).map(reply -> wrote(keys, reply));
  }

  private Buffer valueOf(Buffer key) {
    return entries.getOrDefault(key, Buffer.buffer());
  }

  private @Nullable Void wrote(List<Buffer> keys, TransactionReply reply) {
    keys.forEach(key -> writtenAt.put(key, reply.header().revision()));
    return null;
  }

  // signs of life

  private void schedule(long nanos) {
    if (!options.interval().isZero() && !closing) {
      timer = home.timer(nanos, this::giveSignOfLife);
    }
  }

  private void giveSignOfLife() {
    timer = null;
    if (closing) {
      return;
    }
    Future<Void> given = keepLease().compose(v -> restoreMissing());
    step = given;
    given.onComplete(this::gaveSignOfLife);
  }

  private void gaveSignOfLife(AsyncResult<Void> result) {
    if (result.succeeded()) {
      if (backoff.isFailing()) {
        LOG.log(Level.INFO, () -> "registration of " + name() + ": etcd answers again");
      }
      backoff.succeeded();
      schedule(Nanos.of(options.interval()));
      return;
    }
    if (!backoff.isFailing()) {
      LOG.log(
          Level.WARNING,
          () ->
              "registration of "
                  + name()
                  + ": no sign of life given, tried again: "
                  + RpcException.from(result.cause()).detail());
    }
    schedule(Math.min(backoff.next(), Nanos.of(options.interval())));
  }

  private Future<Void> keepLease() {
    if (lease == NO_LEASE) {
      return Future.succeededFuture();
    }
    return registry
        .etcd()
        .keepAlive(lease)
        .compose(
            reply -> {
              if (reply.ttlSeconds() > 0) {
                return Future.succeededFuture();
              }
              LOG.log(
                  Level.WARNING,
                  () -> "registration of " + name() + ": its lease was lost, taking another");
              return takeLease();
            });
  }

  private Future<Void> restoreMissing() {
    Future<Void> restored = Future.succeededFuture();
    for (List<Buffer> keys : parts()) {
      restored = restored.compose(v -> restoreMissing(keys));
    }
    return restored;
  }

  private Future<Void> restoreMissing(List<Buffer> keys) {
    // Any member may answer: if it is behind, the condition of the write is still right.
    Transaction look = new Transaction();
    keys.forEach(key -> look.read(new RangeQuery(key, Buffer.buffer(), 1, 0, true, true)));
    return registry
        .etcd()
        .commit(look)
        .compose(
            found -> {
              Future<Void> restored = Future.succeededFuture();
              for (int i = 0; i < keys.size() && i < found.reads().size(); i++) {
                Buffer key = keys.get(i);
                if (found.reads().get(i).entries().isEmpty()) {
                  restored = restored.compose(v -> restore(key));
                }
              }
              return restored;
            });
  }

  private Future<Void> restore(Buffer key) {
    Transaction write = new Transaction().ifAbsent(key).put(key, valueOf(key), lease);
    return registry
        .etcd()
        .commit(write)
        .map(
            reply -> {
              if (reply.succeeded()) {
                LOG.log(
                    Level.WARNING, () -> "registration of " + name() + ": written again: " + key);
                writtenAt.put(key, reply.header().revision());
              }
              return null;
            });
  }

  // the end

  /**
   * {@inheritDoc} Fails if etcd does not answer; then the nodes expire with their TTL, and those
   * without one stay.
   */
  @Override
  public Future<Void> close() {
    return home.call(this::closeAtHome);
  }

  Future<Void> closeAtHome() {
    if (!closing) {
      closing = true;
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
      step.onComplete(v -> end().onComplete(ended));
    }
    return ended.future();
  }

  /** Takes back what was written. */
  private Future<Void> end() {
    closing = true;
    registry.ended(this);
    if (lease != NO_LEASE) {
      return registry.etcd().revoke(lease);
    }
    Future<Void> deleted = Future.succeededFuture();
    for (Map.Entry<Buffer, Long> written : writtenAt.entrySet()) {
      deleted = deleted.compose(v -> delete(written.getKey(), written.getValue()));
    }
    return deleted;
  }

  private Future<Void> delete(Buffer key, long revision) {
    Transaction transaction = new Transaction();
    if (revision == UNKNOWN_REVISION) {
      transaction.ifValueIs(key, valueOf(key));
    } else {
      transaction.ifWrittenAt(key, revision);
    }
    return registry.etcd().commit(transaction.delete(key)).mapEmpty();
  }

  private String name() {
    return service.name() + " version " + service.version();
  }
}
