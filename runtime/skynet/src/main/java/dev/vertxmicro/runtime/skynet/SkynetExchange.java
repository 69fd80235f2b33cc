// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.pooling.BufferBytes;
import dev.vertxmicro.runtime.pooling.Departure;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request: a call with its reply, or a push, which is over when it is written.
 *
 * <pre>
 * WAITING ---> SENT ---> DONE
 *    '-----------------> DONE      refused, cancelled or failed before it left
 * </pre>
 *
 * <p>What a failure says of the node: a request that was not written whole is NOT_SENT, since it
 * says how long it is. One that was written and has no reply is UNKNOWN, any reply is YES.
 *
 * <p>All fields belong to the event loop of its node. Made by {@link SkynetLoop}; goes through
 * {@link SkynetLink} to a {@link SkynetConnection}.
 */
final class SkynetExchange extends Departure implements Exchange {

  private enum State {
    WAITING,
    SENT,
    DONE
  }

  /** The first part of a reply makes room for so many of its size, if the reply has as many. */
  private static final int PARTS_AHEAD = 8;

  private static final Message WRITTEN = Message.reply().build();

  private final SkynetLoop loop;
  private final Context caller;
  private final @Nullable SendGate gate;
  private final SkynetAddress to;
  private final Message request;
  private final boolean push;
  private final Deadline deadline;
  private final SendOptions options;
  private final Promise<Message> promise = Promise.promise();
  private final long startedNanos;

  private State state = State.WAITING;
  private @Nullable SkynetLink link;
  private @Nullable SkynetConnection connection;
  private Phase waitingFor = Phase.CONNECT;
  private int session;
  private int frameBytes;
  private boolean sent;
  private boolean written;
  private boolean unwritten;
  private long dueNanos;
  private long grantedNanos;
  private long writtenNanos;
  private long endedNanos;
  private @Nullable Buffer parts;
  private long total;

  SkynetExchange(
      SkynetLoop loop,
      Context caller,
      @Nullable SendGate gate,
      SkynetAddress to,
      Message request,
      boolean push,
      Deadline deadline,
      SendOptions options) {
    this.loop = loop;
    this.caller = caller;
    this.gate = gate;
    this.to = to;
    this.request = request;
    this.push = push;
    this.deadline = deadline;
    this.options = options;
    this.startedNanos = loop.nanoTime();
  }

  // ---- for the caller

  @Override
  public Future<Message> reply() {
    return promise.future();
  }

  @Override
  public void cancel() {
    switch (state) {
      case DONE -> {}
      case WAITING -> {
        if (link != null) {
          link.leaveQueue(this);
        }
        fail(Refusals.cancelled(Processed.NOT_SENT));
      }
      case SENT -> fail(Refusals.cancelled(processed()));
    }
  }

  @Override
  public boolean isSent() {
    return sent && !unwritten;
  }

  @Override
  public PhaseTimes times() {
    long now = state == State.DONE ? endedNanos : loop.nanoTime();
    if (!sent) {
      return PhaseTimes.NONE.plus(waitingFor, now - startedNanos);
    }
    PhaseTimes waited = PhaseTimes.NONE.plus(waitingFor, grantedNanos - startedNanos);
    if (!written) {
      return waited.plus(Phase.SEND, now - grantedNanos);
    }
    return waited
        .plus(Phase.SEND, writtenNanos - grantedNanos)
        .plus(Phase.WAIT, now - writtenNanos);
  }

  // ---- for the link

  boolean isPush() {
    return push;
  }

  SendOptions options() {
    return options;
  }

  /** Returns how many bytes it keeps while it waits. */
  int bytes() {
    return to.commandBytes() + request.body().length();
  }

  /** Enters the link; the exchange is then in its queue, sent, or failed. */
  void start(SkynetLink entered) {
    link = entered;
    long left = deadline.remainingNanos();
    // Without a deadline it wraps around, and is as far away as can be.
    dueNanos = startedNanos + left;
    if (left <= 0) {
      fail(Refusals.tooLate());
    } else {
      entered.acquire(this, startedNanos);
    }
  }

  /** Says what the exchange waits for in the queue. */
  void waitFor(Phase phase) {
    waitingFor = phase;
  }

  /**
   * Writes the request, unless it is given up or too late.
   *
   * @param now what the clock says
   */
  void send(SkynetConnection granted, long now) {
    grantedNanos = now;
    if (dueNanos - now <= 0) {
      fail(Refusals.tooLate());
      return;
    }
    if (gate != null && !gate.pass(grantedNanos)) {
      fail(Refusals.cancelled(Processed.NOT_SENT));
      return;
    }
    Buffer arguments = to.arguments(request.body());
    if (!push || RequestFrames.isLarge(arguments)) {
      session = granted.nextSession();
    }
    connection = granted;
    sent = true;
    state = State.SENT;
    loop.observer().streamOpened(SkynetTransport.PROTOCOL);
    if (!push) {
      granted.expect(session, this);
    }
    write(granted.requests(), arguments);
  }

  private void write(RequestBatch requests, Buffer arguments) {
    Buffer trace = loop.trace(request);
    frameBytes = RequestFrames.length(to, arguments) + (trace == null ? 0 : trace.length());
    ByteBuf frames = requests.next(frameBytes);
    if (trace != null) {
      BufferBytes bytes = BufferBytes.of(trace);
      frames.writeBytes(bytes.array(), bytes.from(), trace.length());
    }
    RequestFrames.append(frames, to, session, arguments, push);
    requests.added(frameBytes, this);
  }

  /** The request has left whole, or never will. */
  @Override
  public void left(@Nullable Throwable failure) {
    RequestBatch requests = carrier().requests();
    if (failure == null) {
      written(requests.leftNanos());
    } else {
      notWritten(failure);
    }
    requests.left(frameBytes);
  }

  private void written(long now) {
    written = true;
    writtenNanos = now;
    if (push && state == State.SENT) {
      complete(WRITTEN, now);
    }
  }

  private void notWritten(Throwable cause) {
    unwritten = true;
    if (state == State.SENT) {
      fail(Failures.notWritten(address(), cause));
    }
  }

  private SkynetConnection carrier() {
    return Objects.requireNonNull(connection, "connection");
  }

  /** Returns what can be said of a request that was handed to its connection, and has no reply. */
  private Processed processed() {
    return isSent() ? Processed.UNKNOWN : Processed.NOT_SENT;
  }

  // ---- for the connection: what the node says

  /** Takes a whole reply. */
  void replied(Buffer bytes, int from, int to) {
    int length = to - from;
    if (parts != null) {
      fail(Failures.protocol(address(), "a reply in between the parts of another"));
    } else if (length > options.maxReplyBytes()) {
      loop.observer().limitReached("replyBytes");
      fail(Failures.replyTooLarge(length, options.maxReplyBytes()));
    } else {
      complete(reply(bytes.getBuffer(from, to)), carrier().readNanos());
    }
  }

  /** Takes an error, also in between the parts of a reply. */
  void refused(String node, Buffer text) {
    fail(Failures.remote(node, text));
  }

  /** A reply in parts begins, of that many bytes in all. */
  void begun(long length) {
    if (parts != null) {
      fail(Failures.protocol(address(), "a reply that begins twice"));
    } else if (length > options.maxReplyBytes()) {
      loop.observer().limitReached("replyBytes");
      fail(Failures.replyTooLarge(length, options.maxReplyBytes()));
    } else {
      total = length;
      parts = Buffer.buffer(0);
    }
  }

  /** Takes a part of a reply. */
  void part(Buffer bytes, int from, int to, boolean last) {
    Buffer assembled = parts;
    if (assembled == null) {
      fail(Failures.protocol(address(), "a part of a reply that has not begun"));
      return;
    }
    long length = (long) assembled.length() + to - from;
    if (length > total || (last && length < total)) {
      fail(Failures.protocol(address(), "%d bytes of %d".formatted(length, total)));
      return;
    }
    if (assembled.length() == 0) {
      assembled = Buffer.buffer((int) Math.min(total, (long) PARTS_AHEAD * (to - from)));
      parts = assembled;
    }
    assembled.appendBuffer(bytes, from, to - from);
    if (last) {
      complete(reply(assembled), carrier().readNanos());
    }
  }

  private Message reply(Buffer body) {
    return Message.reply().contentType(request.contentType()).body(body).build();
  }

  private String address() {
    return connection == null ? "" : connection.address();
  }

  /** The connection is gone. */
  void lost(@Nullable Throwable cause) {
    fail(written ? Failures.lost(address(), cause) : Failures.notWritten(address(), cause));
  }

  /** The transport closes and does not wait. */
  void aborted() {
    fail(Failures.aborted(sent ? processed() : Processed.NOT_SENT));
  }

  /** The node is elsewhere, or nowhere, and whoever waited for it waits for nothing. */
  void moved(String node, String what) {
    fail(Failures.moved(node, what, sent ? processed() : Processed.NOT_SENT));
  }

  /** Sending has thrown. */
  void broken(RuntimeException thrown) {
    fail(Failures.broken(thrown, sent ? processed() : Processed.NOT_SENT));
  }

  // ---- the end

  /** Ends the exchange with a failure, wherever it is. */
  void fail(RpcException failure) {
    if (state == State.DONE) {
      return;
    }
    boolean unwanted = failure.code() == RpcError.CANCELLED_CODE && !deadline.isExpired();
    if (push && link != null && !unwanted) {
      loop.observer().oneWayDropped(SkynetTransport.PROTOCOL);
    }
    finish(loop.nanoTime());
    RpcException told = failure.toBuilder().times(times()).build();
    EventLoops.dispatch(caller, () -> promise.fail(told));
  }

  private void complete(Message message, long now) {
    finish(now);
    EventLoops.dispatch(caller, () -> promise.complete(message));
  }

  private void finish(long now) {
    boolean open = state == State.SENT;
    state = State.DONE;
    endedNanos = now;
    parts = null;
    if (open) {
      if (!push && connection != null) {
        connection.forget(session);
      }
      loop.observer().streamClosed(SkynetTransport.PROTOCOL);
    }
  }
}
