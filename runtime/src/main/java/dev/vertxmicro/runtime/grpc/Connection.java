// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.GoAway;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection of a pool: how many exchanges use it, whether it may get more, and what the
 * peer has said about its end. Belongs to its event loop.
 *
 * <pre>
 * OPEN --> DRAINING --> CLOSED     GOAWAY, age, smaller pool, too many resets: ends what runs
 *   '----------------------'       the peer closes, or does not answer a PING
 * </pre>
 *
 * <p>A draining connection sends no GOAWAY before its last exchange has ended: Vert.x breaks
 * streams of a connection that has sent one.
 */
final class Connection {

  private static final int NO_GOAWAY = Integer.MAX_VALUE;

  private final ConnectionPool pool;
  private final HttpClientConnection http;
  private final Dialer dialer;
  private final KeepAlive keepAlive;
  private final long openedNanos;
  private final double jitter;
  private final ResetWindow resetsSent = new ResetWindow();
  private final ResetWindow resetsReceived = new ResetWindow();

  private int active;
  private boolean used;
  private long limit;
  private long maxHeaderListBytes;
  private boolean draining;
  private boolean closed;
  private boolean goingAway;
  private int lastStreamId = NO_GOAWAY;
  private long replies;
  private long lastUsedNanos;
  private @Nullable String aborted;

  /**
   * Wraps a connection that stands.
   *
   * @param jitter 0 to 1, how much of the random part of its age it gets
   */
  Connection(ConnectionPool pool, HttpClientConnection http, Dialer dialer, double jitter) {
    this.pool = pool;
    this.http = http;
    this.dialer = dialer;
    this.jitter = jitter;
    this.openedNanos = pool.loop().nanoTime();
    this.lastUsedNanos = openedNanos;
    this.keepAlive = new KeepAlive(this, pool.loop(), pool.loop().options());
  }

  /** Starts to listen to the peer. */
  void start() {
    dialer.connectionOpened();
    http.goAwayHandler(this::goAway);
    http.closeHandler(v -> closed());
    http.remoteSettingsHandler(settings -> pool.loop().context().runOnContext(v -> readSettings()));
    readSettings();
    keepAlive.start();
  }

  // for the pool

  /**
   * Tells whether one more stream may be opened. Vert.x' count matters as well as ours: a stream
   * that we have given up is open until its RST_STREAM has been written.
   */
  boolean hasRoom() {
    return active < limit && http.activeStreams() < limit;
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

  // for exchanges

  ConnectionPool pool() {
    return pool;
  }

  String address() {
    return pool.address();
  }

  /** Returns the largest head that the peer takes, or 8 KiB if it has not said. */
  long maxHeaderListBytes() {
    return maxHeaderListBytes;
  }

  /** Takes a request from Vert.x, to be sent in the same tick; null if there is none at once. */
  @Nullable HttpClientRequest request(RequestOptions path) {
    Future<HttpClientRequest> taken = http.request(path);
    if (!taken.isComplete()) {
      // Vert.x counts a stream that it could not open as open, and queues; what comes late leaves.
      taken.onSuccess(late -> late.reset());
    }
    return taken.result();
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

  // for keepalive

  /** Returns a number that changes with every exchange that ends and every chunk of a stream. */
  long replies() {
    return replies;
  }

  Future<Buffer> ping(Buffer data) {
    return http.ping(data);
  }

  /** Sends SETTINGS that change nothing; completes when the peer has acknowledged them. */
  Future<Void> askForSettingsAck() {
    return http.updateSettings(http.settings());
  }

  // what the peer says

  private void goAway(GoAway frame) {
    goingAway = true;
    lastStreamId = Math.min(lastStreamId, frame.getLastStreamId());
    retire();
  }

  private void closed() {
    closed = true;
    keepAlive.stop();
    dialer.connectionClosed();
    pool.connectionClosed(this);
  }

  private void readSettings() {
    maxHeaderListBytes = http.remoteSettings().getMaxHeaderListSize();
    limit = Math.min(http.maxActiveStreams(), pool.loop().options().getMaxStreamsPerConnection());
    pool.streamIsFree();
  }

  private void shutdown() {
    keepAlive.stop();
    http.shutdown(0, TimeUnit.SECONDS);
  }
}
