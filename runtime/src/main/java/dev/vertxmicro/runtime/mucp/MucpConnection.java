// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.PooledConnection;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a pool: carries one exchange at a time, and lives on only if both sides have
 * said all of it. Belongs to its event loop.
 *
 * <pre>
 * IDLE ---> BUSY ---> IDLE      a whole answer to a whole request, and nothing behind it
 *  |         '------> CLOSED    anything else: given up, cut, garbled, "Connection: close"
 *  '----------------> CLOSED    aged, unused, the peer closes or says something unasked
 * </pre>
 *
 * <p>So an answer that comes late finds its connection gone and can reach no other call.
 */
final class MucpConnection implements PooledConnection {

  /** go-micro's servers close connections after 5 s on which nothing was sent. */
  private static final long UNUSED_NANOS = 4_000_000_000L;

  private final ConnectionPool pool;
  private final NetSocket socket;
  private final AnswerReader reader;
  private final long openedNanos;
  private final double jitter;
  private @Nullable UnaryExchange current;
  private @Nullable Metadata firstHeaders;
  private @Nullable Throwable broken;
  private long lastUsedNanos;
  private boolean surplus;
  private boolean closed;

  /**
   * Wraps a socket that is connected.
   *
   * @param jitter 0 to 1, how much of the random part of its age it gets
   */
  MucpConnection(ConnectionPool pool, NetSocket socket, double jitter) {
    this.pool = pool;
    this.socket = socket;
    this.jitter = jitter;
    this.reader = new AnswerReader(pool.loop().options().getMaxHeaderBytes());
    this.openedNanos = pool.loop().nanoTime();
    this.lastUsedNanos = openedNanos;
  }

  /** Starts to listen to the peer. */
  void start() {
    socket.handler(this::received);
    socket.exceptionHandler(failure -> broken = failure);
    socket.closeHandler(v -> closed());
  }

  // for the pool

  /**
   * Tells whether it is older than {@code ttlNanos}, less up to a tenth (0 means no bound), or was
   * not used for so long that the server may be closing it.
   */
  @Override
  public boolean isAged(long now, long ttlNanos) {
    if (firstHeaders == null) {
      return now - openedNanos >= UNUSED_NANOS;
    }
    return ttlNanos > 0 && now - openedNanos >= ttlNanos - (long) (ttlNanos / 10.0 * jitter);
  }

  @Override
  public boolean isUnusedFor(long nanos, long now) {
    return now - lastUsedNanos >= nanos;
  }

  @Override
  public boolean isSurplus() {
    return surplus;
  }

  @Override
  public void makeSurplus() {
    surplus = true;
  }

  @Override
  public void makeCounted() {
    surplus = false;
  }

  @Override
  public boolean isOpen() {
    return !closed && EventLoops.isOpen(socket);
  }

  /** Closes a connection that nobody uses. */
  @Override
  public void close() {
    socket.close();
  }

  /** Ends what runs on it, and closes it. */
  @Override
  public void abort() {
    UnaryExchange ended = current;
    if (ended != null) {
      ended.aborted();
    }
  }

  // for exchanges

  ConnectionPool pool() {
    return pool;
  }

  /** Returns what the server may echo: the headers of the first request that was sent here. */
  Metadata firstHeaders() {
    return firstHeaders == null ? Metadata.empty() : firstHeaders;
  }

  /** Sends a whole request on behalf of {@code exchange}. */
  void send(UnaryExchange exchange, Metadata headers, Buffer request) {
    current = exchange;
    if (firstHeaders == null) {
      firstHeaders = headers;
    }
    socket.write(request).onComplete(exchange::written);
  }

  /** The exchange has its whole answer, or was never sent. */
  void end(boolean reusable) {
    current = null;
    lastUsedNanos = pool.loop().nanoTime();
    pool.release(this, reusable && reader.isBetween() && !closed);
  }

  /** The exchange is given up: nothing more of it leaves, and no answer can come. */
  void cut() {
    current = null;
    EventLoops.reset(socket);
    pool.release(this, false);
  }

  // what the peer does

  private void received(Buffer bytes) {
    UnaryExchange reading = current;
    if (reading == null) {
      // Nobody has asked: what follows could be taken for the answer to the next request.
      pool.unasked(this);
      EventLoops.reset(socket);
      return;
    }
    reader.add(bytes);
    try {
      HttpAnswer answer = reader.next(reading.mostReplyBytes());
      if (answer != null) {
        reading.answered(answer);
      }
    } catch (FramingException misfit) {
      reading.unreadable(misfit, reader.isInOkBody());
    }
  }

  private void closed() {
    closed = true;
    pool.connectionClosed(this);
    UnaryExchange reading = current;
    if (reading == null) {
      return;
    }
    HttpAnswer answer = broken == null ? reader.end() : null;
    if (answer != null) {
      reading.answered(answer);
    } else {
      reading.lost(broken);
    }
  }
}
