// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.pooling.Refusals;
import dev.vertxmicro.runtime.pooling.SendGate;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import org.jspecify.annotations.Nullable;

/**
 * One exchange on one HTTP/2 stream, for a caller on the event loop of the connection: how it gets
 * there, what a failure of the stream means, and how the wire is left.
 *
 * <pre>
 * WAITING --> SENT --> DONE            the usual way
 *    |          '----> LOST --> DONE   the stream failed, and one tick tells what it means
 *    |--> ELSEWHERE --> DONE           another event loop has the connections
 *    '--------------------> DONE       refused, cancelled or failed before it left
 * </pre>
 *
 * <p>The outcome is decided here, not read from exceptions of the stream: after DONE whatever the
 * stream still reports only says that its place is free again. All fields belong to the event loop.
 *
 * <p>Made by {@link GrpcLoop}; taken through {@link ConnectionPool} to a {@link Connection}. What
 * is written and read is up to {@link UnaryExchange} and {@link StreamingExchange}.
 */
abstract class PooledExchange implements Exchange {

  /** Where an exchange stands. */
  enum State {
    WAITING,
    ELSEWHERE,
    SENT,
    LOST,
    DONE
  }

  private static final long CANCEL = 8;

  final GrpcLoop loop;
  final Message request;
  final Deadline deadline;
  final SendOptions options;
  private final Context caller;
  private final @Nullable SendGate gate;
  private final long startedNanos;

  private State state = State.WAITING;
  private @Nullable ConnectionPool pool;
  private @Nullable GrpcRoute route;
  private String subtype = "";
  private @Nullable Connection connection;
  private @Nullable WireStream stream;
  private @Nullable Exchange elsewhere;
  private Phase waitingFor = Phase.QUEUE;
  private boolean written;
  private boolean unwritten;
  private @Nullable ReplyHead head;
  private boolean streamOver;
  private boolean left;
  private long grantedNanos;
  private long writtenNanos;
  private long endedNanos;

  /** Links of the pool's queue, which alone touches them. */
  @Nullable PooledExchange previous;

  @Nullable PooledExchange next;

  PooledExchange(
      GrpcLoop loop,
      Context caller,
      @Nullable SendGate gate,
      Message request,
      Deadline deadline,
      SendOptions options) {
    this.loop = loop;
    this.caller = caller;
    this.gate = gate;
    this.request = request;
    this.deadline = deadline;
    this.options = options;
    this.startedNanos = loop.nanoTime();
  }

  // ---- what kinds of exchanges differ in

  /** Writes to a stream that was just opened, its head at once. */
  abstract void write(WireStream stream);

  /** Reads a reply that begins. Not called after the end. */
  abstract void read(WireStream stream, ReplyHead head);

  /** A part of the reply's body has come. */
  abstract void chunk(Buffer chunk);

  /** The reply has ended, with these trailers. */
  abstract void ended(ReplyHeaders trailers);

  /** Tells whether both sides of the stream have said all. */
  abstract boolean isComplete();

  /** Tells the caller that the exchange failed. */
  abstract void tellFailure(RpcException failure);

  /** Passes on everything to an exchange on the event loop of {@code owner}, and starts it. */
  abstract Exchange moveTo(ConnectionPool owner, Context caller);

  /** Tells whether the stream may yet turn out to be complete, though it is said to be lost. */
  boolean mayBeComplete(Throwable cause) {
    return false;
  }

  /** Called one tick after {@link #mayBeComplete} said yes; true if it is. */
  boolean turnedOutComplete() {
    return false;
  }

  /** Ends our side of a stream of which the peer's has ended well; false if it is to be reset. */
  boolean endQuietly(WireStream stream) {
    return false;
  }

  // ---- for the caller

  @Override
  public void cancel() {
    switch (state) {
      case DONE -> {}
      case ELSEWHERE -> {
        if (elsewhere != null) {
          elsewhere.cancel();
        }
      }
      case WAITING -> {
        if (pool != null) {
          pool.leaveQueue(this);
        }
        fail(Refusals.cancelled(Processed.NOT_SENT));
      }
      case SENT, LOST -> giveUp();
    }
  }

  @Override
  public boolean isSent() {
    return (stream != null && !unwritten) || (elsewhere != null && elsewhere.isSent());
  }

  @Override
  public PhaseTimes times() {
    long now = state == State.DONE ? endedNanos : loop.nanoTime();
    if (elsewhere != null) {
      return elsewhere.times();
    }
    if (connection == null) {
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

  // ---- for the pool

  long startedNanos() {
    return startedNanos;
  }

  /** Returns the context on which everything of this exchange is reported. */
  Context caller() {
    return caller;
  }

  SendOptions options() {
    return options;
  }

  // ---- for connections

  Message request() {
    return request;
  }

  /** Tells whether the request's body is compressed. */
  boolean isCompressed() {
    return options.requestEncoding() != null;
  }

  /** Returns the content type on the wire. */
  String subtype() {
    return subtype;
  }

  // ---- steps, in order

  /** Enters the pool; the exchange is then in its queue, sent, or failed. */
  final void start(ConnectionPool pool, GrpcRoute route, String subtype) {
    this.pool = pool;
    this.route = route;
    this.subtype = subtype;
    if (deadline.remainingNanos() <= 0) {
      fail(Refusals.tooLate());
    } else {
      pool.acquire(this);
    }
  }

  /** Says what the exchange waits for in the queue. */
  final void waitFor(Phase phase) {
    waitingFor = phase;
  }

  /** Moves to the event loop of {@code owner}; this exchange then only passes on. */
  final void handOver(ConnectionPool owner) {
    if (gate != null && !gate.pass(loop.nanoTime())) {
      fail(Refusals.cancelled(Processed.NOT_SENT));
      return;
    }
    state = State.ELSEWHERE;
    elsewhere = moveTo(owner, caller);
  }

  /** The exchange elsewhere has ended. */
  final void endedElsewhere() {
    state = State.DONE;
    endedNanos = loop.nanoTime();
  }

  /**
   * Sends the request on a connection that has room. Runs as the caller's context, since streams
   * report on the context that opened them.
   */
  final void send(Connection granted) {
    connection = granted;
    grantedNanos = loop.nanoTime();
    long remaining = deadline.remainingNanos();
    if (remaining <= 0) {
      fail(Refusals.tooLate());
      return;
    }
    if (gate != null && !gate.pass(grantedNanos)) {
      fail(Refusals.cancelled(Processed.NOT_SENT));
      return;
    }
    try {
      WireStream opened = route == null ? null : granted.open(this, route, remaining);
      if (opened == null) {
        granted.retire();
        fail(Failures.notWritten(granted.address(), new IllegalStateException("no stream")));
        return;
      }
      stream = opened;
      state = State.SENT;
      write(opened);
    } catch (RuntimeException refused) {
      granted.retire();
      fail(Failures.notWritten(granted.address(), refused));
    }
  }

  // ---- what the stream reports

  /**
   * What had to leave for the request to count as sent has left, or has not.
   *
   * @param failure why not, or null
   */
  final void written(@Nullable Throwable failure) {
    if (failure == null) {
      written = true;
      writtenNanos = loop.nanoTime();
    } else {
      unwritten = true;
      failed(failure);
    }
  }

  /** The reply has begun. */
  final void head(ReplyHead received) {
    head = received;
    if (state != State.DONE && stream != null) {
      read(stream, received);
    }
  }

  /** The stream, or the connection under it, reports that it is over. */
  final void failed(Throwable cause) {
    Connection on = connection;
    if (on == null || state == State.LOST) {
      return;
    }
    streamOver = true;
    if (state == State.DONE) {
      on.pool().streamIsFree();
      return;
    }
    if (Failures.endsConnection(cause, written)) {
      on.retire();
    }
    if (!written) {
      fail(Failures.notWritten(on.address(), cause));
    } else if (Failures.isRefusedStream(cause) && head == null) {
      on.resetByPeer(loop.nanoTime());
      fail(Failures.lost(on.address(), Processed.REFUSED, cause));
    } else if (on.isBeyondGoAway(streamId())) {
      fail(Failures.lost(on.address(), Processed.REFUSED, cause));
    } else if (mayBeComplete(cause)) {
      state = State.LOST;
      caller.runOnContext(v -> lost(on, cause));
    } else if (cause instanceof HttpClosedException && on.isGoingAway()) {
      // Of two GOAWAY frames Vert.x reports the first only. If the stream ended while the
      // connection lives on, the second has excluded it.
      state = State.LOST;
      caller.runOnContext(v -> lost(on, cause));
    } else {
      fail(Failures.lost(on.address(), Processed.UNKNOWN, on.lossReason(cause)));
    }
  }

  private void lost(Connection on, Throwable cause) {
    if (state == State.DONE || turnedOutComplete()) {
      return;
    }
    Processed processed = head != null || on.isClosed() ? Processed.UNKNOWN : Processed.REFUSED;
    fail(Failures.lost(on.address(), processed, on.lossReason(cause)));
  }

  private int streamId() {
    return stream == null ? 0 : stream.id();
  }

  /**
   * Ends the exchange with a failure, wherever it is; the pool calls it as the caller's context.
   */
  final void fail(RpcException failure) {
    if (state == State.DONE) {
      return;
    }
    finish();
    tellFailure(failure.toBuilder().times(times()).build());
  }

  /**
   * Ends the exchange for a caller who no longer waits. The stream is reset first: if flow control
   * held a part of the message back, that part fails now and proves that nothing whole has left.
   */
  private void giveUp() {
    finish();
    Processed processed = isSent() ? Processed.UNKNOWN : Processed.NOT_SENT;
    tellFailure(Refusals.cancelled(processed).toBuilder().times(times()).build());
  }

  /** Decides that it is over; then cleans the wire. */
  final void finish() {
    state = State.DONE;
    leaveWire();
  }

  /** Closes the stream if it is still open on either side, and gives its place back, once. */
  final void leaveWire() {
    Connection on = connection;
    if (left) {
      return;
    }
    left = true;
    endedNanos = loop.nanoTime();
    if (on == null) {
      return;
    }
    if (stream != null && !streamOver && !isComplete() && !endQuietly(stream)) {
      stream.reset(CANCEL);
      on.resetByUs(endedNanos);
    }
    on.end(endedNanos);
  }

  // ---- for subclasses

  final State state() {
    return state;
  }

  final boolean isDone() {
    return state == State.DONE;
  }

  final boolean isWritten() {
    return written;
  }

  /** Tells whether the request goes on: its stream lives, and nobody has given it up. */
  final boolean isFlowing() {
    return state == State.SENT && !streamOver;
  }

  /** Returns how the reply began, or null if it has not. */
  final @Nullable ReplyHead head() {
    return head;
  }

  final @Nullable Connection connection() {
    return connection;
  }

  /** Returns the exchange that does the work on another event loop, or null. */
  final @Nullable Exchange elsewhere() {
    return elsewhere;
  }
}
