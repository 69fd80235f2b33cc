// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A filter for subscribers that drops what was handled already: events whose {@code Micro-Id} was
 * seen within a span of time, of the newest so many.
 *
 * <pre>{@code
 * Deduplication once = Deduplication.of(TimeSource.of(vertx), Duration.ofMinutes(2), 100_000);
 * broker.subscribe("orders", once.filter(this::book), SubscribeOption.queue("billing"));
 * }</pre>
 *
 * <p>An id counts as handled when the handler's future has succeeded, so that an event that failed
 * is handled when it comes again. A copy that comes while the first is being handled waits for it
 * and then ends as that did: a failure is a nack of both. A dropped event counts as handled, and
 * the handler is not told. Under {@link AckMode#MANUAL} a dropped event is acknowledged here.
 *
 * <p>Events without an id pass. What is remembered is in this process: two members of a queue group
 * do not know of each other, unless one filter serves both. May be used by several subscriptions
 * and from any thread; then an id means the same event on all their topics. Memory: about 200 bytes
 * an id; cost: O(1) an event.
 */
public final class Deduplication {

  private final TimeSource time;
  private final long keepNanos;
  private final int size;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock. In the order of their end, the running ones aside.
  private final Map<String, Long> handled = new LinkedHashMap<>();
  private final Map<String, Future<Void>> running = new LinkedHashMap<>();
  private long dropped;

  private Deduplication(TimeSource time, Duration keep, int size) {
    this.time = Objects.requireNonNull(time, "time");
    this.keepNanos = Nanos.of(Ranges.positive("keep", keep));
    this.size = Ranges.within("size", size, 1, 10_000_000);
  }

  /**
   * Returns a filter that has seen nothing.
   *
   * @param time the clock, see {@link TimeSource#of}
   * @param keep how long an id is remembered; above zero. Longer than duplicates take to come: the
   *     broker's time of redelivery, and the publisher's time of retries
   * @param size how many ids are remembered at most, the oldest forgotten first; 1 to 10,000,000.
   *     Those being handled come on top, bounded by the concurrency of the subscriptions
   */
  public static Deduplication of(TimeSource time, Duration keep, int size) {
    return new Deduplication(time, keep, size);
  }

  /** Returns {@code handler} without the events that it has handled. */
  public Function<Event, Future<?>> filter(Function<Event, Future<?>> handler) {
    Objects.requireNonNull(handler, "handler");
    return event -> handle(event, handler);
  }

  /** Returns how many events were dropped. */
  public long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  private Future<?> handle(Event event, Function<Event, Future<?>> handler) {
    String id = event.message().id();
    if (id.isEmpty()) {
      return handler.apply(event);
    }
    Promise<Void> end = Promise.promise();
    Future<Void> first;
    lock.lock();
    try {
      forgetOld();
      if (handled.containsKey(id)) {
        dropped++;
        first = Future.succeededFuture();
      } else {
        first = running.putIfAbsent(id, end.future());
      }
    } finally {
      lock.unlock();
    }
    return first == null ? run(event, id, handler, end) : drop(event, first);
  }

  private Future<?> run(
      Event event, String id, Function<Event, Future<?>> handler, Promise<Void> end) {
    Future<?> result = call(event, handler);
    result.onComplete(
        done -> {
          ended(id, done.succeeded());
          if (done.succeeded()) {
            end.complete();
          } else {
            end.fail(done.cause());
          }
        });
    return result;
  }

  private static Future<?> call(Event event, Function<Event, Future<?>> handler) {
    try {
      Future<?> result = handler.apply(event);
      return result != null
          ? result
          : Future.failedFuture(new NullPointerException("the handler returned null"));
    } catch (Throwable thrown) {
      return Future.failedFuture(thrown);
    }
  }

  private void ended(String id, boolean succeeded) {
    lock.lock();
    try {
      running.remove(id);
      if (succeeded) {
        handled.put(id, time.nanoTime());
        if (handled.size() > size) {
          forgetOldest();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private Future<?> drop(Event event, Future<Void> first) {
    if (first.succeeded()) {
      return acknowledged(event);
    }
    return first.compose(
        handledNow -> {
          lock.lock();
          try {
            dropped++;
          } finally {
            lock.unlock();
          }
          return acknowledged(event);
        });
  }

  /** Ends the event under either mode; that it was settled meanwhile is as well. */
  private static Future<?> acknowledged(Event event) {
    return event.ack().otherwiseEmpty();
  }

  private void forgetOld() {
    long now = time.nanoTime();
    Iterator<Long> ends = handled.values().iterator();
    while (ends.hasNext() && now - ends.next() >= keepNanos) {
      ends.remove();
    }
  }

  private void forgetOldest() {
    Iterator<Map.Entry<String, Long>> oldest = handled.entrySet().iterator();
    oldest.next();
    oldest.remove();
  }

  @Override
  public String toString() {
    return "Deduplication[size=" + size + ", keep=" + Duration.ofNanos(keepNanos) + "]";
  }
}
