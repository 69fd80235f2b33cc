// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import dev.vertxmicro.crawler.backend.ConsulHttp.Answer;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * A part in Consul's usual election: each candidate has a session, and who holds the lock on one
 * key leads ("Application Leader Elections with Sessions" in Consul's documentation).
 *
 * <pre>
 *   join: session --> read the key --> nobody holds it: acquire --> read the key when it changes
 *     ^                   ^                                                 |
 *     |                   '-------------------------------------------------'
 *     '-- lost: no sign of life within the TTL, or the session is gone
 * </pre>
 *
 * <p>As in {@link EtcdCandidacy}, answers to an earlier {@code round} are dropped.
 */
final class ConsulCandidacy implements Candidacy {

  static final String LOCK = "crawler/election";

  private static final System.Logger LOG = System.getLogger(ConsulCandidacy.class.getName());
  private static final String NO_SESSION = "";
  private static final int CONFLICT = 409;

  private final ConsulHttp consul;
  private final TimeSource time;
  private final ElectionOptions options;
  private final String master;
  private final Announcements announcements;

  private int round;
  private String session = NO_SESSION;
  private boolean keeping;
  private @Nullable Timer retry;
  private @Nullable Timer keepAlive;
  private @Nullable Timer expiry;
  private boolean closed;

  ConsulCandidacy(
      ConsulHttp consul,
      TimeSource time,
      ElectionOptions options,
      String master,
      Announcements announcements) {
    this.consul = consul;
    this.time = time;
    this.options = options;
    this.master = master;
    this.announcements = announcements;
  }

  void join() {
    retry = null;
    int mine = ++round;
    keeping = false;
    long asked = time.nanoTime();
    JsonObject wanted =
        new JsonObject()
            .put("Name", master)
            .put("TTL", options.ttl().toMillis() + "ms")
            .put("LockDelay", options.lockDelay().toMillis() + "ms")
            .put("Behavior", "release");
    consul
        .put("session/create", wanted.toBuffer())
        .compose(ConsulCandidacy::sessionOf)
        .onComplete(
            created -> {
              if (isLate(mine)) {
                if (created.succeeded()) {
                  destroy(created.result());
                }
              } else if (created.failed()) {
                lost(mine, RpcException.from(created.cause()).detail());
              } else {
                session = created.result();
                renewed(mine, asked);
                scheduleKeepAlive(mine);
                read(mine, 0);
              }
            });
  }

  private static Future<String> sessionOf(Answer answer) {
    try {
      return answer.status() == ConsulBackend.OK
          ? Future.succeededFuture(new JsonObject(answer.body()).getString("ID"))
          : Future.failedFuture(ConsulHttp.unexpected(answer));
    } catch (DecodeException malformed) {
      return Future.failedFuture(ConsulHttp.unexpected(answer));
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
    consul
        .put("session/renew/" + session, Buffer.buffer())
        .onComplete(
            renewed -> {
              if (isLate(mine)) {
                return;
              }
              keeping = false;
              if (renewed.succeeded() && renewed.result().status() == ConsulBackend.NOT_FOUND) {
                lost(mine, "its session has ended");
              } else if (renewed.succeeded() && renewed.result().status() == ConsulBackend.OK) {
                renewed(mine, asked);
              }
            });
  }

  /** Counted from when Consul was asked. */
  private void renewed(int mine, long asked) {
    cancel(expiry);
    long left = Nanos.of(options.ttl()) - (time.nanoTime() - asked);
    expiry = time.timer(left, () -> lost(mine, "no sign of life within " + options.ttl()));
  }

  // who leads

  /** Reads the lock when it has changed since {@code index}. */
  private void read(int mine, long index) {
    retry = null;
    consul
        .getAfter("kv/" + LOCK, index, ConsulBackend.WAIT, "")
        .onComplete(
            read -> {
              if (isLate(mine)) {
                return;
              }
              if (read.failed()) {
                retry(mine);
              } else {
                read(mine, index, read.result());
              }
            });
  }

  private void retry(int mine) {
    retry = time.timer(Nanos.of(options.pause()), () -> read(mine, 0));
  }

  private void read(int mine, long index, Answer answer) {
    JsonObject lock;
    try {
      lock =
          answer.status() == ConsulBackend.OK
              ? new JsonArray(answer.body()).getJsonObject(0)
              : new JsonObject();
    } catch (DecodeException | IndexOutOfBoundsException malformed) {
      retry(mine);
      return;
    }
    if (answer.status() != ConsulBackend.OK && answer.status() != ConsulBackend.NOT_FOUND) {
      retry(mine);
      return;
    }
    String holder = lock.getString("Session");
    if (holder == null) {
      announcements.announce(Leadership.NONE);
      if (!isLate(mine)) {
        acquire(mine);
      }
      return;
    }
    String leader = ConsulHttp.value(lock).toString();
    boolean own = holder.equals(session);
    Term term = own ? new ConsulTerm(mine, session, lock.getLong("LockIndex", 0L)) : null;
    announcements.announce(new Leadership(leader, term));
    if (!isLate(mine)) {
      read(mine, answer.index() < index ? 0 : answer.index());
    }
  }

  /** Asks for the lock; Consul refuses while another is quicker, and for its lock delay. */
  private void acquire(int mine) {
    consul
        .put("kv/" + LOCK + "?acquire=" + session, Buffer.buffer(master))
        .onComplete(
            asked -> {
              if (isLate(mine)) {
                return;
              }
              boolean refused =
                  asked.failed() || !asked.result().body().toString().strip().equals("true");
              if (refused) {
                retry(mine);
              } else {
                read(mine, 0);
              }
            });
  }

  // the end

  /** Begins anew with another session. */
  private void lost(int mine, String why) {
    if (isLate(mine)) {
      return;
    }
    LOG.log(Level.WARNING, () -> master + " is out of the election, and joins again: " + why);
    String old = session;
    leave();
    if (!old.equals(NO_SESSION)) {
      destroy(old);
    }
    announcements.announce(Leadership.NONE);
    if (!closed) {
      retry = time.timer(Nanos.of(options.pause()), this::join);
    }
  }

  private void leave() {
    round++;
    session = NO_SESSION;
    cancel(keepAlive);
    cancel(expiry);
    cancel(retry);
  }

  private static void cancel(@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }

  /** If nobody hears it, the session ends with its TTL. */
  private Future<Void> destroy(String old) {
    return consul
        .put("session/destroy/" + old, Buffer.buffer())
        .transform(
            ended -> {
              if (ended.failed()) {
                LOG.log(Level.DEBUG, () -> master + ": session not ended: " + ended.cause());
              }
              return Future.succeededFuture();
            });
  }

  /** Gives the lock back first: one that is lost with its session is delayed. */
  @Override
  public Future<Void> close() {
    String old = session;
    abandon();
    return old.equals(NO_SESSION)
        ? Future.succeededFuture()
        : consul
            .put("kv/" + LOCK + "?release=" + old, Buffer.buffer())
            .transform(released -> destroy(old));
  }

  void abandon() {
    closed = true;
    announcements.close();
    leave();
  }

  /** Writes on the condition that the session still holds the lock. */
  private final class ConsulTerm implements Term {

    private final int mine;
    private final String holder;
    private final long number;

    ConsulTerm(int mine, String holder, long number) {
      this.mine = mine;
      this.holder = holder;
      this.number = number;
    }

    @Override
    public long number() {
      return number;
    }

    @Override
    public Future<Void> put(String name, Buffer value) {
      return commit(operation("set", name).put("Value", ConsulHttp.encode(value)));
    }

    @Override
    public Future<Void> delete(String name) {
      return commit(operation("delete", name));
    }

    private static JsonObject operation(String verb, String name) {
      return new JsonObject().put("Verb", verb).put("Key", ConsulBackend.RESOURCES + name);
    }

    private Future<Void> commit(JsonObject operation) {
      JsonObject fence =
          new JsonObject().put("Verb", "check-session").put("Key", LOCK).put("Session", holder);
      JsonArray transaction =
          new JsonArray()
              .add(new JsonObject().put("KV", fence))
              .add(new JsonObject().put("KV", operation));
      return consul
          .put("txn", transaction.toBuffer())
          .compose(
              answer -> {
                if (answer.status() == ConsulBackend.OK) {
                  return Future.succeededFuture();
                }
                if (answer.status() != CONFLICT) {
                  return Future.failedFuture(ConsulHttp.unexpected(answer));
                }
                lost(mine, "a write found its lock gone");
                return Future.failedFuture(Failures.termIsOver());
              });
    }
  }
}
