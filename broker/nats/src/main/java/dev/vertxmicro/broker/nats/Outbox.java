// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.vertxmicro.broker.Completions;
import dev.vertxmicro.broker.Completions.Waiter;
import dev.vertxmicro.broker.DeadlineTimer;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Publishes over one connection, in the order of the calls, and says of each publish whether the
 * server has taken it.
 *
 * <p>NATS does not answer a publish. But a server reads what a connection sends in order, so that
 * it has taken everything that was written before an <i>echo</i>: a message to a subject that only
 * this connection subscribes to. One echo is under way at a time; when it comes back, all before it
 * are confirmed, and the next one is sent if more were written meanwhile. JetStream does answer: to
 * the reply subject, which ends with the number of the publish.
 *
 * <p>What is sent and not confirmed is in a ring of {@code maxInFlight} places, found by its
 * number; when the connection is lost all of it fails with UNKNOWN. What cannot be sent, because
 * the connection is lost or the ring is full, waits in a buffer of bounded bytes. jnats' own buffer
 * for times of disconnection is off: it would keep what nobody vouches for any more. What stands in
 * jnats' queue when a connection is lost is sent over the next one all the same, so a publish that
 * failed with UNKNOWN may arrive late.
 *
 * <p>Publishes come from any thread; one lock guards the state. It is held while a publish is given
 * to jnats, which queues it without waiting. Futures complete on the context of their caller.
 */
final class Outbox {

  /** More unconfirmed bytes wait as if the ring were full, unless the ring is empty. */
  private static final long MOST_BYTES_IN_FLIGHT = 32 << 20;

  /** How a publish is confirmed. */
  private enum Kind {
    ECHO,
    REPLY
  }

  /** A publish, or a barrier without a message. */
  private static final class Pending {
    private final Kind kind;
    private final @Nullable String subject;
    private final @Nullable Headers headers;
    private final Waiter waiter;
    private final long deadlineNanos;
    private final int size;
    private byte @Nullable [] payload;

    Pending(
        Kind kind,
        @Nullable String subject,
        @Nullable Headers headers,
        byte @Nullable [] payload,
        Waiter waiter,
        long deadlineNanos) {
      this.kind = kind;
      this.subject = subject;
      this.headers = headers;
      this.payload = payload;
      this.size = payload == null ? 0 : payload.length;
      this.waiter = waiter;
      this.deadlineNanos = deadlineNanos;
    }
  }

  private final Vertx vertx;
  private final Context own;
  private final TimeSource time;
  private final int bufferSize;
  private final String inbox;
  private final DeadlineTimer timer;
  private final ReentrantLock lock = new ReentrantLock();
  private final @Nullable Pending[] ring;

  // Guarded by the lock.
  private final Deque<Pending> buffer = new ArrayDeque<>();
  private long bufferedBytes;
  private long bytesInFlight;
  private long head;
  private long tail;
  private long echoUnderWay = -1;
  private @Nullable Connection connection;
  private boolean closed;
  private final List<Waiter> idle = new ArrayList<>();

  /**
   * Makes an outbox that is not connected.
   *
   * @param inbox the subject of echoes and replies, without the last word
   */
  Outbox(Vertx vertx, TimeSource time, NatsBrokerOptions options, String inbox) {
    this.vertx = vertx;
    this.own = vertx.getOrCreateContext();
    this.time = time;
    this.timer = new DeadlineTimer(own, time, this::onTimer);
    this.bufferSize = options.getBufferSize();
    this.inbox = inbox;
    this.ring = new Pending[options.getMaxInFlight()];
  }

  /** Returns the subject to subscribe to, with {@link #onMessage}, before {@link #connected}. */
  String replies() {
    return inbox + ".*";
  }

  /** Publishes; completes when the server has taken it. */
  Future<Void> publish(String subject, byte[] payload, Duration timeout) {
    return offer(pending(Kind.ECHO, subject, null, payload, timeout));
  }

  /** Publishes; completes when a stream has stored it. */
  Future<Void> store(String subject, @Nullable Headers headers, byte[] payload, Duration timeout) {
    return offer(pending(Kind.REPLY, subject, headers, payload, timeout));
  }

  /** Completes when the server has taken all that was sent before, by whomever. */
  Future<Void> barrier(Duration timeout) {
    return offer(pending(Kind.ECHO, null, null, null, timeout));
  }

  private Pending pending(
      Kind kind,
      @Nullable String subject,
      @Nullable Headers headers,
      byte @Nullable [] payload,
      Duration timeout) {
    long deadline = time.nanoTime() + Nanos.of(timeout);
    return new Pending(kind, subject, headers, payload, Waiter.here(vertx), deadline);
  }

  private Future<Void> offer(Pending pending) {
    Completions done = new Completions();
    lock.lock();
    try {
      RpcException refused = closed ? unavailable("closed").build() : null;
      if (refused == null && !(buffer.isEmpty() && hasRoom(pending) && send(pending, done))) {
        refused = enqueue(pending);
      }
      if (refused != null) {
        return Future.failedFuture(refused);
      }
      timer.watch(pending.deadlineNanos);
    } finally {
      lock.unlock();
    }
    done.run();
    return pending.waiter.future();
  }

  /** Called with the lock, as all down to {@link #onTimer}. */
  private boolean hasRoom(Pending pending) {
    return connection != null
        && tail - head < ring.length
        && (tail == head || bytesInFlight + pending.size <= MOST_BYTES_IN_FLIGHT);
  }

  private @Nullable RpcException enqueue(Pending pending) {
    boolean barrier = pending.payload == null;
    if (!barrier && bufferedBytes + Math.max(1, pending.size) > bufferSize) {
      String why = connection == null ? "not connected" : ring.length + " publishes unconfirmed";
      return unavailable(why + ", and the buffer of " + bufferSize + " bytes is full").build();
    }
    buffer.add(pending);
    bufferedBytes += pending.size;
    return null;
  }

  /** Gives a publish to jnats; returns false if the connection turns out to be lost. */
  private boolean send(Pending pending, Completions done) {
    Connection to = connection;
    if (to == null) {
      return false;
    }
    boolean given;
    try {
      given = give(to, pending);
    } catch (IllegalStateException lost) {
      // The event that says so is on its way, and behind it the one that it is back.
      connection = null;
      return false;
    } catch (IllegalArgumentException unfit) {
      // Too large for this server, or no subject: no other connection would take it.
      done.add(
          pending.waiter,
          RpcException.client(GrpcStatus.INVALID_ARGUMENT, "nats: " + unfit.getMessage())
              .cause(unfit)
              .build());
      return true;
    }
    if (!given) {
      // Its number stays its own: the answer may come.
      tail++;
      leave(tail - 1);
      done.add(
          pending.waiter,
          unavailable("interrupted while it was sent").processed(Processed.UNKNOWN).build());
      return true;
    }
    pending.payload = null;
    ring[place(tail)] = pending;
    tail++;
    bytesInFlight += pending.size;
    if (pending.kind == Kind.ECHO) {
      echo(to);
    }
    return true;
  }

  private boolean give(Connection to, Pending pending) {
    String subject = pending.subject;
    byte[] payload = pending.payload;
    if (subject == null || payload == null) {
      return true;
    }
    String replyTo = pending.kind == Kind.REPLY ? inbox + "." + tail : null;
    return uninterrupted(() -> to.publish(subject, replyTo, pending.headers, payload));
  }

  /**
   * What an interrupted thread gives to jnats is dropped, and nobody is told. So it is given as if
   * this thread was not; false if it was interrupted meanwhile, when it may have been dropped.
   */
  private static boolean uninterrupted(Runnable publish) {
    boolean before = Thread.interrupted();
    try {
      publish.run();
      return !Thread.currentThread().isInterrupted();
    } finally {
      if (before) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private int place(long number) {
    return (int) (number % ring.length);
  }

  private void echo(Connection to) {
    if (echoUnderWay >= 0) {
      return;
    }
    try {
      byte[] upTo = Long.toString(tail).getBytes(US_ASCII);
      boolean given = uninterrupted(() -> to.publish(inbox + ".e", upTo));
      // Two echoes do no harm, and one must not be awaited that was dropped.
      given = given || uninterrupted(() -> to.publish(inbox + ".e", upTo));
      echoUnderWay = given ? tail : -1;
    } catch (IllegalStateException lost) {
      connection = null; // As in send: what is in the ring fails when we are told.
    }
  }

  /** Takes an echo or a reply; on a thread of jnats. */
  void onMessage(Message message) {
    String subject = message.getSubject();
    String last = subject.substring(inbox.length() + 1);
    Completions done = new Completions();
    lock.lock();
    try {
      if (last.equals("e")) {
        onEcho(Long.parseLong(new String(message.getData(), US_ASCII)), done);
      } else {
        onReply(Long.parseLong(last), message, done);
      }
      drain(done);
    } finally {
      lock.unlock();
    }
    done.run();
  }

  private void onEcho(long upTo, Completions done) {
    for (long number = head; number < upTo; number++) {
      Pending pending = ring[place(number)];
      if (pending != null && pending.kind == Kind.ECHO) {
        leave(number);
        done.add(pending.waiter, null);
      }
    }
    if (upTo == echoUnderWay) {
      echoUnderWay = -1;
      Connection to = connection;
      if (to != null && echoesWanted(upTo)) {
        echo(to);
      }
    }
  }

  private boolean echoesWanted(long from) {
    for (long number = Math.max(from, head); number < tail; number++) {
      Pending pending = ring[place(number)];
      if (pending != null && pending.kind == Kind.ECHO) {
        return true;
      }
    }
    return false;
  }

  private void onReply(long number, Message message, Completions done) {
    Pending pending = number >= head && number < tail ? ring[place(number)] : null;
    if (pending != null && pending.kind == Kind.REPLY) {
      leave(number);
      done.add(pending.waiter, StoreReply.failureOf(message));
    }
  }

  private void leave(long number) {
    Pending pending = ring[place(number)];
    if (pending != null) {
      ring[place(number)] = null;
      bytesInFlight -= pending.size;
    }
    while (head < tail && ring[place(head)] == null) {
      head++;
    }
  }

  /** Sends what waits, as far as there is room. */
  private void drain(Completions done) {
    while (true) {
      Pending next = buffer.peek();
      if (next == null || !hasRoom(next) || !send(next, done)) {
        break;
      }
      buffer.remove();
      bufferedBytes -= next.size;
    }
    if (buffer.isEmpty() && head == tail && !idle.isEmpty()) {
      idle.forEach(waiter -> done.add(waiter, null));
      idle.clear();
    }
  }

  /** Goes on over this connection. */
  void connected(Connection to) {
    Completions done = new Completions();
    lock.lock();
    try {
      if (!closed) {
        connection = to;
        drain(done);
      }
    } finally {
      lock.unlock();
    }
    done.run();
  }

  /** Fails what is unconfirmed; keeps what waits. */
  void disconnected() {
    Completions done = new Completions();
    lock.lock();
    try {
      connection = null;
      failUnconfirmed(done, "the connection was lost before the server confirmed");
      drain(done);
    } finally {
      lock.unlock();
    }
    done.run();
  }

  private void failUnconfirmed(Completions done, String why) {
    for (long number = head; number < tail; number++) {
      Pending pending = ring[place(number)];
      if (pending != null) {
        ring[place(number)] = null;
        done.add(pending.waiter, unavailable(why).processed(Processed.UNKNOWN).build());
      }
    }
    head = tail;
    bytesInFlight = 0;
    echoUnderWay = -1;
  }

  /** Completes when nothing waits and nothing is unconfirmed. */
  Future<Void> idle() {
    Waiter waiter = new Waiter(own, Promise.promise());
    lock.lock();
    try {
      if (buffer.isEmpty() && head == tail) {
        return Future.succeededFuture();
      }
      idle.add(waiter);
      return waiter.future();
    } finally {
      lock.unlock();
    }
  }

  /** Fails all that is left and all that comes. */
  void close() {
    Completions done = new Completions();
    lock.lock();
    try {
      closed = true;
      connection = null;
      failUnconfirmed(done, "the broker was closed before the server confirmed");
      for (Pending pending : buffer) {
        done.add(pending.waiter, unavailable("the broker was closed before this was sent").build());
      }
      buffer.clear();
      bufferedBytes = 0;
      drain(done);
    } finally {
      lock.unlock();
    }
    done.run();
    timer.close();
  }

  // ---- Timeouts

  private void onTimer() {
    Completions done = new Completions();
    long now = time.nanoTime();
    lock.lock();
    try {
      timer.expired();
      long earliest = Long.MAX_VALUE;
      for (long number = head, end = tail; number < end; number++) {
        Pending pending = ring[place(number)];
        if (pending != null && pending.deadlineNanos - now <= 0) {
          leave(number);
          done.add(pending.waiter, late(Processed.UNKNOWN, "the server has not confirmed in time"));
        } else if (pending != null) {
          earliest = Math.min(earliest, pending.deadlineNanos - now);
        }
      }
      for (Iterator<Pending> waiting = buffer.iterator(); waiting.hasNext(); ) {
        Pending pending = waiting.next();
        if (pending.deadlineNanos - now <= 0) {
          waiting.remove();
          bufferedBytes -= pending.size;
          done.add(pending.waiter, late(Processed.NOT_SENT, "not sent in time"));
        } else {
          earliest = Math.min(earliest, pending.deadlineNanos - now);
        }
      }
      drain(done);
      if (earliest != Long.MAX_VALUE) {
        timer.watch(now + earliest);
      }
    } finally {
      lock.unlock();
    }
    done.run();
  }

  private static RpcException late(Processed processed, String why) {
    return RpcException.client(GrpcStatus.DEADLINE_EXCEEDED, "nats: " + why)
        .processed(processed)
        .build();
  }

  private static RpcException.Builder unavailable(String why) {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "nats: " + why);
  }
}
