// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import dev.vertxmicro.broker.Completions;
import dev.vertxmicro.broker.Completions.Waiter;
import dev.vertxmicro.broker.DeadlineTimer;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The publishes of a broker: in what order they go out, which of them the server has confirmed, and
 * what waits while none can go out.
 *
 * <p>A publish is <i>due</i> when there is a channel and room under {@code maxInFlight}; else it
 * waits in a buffer of bounded bytes. A worker thread writes what is due to the channel, for
 * writing may block; what it has written is <i>unconfirmed</i>, in a ring of {@code maxInFlight}
 * places, found by its number on the channel, until the server confirms that number or a later one.
 * When the channel is lost all that is unconfirmed fails with UNKNOWN, and what was due waits for
 * the next.
 *
 * <p>While the server blocks publishers, being low on memory or disk, it reads nothing: nothing is
 * due then.
 *
 * <p>Publishes come from any thread; one lock guards the state and is not held while a publish is
 * written. Futures complete on the context of their caller.
 */
final class Outbox {

  /** More unconfirmed bytes wait as if the ring were full, unless nothing is unconfirmed. */
  private static final long MOST_BYTES_IN_FLIGHT = 32 << 20;

  /** After so many the writer lets others have its thread. */
  private static final int MOST_PER_TURN = 1_000;

  /**
   * What is published.
   *
   * @param topic its routing key
   * @param headers its headers
   * @param body its body
   * @param mandatory whether it fails if no queue takes it
   */
  record Letter(String topic, Map<String, Object> headers, Buffer body, boolean mandatory) {}

  /** A publish. */
  private static final class Pending {
    private final Letter letter;
    private final Waiter waiter;
    private final long deadlineNanos;

    // Guarded by the lock.
    private long number;
    private @Nullable String returned;

    Pending(Letter letter, Waiter waiter, long deadlineNanos) {
      this.letter = letter;
      this.waiter = waiter;
      this.deadlineNanos = deadlineNanos;
    }

    int size() {
      return letter.body().length();
    }
  }

  private final Vertx vertx;
  private final Context own;
  private final TimeSource time;
  private final String exchange;
  private final @Nullable Integer deliveryMode;
  private final int bufferSize;
  private final DeadlineTimer timer;
  private final ReentrantLock lock = new ReentrantLock();
  private final @Nullable Pending[] ring;

  // Guarded by the lock.
  private final Deque<Pending> buffer = new ArrayDeque<>();
  private final Deque<Pending> due = new ArrayDeque<>();
  private long bufferedBytes;
  private long bytesInFlight;
  private long head;
  private long tail;
  private @Nullable Writer writer;
  private String trouble = "not connected";
  private boolean closed;
  private final List<Waiter> idle = new ArrayList<>();

  /** Makes an outbox that is not connected. */
  Outbox(Vertx vertx, TimeSource time, RabbitBrokerOptions options) {
    this.vertx = vertx;
    this.own = vertx.getOrCreateContext();
    this.time = time;
    this.timer = new DeadlineTimer(own, time, this::onTimer);
    this.exchange = options.getExchange();
    this.deliveryMode = options.isPersistent() ? 2 : null;
    this.bufferSize = options.getBufferSize();
    this.ring = new Pending[options.getMaxInFlight()];
  }

  /** Publishes; completes when the server has confirmed it. */
  Future<Void> publish(Letter letter, Duration timeout) {
    Pending pending = new Pending(letter, Waiter.here(vertx), time.nanoTime() + Nanos.of(timeout));
    lock.lock();
    try {
      if (closed) {
        return Future.failedFuture(AmqpFailures.unavailable("closed").build());
      }
      if (buffer.isEmpty() && hasRoom(pending)) {
        makeDue(pending);
      } else if (bufferedBytes + Math.max(1, pending.size()) > bufferSize) {
        return Future.failedFuture(beyondTheBuffer());
      } else {
        buffer.add(pending);
        bufferedBytes += pending.size();
      }
      timer.watch(pending.deadlineNanos);
      return pending.waiter.future();
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock, as all down to {@link #beyondTheBuffer}. */
  private boolean hasRoom(Pending pending) {
    long inFlight = tail - head + due.size();
    return writer != null
        && !writer.blocked
        && inFlight < ring.length
        && (inFlight == 0 || bytesInFlight + pending.size() <= MOST_BYTES_IN_FLIGHT);
  }

  private void makeDue(Pending pending) {
    due.add(pending);
    bytesInFlight += pending.size();
    if (writer != null) {
      writer.wake();
    }
  }

  private RpcException beyondTheBuffer() {
    String why =
        writer == null || writer.blocked ? trouble : ring.length + " publishes unconfirmed";
    return AmqpFailures.unavailable(why + ", and the buffer of " + bufferSize + " bytes is full")
        .build();
  }

  private int place(long number) {
    return (int) (number % ring.length);
  }

  // ---- The channel

  /** Writes to one channel, which nobody else publishes on, and hears what the server says. */
  private final class Writer {
    private final Channel channel;

    // Guarded by the lock.
    private boolean awake;
    private boolean blocked;

    Writer(Channel channel) {
      this.channel = channel;
    }

    /** Called with the lock. */
    void wake() {
      if (!awake && !due.isEmpty()) {
        awake = true;
        schedule();
      }
    }

    private void schedule() {
      own.executeBlocking(
          () -> {
            write();
            return null;
          },
          false);
    }

    /** On a worker thread, one at a time. */
    private void write() {
      for (int turn = 0; turn < MOST_PER_TURN; turn++) {
        Pending next = take();
        if (next == null) {
          return;
        }
        try {
          channel.basicPublish(
              exchange,
              next.letter.topic(),
              next.letter.mandatory(),
              properties(next),
              next.letter.body().getBytes());
        } catch (IllegalArgumentException unfit) {
          // Headers that are too large or too deep: nothing of it was written.
          refuse(next, unfit);
        } catch (IOException | AlreadyClosedException lost) {
          channel.getConnection().abort(1);
          return; // We are told, and what is unconfirmed fails then; so awake may stay.
        }
      }
      schedule();
    }

    private @Nullable Pending take() {
      lock.lock();
      try {
        Pending next = writer == this && !blocked ? due.poll() : null;
        if (next == null) {
          awake = false;
          return null;
        }
        tail++;
        next.number = tail - 1;
        ring[place(next.number)] = next;
        return next;
      } finally {
        lock.unlock();
      }
    }

    private BasicProperties properties(Pending pending) {
      BasicProperties.Builder properties =
          new BasicProperties.Builder()
              .headers(pending.letter.headers())
              .deliveryMode(deliveryMode);
      return pending.letter.mandatory()
          ? properties.correlationId(Long.toString(pending.number)).build()
          : properties.build();
    }

    private void refuse(Pending pending, IllegalArgumentException unfit) {
      Completions done = new Completions();
      lock.lock();
      try {
        if (writer == this) {
          if (ring[place(pending.number)] == pending) {
            leave(pending.number);
            done.add(
                pending.waiter,
                RpcException.client(GrpcStatus.INVALID_ARGUMENT, "rabbitmq: " + unfit.getMessage())
                    .cause(unfit)
                    .build());
          }
          // The server counts what it gets: the number is the next one's.
          tail--;
          head = Math.min(head, tail);
          refill(done);
        }
      } finally {
        lock.unlock();
      }
      done.run();
    }

    // On amqp-client's thread for what the server says.

    /** The server's numbers start at 1, ours at 0. */
    void onConfirm(long serverNumber, boolean multiple, boolean taken) {
      long last = serverNumber - 1;
      Completions done = new Completions();
      lock.lock();
      try {
        if (writer != this) {
          return;
        }
        for (long number = multiple ? head : last; number <= last; number++) {
          confirm(number, taken, done);
        }
        refill(done);
      } finally {
        lock.unlock();
      }
      done.run();
    }

    private void confirm(long number, boolean taken, Completions done) {
      Pending pending = number >= head && number < tail ? ring[place(number)] : null;
      if (pending == null) {
        return; // It was too late.
      }
      leave(number);
      if (pending.returned != null) {
        done.add(
            pending.waiter,
            RpcException.client(
                    GrpcStatus.NOT_FOUND, "rabbitmq: no queue takes it: " + pending.returned)
                .processed(Processed.REFUSED)
                .target(pending.letter.topic(), "")
                .build());
      } else if (taken) {
        done.add(pending.waiter, null);
      } else {
        done.add(
            pending.waiter,
            AmqpFailures.unavailable("the server could not take it")
                .processed(Processed.UNKNOWN)
                .target(pending.letter.topic(), "")
                .build());
      }
    }

    void onReturn(String replyText, BasicProperties properties) {
      lock.lock();
      try {
        long number = Long.parseLong(properties.getCorrelationId());
        Pending pending = number >= head && number < tail ? ring[place(number)] : null;
        if (writer == this && pending != null && pending.number == number) {
          pending.returned = replyText;
        }
      } finally {
        lock.unlock();
      }
    }

    void onBlocked(@Nullable String why) {
      Completions done = new Completions();
      lock.lock();
      try {
        blocked = why != null;
        trouble = why == null ? "not connected" : "the server blocks publishers: " + why;
        if (!blocked) {
          wake();
          refill(done);
        } else if (bufferSize == 0) {
          // Nothing may wait: what has not been written fails as it would now.
          takeBack(done);
        }
      } finally {
        lock.unlock();
      }
      done.run();
    }
  }

  /** Goes on over this channel. Blocks. */
  void connected(Channel channel) throws IOException {
    Writer next = new Writer(channel);
    // Not confirmSelect(), after which amqp-client would count along, in a set of its own.
    channel.rpc(new AMQP.Confirm.Select.Builder().build());
    channel.addConfirmListener(
        (number, multiple) -> next.onConfirm(number, multiple, true),
        (number, multiple) -> next.onConfirm(number, multiple, false));
    channel.addReturnListener(
        returned -> next.onReturn(returned.getReplyText(), returned.getProperties()));
    channel.getConnection().addBlockedListener(next::onBlocked, () -> next.onBlocked(null));
    Completions done = new Completions();
    lock.lock();
    try {
      if (!closed) {
        writer = next;
        refill(done);
      }
    } finally {
      lock.unlock();
    }
    done.run();
    channel.addShutdownListener(cause -> disconnected(next, cause));
  }

  private void leave(long number) {
    Pending pending = ring[place(number)];
    if (pending != null) {
      ring[place(number)] = null;
      bytesInFlight -= pending.size();
    }
    while (head < tail && ring[place(head)] == null) {
      head++;
    }
  }

  /** Makes due what waits, as far as there is room. */
  private void refill(Completions done) {
    while (true) {
      Pending next = buffer.peek();
      if (next == null || !hasRoom(next)) {
        break;
      }
      buffer.remove();
      bufferedBytes -= next.size();
      makeDue(next);
    }
    if (buffer.isEmpty() && due.isEmpty() && head == tail && !idle.isEmpty()) {
      idle.forEach(waiter -> done.add(waiter, null));
      idle.clear();
    }
  }

  /** Fails what is unconfirmed; keeps what is due for the next channel. */
  private void disconnected(Writer of, ShutdownSignalException cause) {
    Completions done = new Completions();
    lock.lock();
    try {
      if (writer != of) {
        return;
      }
      writer = null;
      trouble = "not connected: " + AmqpFailures.text(cause);
      failUnconfirmed(done, lostBefore(cause));
      takeBack(done);
      refill(done);
    } finally {
      lock.unlock();
    }
    done.run();
  }

  /** What the server closes a channel for is one of the publishes on it: the one if it is one. */
  private RpcException lostBefore(ShutdownSignalException cause) {
    if (AmqpFailures.isOfChannel(cause)) {
      boolean guilty = tail - head == 1;
      return RpcException.client(
              AmqpFailures.status(cause),
              "rabbitmq: "
                  + (guilty ? "refused: " : "the server has closed the channel of publishes: ")
                  + AmqpFailures.text(cause))
          .processed(guilty ? Processed.REFUSED : Processed.UNKNOWN)
          .cause(cause)
          .build();
    }
    return AmqpFailures.unavailable(
            "the connection was lost before the server confirmed: " + AmqpFailures.text(cause))
        .processed(Processed.UNKNOWN)
        .cause(cause)
        .build();
  }

  private void failUnconfirmed(Completions done, RpcException why) {
    for (long number = head; number < tail; number++) {
      Pending pending = ring[place(number)];
      if (pending != null) {
        ring[place(number)] = null;
        bytesInFlight -= pending.size();
        done.add(pending.waiter, why);
      }
    }
    head = 0;
    tail = 0;
  }

  /** Puts what is due back before what waits; the youngest of all that is too much then fails. */
  private void takeBack(Completions done) {
    while (!due.isEmpty()) {
      Pending last = due.removeLast();
      bytesInFlight -= last.size();
      buffer.addFirst(last);
      bufferedBytes += last.size();
    }
    while (!buffer.isEmpty() && (bufferSize == 0 || bufferedBytes > bufferSize)) {
      Pending youngest = buffer.removeLast();
      bufferedBytes -= youngest.size();
      done.add(youngest.waiter, beyondTheBuffer());
    }
  }

  /** Completes when nothing waits and nothing is unconfirmed. */
  Future<Void> idle() {
    Waiter waiter = new Waiter(own, Promise.promise());
    lock.lock();
    try {
      if (buffer.isEmpty() && due.isEmpty() && head == tail) {
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
      writer = null;
      failUnconfirmed(
          done,
          AmqpFailures.unavailable("the broker was closed before the server confirmed")
              .processed(Processed.UNKNOWN)
              .build());
      RpcException unsent =
          AmqpFailures.unavailable("the broker was closed before this was sent").build();
      due.forEach(pending -> done.add(pending.waiter, unsent));
      due.clear();
      buffer.forEach(pending -> done.add(pending.waiter, unsent));
      buffer.clear();
      bufferedBytes = 0;
      refill(done);
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
      earliest = Math.min(earliest, expire(due, now, done));
      earliest = Math.min(earliest, expire(buffer, now, done));
      refill(done);
      if (earliest != Long.MAX_VALUE) {
        timer.watch(now + earliest);
      }
    } finally {
      lock.unlock();
    }
    done.run();
  }

  /** Fails what has not been sent in time; returns how long the earliest of the rest has. */
  private long expire(Deque<Pending> unsent, long now, Completions done) {
    long earliest = Long.MAX_VALUE;
    for (Iterator<Pending> each = unsent.iterator(); each.hasNext(); ) {
      Pending pending = each.next();
      if (pending.deadlineNanos - now > 0) {
        earliest = Math.min(earliest, pending.deadlineNanos - now);
        continue;
      }
      each.remove();
      if (unsent == due) {
        bytesInFlight -= pending.size();
      } else {
        bufferedBytes -= pending.size();
      }
      boolean held = writer == null || writer.blocked;
      done.add(
          pending.waiter,
          late(Processed.NOT_SENT, "not sent in time" + (held ? ": " + trouble : "")));
    }
    return earliest;
  }

  private static RpcException late(Processed processed, String why) {
    return RpcException.client(GrpcStatus.DEADLINE_EXCEEDED, "rabbitmq: " + why)
        .processed(processed)
        .build();
  }
}
