// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.vertx.core.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection of a pool: how many exchanges use it, whether it may get more, and what the
 * peer has said about its end. Belongs to its event loop. Each engine has its own kind of them.
 *
 * <pre>
 * OPEN --> DRAINING --> CLOSED     GOAWAY, age, smaller pool, too many resets: ends what runs
 *   '----------------------'       the peer closes, or does not answer a PING
 * </pre>
 *
 * <p>A draining connection says nothing before its last exchange has ended.
 */
abstract class Connection {

  private static final int NO_GOAWAY = Integer.MAX_VALUE;

  private final ConnectionPool pool;
  private final Dialer dialer;
  private final KeepAlive keepAlive;
  private final long openedNanos;
  private final double jitter;
  private final ResetWindow resetsSent = new ResetWindow();
  private final ResetWindow resetsReceived = new ResetWindow();

  private int active;
  private boolean used;
  private long limit;
  private boolean draining;
  private boolean closed;
  private boolean goingAway;
  private int lastStreamId = NO_GOAWAY;
  private long replies;
  private long lastUsedNanos;
  private @Nullable String aborted;

  /** Wraps a connection that stands. */
  Connection(ConnectionPool pool, Dialer dialer) {
    this.pool = pool;
    this.dialer = dialer;
    this.jitter = pool.loop().jitter();
    this.openedNanos = pool.loop().nanoTime();
    this.lastUsedNanos = openedNanos;
    this.keepAlive = new KeepAlive(this, pool.loop(), pool.loop().options());
  }

  // ---- what engines differ in

  /**
   * Starts to report what the peer says, and that it is gone, to the last section of this class.
   */
  abstract void listen();

  /** Returns how many streams are open on the wire, those included that were given up. */
  abstract long streamsOnTheWire();

  /**
   * Opens a stream whose head is to be written in the same tick; null if there is none at once.
   *
   * @param remainingNanos the time to announce, above 0; {@link Long#MAX_VALUE} for none
   */
  abstract @Nullable WireStream open(PooledExchange exchange, GrpcRoute route, long remainingNanos);

  /** Sends a PING; completes when it was answered. */
  abstract Future<?> ping(long data);

  /** Sends SETTINGS that change nothing; completes when the peer has acknowledged them. */
  abstract Future<?> askForSettingsAck();

  /** Says GOAWAY and closes. May be called twice. */
  abstract void closeWire();

  // ---- for the pool

  /** Starts to listen to the peer. */
  final void start() {
    dialer.connectionOpened();
    listen();
    keepAlive.start();
  }

  /** Closes a connection that was never started. */
  final void discard() {
    closeWire();
  }

  /**
   * Tells whether one more stream may be opened. The count on the wire matters as well as ours: a
   * stream that we have given up may be open until its RST_STREAM has been written.
   */
  boolean hasRoom() {
    return active < limit && streamsOnTheWire() < limit;
  }

  /** Tells whether the peer allows no streams at all now. */
  boolean isBarred() {
    return limit == 0;
  }

  /**
   * Tells whether it is older than {@code ttlNanos}, less up to a tenth; 0 means no bound. One that
   * nobody has used is never too old, or a short bound could keep those who wait waiting for ever.
   */
  boolean isAged(long now, long ttlNanos) {
    return ttlNanos > 0
        && used
        && now - openedNanos >= ttlNanos - (long) (ttlNanos / 10.0 * jitter);
  }

  boolean isUnusedFor(long nanos, long now) {
    return active == 0 && now - lastUsedNanos >= nanos;
  }

  boolean isIdle() {
    return active == 0;
  }

  int active() {
    return active;
  }

  /** Takes room for one exchange. */
  void begin() {
    active++;
    used = true;
    pool.loop().observer().streamOpened(GrpcTransport.PROTOCOL);
  }

  /** Gets no more work; is closed when its last exchange has ended. */
  void drain() {
    draining = true;
    if (active == 0) {
      shutdown();
    }
  }

  /** Closes now; what runs on it fails. */
  void abort(String why) {
    if (closed) {
      return;
    }
    aborted = why;
    retire();
    closed = true;
    shutdown();
  }

  // ---- for exchanges

  ConnectionPool pool() {
    return pool;
  }

  String address() {
    return pool.address();
  }

  /** Gives the room of one exchange back. */
  void end(long now) {
    active--;
    replies++;
    lastUsedNanos = now;
    pool.loop().observer().streamClosed(GrpcTransport.PROTOCOL);
    if (draining && active == 0) {
      shutdown();
    } else {
      pool.streamIsFree();
    }
  }

  /** The peer has sent something for an exchange that goes on. */
  void heard() {
    replies++;
  }

  /** Something went wrong that is not one stream's own matter: new streams go elsewhere. */
  void retire() {
    pool.retire(this);
  }

  void resetByUs(long now) {
    if (resetsSent.add(now)) {
      retire();
    }
  }

  void resetByPeer(long now) {
    if (resetsReceived.add(now)) {
      retire();
    }
  }

  /** Tells whether the peer has said that it will not look at that stream. */
  boolean isBeyondGoAway(int streamId) {
    return streamId > lastStreamId;
  }

  boolean isGoingAway() {
    return goingAway;
  }

  boolean isClosed() {
    return closed;
  }

  /** Returns why we closed the connection ourselves, if so; else {@code cause}. */
  Throwable lossReason(Throwable cause) {
    return aborted == null ? cause : new IOException(aborted, cause);
  }

  // ---- for keepalive

  /** Returns a number that changes with every exchange that ends and every chunk of a stream. */
  long replies() {
    return replies;
  }

  // ---- what the peer says, reported by engines

  /** It looks at no stream above that number. */
  final void goneAway(int lastStream) {
    goingAway = true;
    lastStreamId = Math.min(lastStreamId, lastStream);
    retire();
  }

  /** It is being closed, and what runs on it fails. */
  final void lost() {
    closed = true;
    retire();
  }

  /** It is gone. */
  final void gone() {
    closed = true;
    keepAlive.stop();
    dialer.connectionClosed();
    pool.connectionClosed(this);
  }

  /** The peer allows so many streams at a time. */
  final void allowStreams(long most) {
    limit = Math.min(most, pool.loop().options().getMaxStreamsPerConnection());
    pool.streamIsFree();
  }

  private void shutdown() {
    keepAlive.stop();
    closeWire();
  }
}
