// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.shareddata.AsyncMap;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The groups of a cluster: a map that the cluster manager keeps, from a topic to its queues and
 * their members in JSON, and what was last read of it.
 *
 * <p>A publisher trusts what it has read for {@code age}, counted from before the read. A member
 * writes itself down when it listens, and strikes itself out when it means to stop, and then waits
 * for {@code age}: after that, nobody trusts what was read before. So no event that is published
 * after a subscribe has completed misses its group, none is sent to a member that has closed, and
 * nobody needs to be told of anything.
 *
 * <p>A member that dies stays in the map until a publisher finds that nobody listens for it. Ids
 * are never used again, so it cannot strike out another.
 */
final class ClusteredGroups implements EventGroups {

  private static final Logger LOG = System.getLogger(ClusteredGroups.class.getName());

  private static final int MOST_TOPICS = 10_000;
  private static final int MOST_TRIES = 100;

  private final TimeSource time;
  private final AsyncMap<String, String> map;
  private final Duration age;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock. What was not looked at for longest leaves first.
  private final Map<String, Read> reads =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Read> eldest) {
          return size() > MOST_TOPICS;
        }
      };

  private ClusteredGroups(TimeSource time, AsyncMap<String, String> map, Duration age) {
    this.time = time;
    this.map = map;
    this.age = age;
  }

  /** Opens the map of a cluster. */
  static Future<EventGroups> open(Vertx vertx, TimeSource time, String name, Duration age) {
    return vertx
        .sharedData()
        .<String, String>getClusterWideMap(name)
        .map(map -> new ClusteredGroups(time, map, age));
  }

  /** What the map held for a topic. */
  private final class Read implements Found {
    private final String topic;
    private final List<List<Member>> groups = new ArrayList<>();
    private final long atNanos;

    Read(String topic, @Nullable String text, long atNanos) {
      this.topic = topic;
      this.atNanos = atNanos;
      JsonObject queues = parsed(text);
      for (String queue : queues.fieldNames()) {
        groups.add(
            queues.getJsonArray(queue).stream().map(id -> new Member(queue, (String) id)).toList());
      }
    }

    @Override
    public Collection<List<Member>> groups() {
      return groups;
    }

    @Override
    public void gone(Member member) {
      strikeOut(topic, member)
          .onFailure(
              failure ->
                  LOG.log(Level.DEBUG, "event bus broker: " + member + " stays noted", failure));
    }
  }

  private static JsonObject parsed(@Nullable String text) {
    return text == null ? new JsonObject() : new JsonObject(text);
  }

  @Override
  public @Nullable Found known(String topic) {
    lock.lock();
    try {
      Read read = reads.get(topic);
      boolean fresh = read != null && time.nanoTime() - read.atNanos < Nanos.of(age);
      return fresh ? read : null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Future<Found> look(String topic) {
    long before = time.nanoTime();
    return map.get(topic)
        .map(
            text -> {
              Read read = new Read(topic, text, before);
              lock.lock();
              try {
                reads.put(topic, read);
              } finally {
                lock.unlock();
              }
              return read;
            });
  }

  @Override
  public Future<Void> join(String topic, Member member) {
    return write(topic, queues -> members(queues, member.queue()).add(member.id()), MOST_TRIES)
        .compose(written -> outlastReads());
  }

  @Override
  public Future<Void> leave(String topic, Member member) {
    return strikeOut(topic, member).compose(written -> outlastReads());
  }

  private Future<Void> strikeOut(String topic, Member member) {
    return write(topic, queues -> members(queues, member.queue()).remove(member.id()), MOST_TRIES)
        .onSuccess(
            written -> {
              lock.lock();
              try {
                reads.remove(topic);
              } finally {
                lock.unlock();
              }
            });
  }

  private static JsonArray members(JsonObject queues, String queue) {
    if (!queues.containsKey(queue)) {
      queues.put(queue, new JsonArray());
    }
    return Objects.requireNonNull(queues.getJsonArray(queue));
  }

  /** Changes what is written of a topic; starts again if somebody else was quicker. */
  private Future<Void> write(String topic, Consumer<JsonObject> change, int triesLeft) {
    if (triesLeft == 0) {
      return Future.failedFuture(
          RpcException.client(GrpcStatus.ABORTED, "event bus broker: groups change all the time")
              .target(topic, "")
              .build());
    }
    return map.get(topic)
        .compose(before -> replace(topic, before, changed(before, change)))
        .compose(done -> done ? Future.succeededFuture() : write(topic, change, triesLeft - 1));
  }

  private static @Nullable String changed(@Nullable String before, Consumer<JsonObject> change) {
    JsonObject queues = parsed(before);
    change.accept(queues);
    List.copyOf(queues.fieldNames()).stream()
        .filter(queue -> members(queues, queue).isEmpty())
        .forEach(queues::remove);
    return queues.isEmpty() ? null : queues.encode();
  }

  private Future<Boolean> replace(String topic, @Nullable String before, @Nullable String after) {
    if (before == null) {
      return after == null
          ? Future.succeededFuture(true)
          : map.putIfAbsent(topic, after).map(present -> present == null);
    }
    return after == null
        ? map.removeIfPresent(topic, before)
        : map.replaceIfPresent(topic, before, after);
  }

  @Override
  public Future<Void> outlastReads() {
    Promise<Void> outlasted = Promise.promise();
    time.timer(Nanos.of(age), outlasted::complete);
    return outlasted.future();
  }
}
