// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.PooledConnection;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import org.jspecify.annotations.Nullable;

/**
 * One connection: carries one call or stream at a time, and lives on only if both sides have said
 * all of it. Belongs to its event loop.
 *
 * <pre>
 * IDLE ---> BUSY ---> IDLE      a whole answer to a whole request, and nothing behind it
 *  |         '------> CLOSED    anything else: given up, cut, garbled, "Connection: close"
 *  '----------------> CLOSED    aged, unused, the peer closes or says something unasked
 * </pre>
 *
 * <p>So an answer that comes late finds its connection gone and can reach no other call.
 */
final class RestConnection implements PooledConnection {

  /** What uses the connection. */
  interface User extends ResponseReader.Sink {

    /** What came is no answer. */
    void unreadable(FramingException misfit);

    /** The socket is gone; what came before may still follow. */
    void gone();

    /** Everything that came is here, and it is no whole answer. */
    void lost(@Nullable Throwable cause);

    /** The transport closes and does not wait. */
    void aborted();
  }

  private final RestPool pool;
  private final NetSocket socket;
  private final ResponseReader reader;
  private final long openedNanos;
  private final double jitter;
  private @Nullable User current;
  private @Nullable Throwable broken;
  private long lastUsedNanos;
  private boolean flowing = true;
  private boolean used;
  private boolean surplus;
  private boolean closed;

  /**
   * Wraps a socket that is connected.
   *
   * @param jitter 0 to 1, how much of the random part of its age it gets
   */
  RestConnection(RestPool pool, NetSocket socket, double jitter) {
    this.pool = pool;
    this.socket = socket;
    this.jitter = jitter;
    this.reader = new ResponseReader(pool.loop().options().getMaxHeaderBytes());
    this.openedNanos = pool.loop().nanoTime();
    this.lastUsedNanos = openedNanos;
  }

  /** Starts to listen to the peer. */
  void start() {
    socket.handler(this::received);
    socket.exceptionHandler(failure -> broken = failure);
    socket.closeHandler(v -> closed());
    socket.endHandler(v -> ended());
  }

  // for the pool

  /**
   * {@inheritDoc} Up to a tenth of that age is taken off, so that not all end at once. One that
   * nobody has used yet is never too old: so each carries at least one exchange.
   */
  @Override
  public boolean isAged(long now, long ttlNanos) {
    return ttlNanos > 0
        && used
        && now - openedNanos >= ttlNanos - (long) (ttlNanos / 10.0 * jitter);
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

  @Override
  public void close() {
    socket.close();
  }

  @Override
  public void abort() {
    User ended = current;
    if (ended != null) {
      ended.aborted();
    }
  }

  // for its users

  RestPool pool() {
    return pool;
  }

  /** Sends the first, or only, bytes of a request on behalf of {@code user}. */
  Future<Void> begin(User user, boolean toHead, Buffer bytes) {
    current = user;
    used = true;
    reader.expect(toHead);
    return socket.write(bytes);
  }

  /** Sends more of a request. */
  Future<Void> write(Buffer bytes) {
    return socket.write(bytes);
  }

  /** Lets the answer come, or not. */
  void setFlowing(boolean on) {
    if (flowing != on) {
      flowing = on;
      if (on) {
        socket.resume();
      } else {
        socket.pause();
      }
    }
  }

  /** The call has its whole answer, or was never sent. */
  void end(boolean reusable) {
    leave();
    pool.release(this, reusable && reader.isBetween() && !closed);
  }

  /** The stream has its whole answer; its connection goes to the pool, or goes. */
  void endOfStream(boolean reusable) {
    leave();
    setFlowing(true);
    pool.adopt(this, reusable && reader.isBetween() && !closed);
  }

  private void leave() {
    current = null;
    lastUsedNanos = pool.loop().nanoTime();
  }

  /** The call is given up: nothing more of it leaves, and no answer can come. */
  void cut() {
    cutOfStream();
    pool.release(this, false);
  }

  /** The stream is given up: nothing more of it leaves, and no answer can come. */
  void cutOfStream() {
    current = null;
    reader.stop();
    EventLoops.reset(socket);
    setFlowing(true);
  }

  // what the peer does

  private void received(Buffer bytes) {
    User reading = current;
    if (reading == null) {
      if (!closed && EventLoops.isOpen(socket)) {
        // Nobody has asked: what follows could be taken for the answer to the next request.
        pool.unasked(this);
        EventLoops.reset(socket);
      }
      return;
    }
    try {
      reader.read(bytes, reading);
    } catch (FramingException misfit) {
      reader.stop();
      reading.unreadable(misfit);
    }
  }

  private void closed() {
    closed = true;
    pool.connectionClosed(this);
    User reading = current;
    if (reading != null) {
      reading.gone();
    }
  }

  private void ended() {
    User reading = current;
    if (reading != null && (broken != null || !reader.close(reading))) {
      reading.lost(broken);
    }
  }
}
