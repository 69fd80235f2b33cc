// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.pooling.EventLoops;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a node, and the calls whose replies it awaits, by session. Belongs to the event
 * loop of the node.
 *
 * <p>A session that nobody awaits, because its call has ended before, or because it is that of a
 * push, is passed over with all its parts. What is no frame of the protocol ends the connection.
 */
final class SkynetConnection {

  /** 2^32 divided by the golden ratio, which is odd. */
  private static final int GOLDEN_RATIO = 0x9e3779b9;

  private final SkynetLink link;
  private final String address;
  private final NetSocket socket;
  private final RequestBatch requests;
  private final FrameReader reader = new FrameReader(this::frame);
  private final IntObjectMap<SkynetExchange> awaited = new IntObjectHashMap<>();
  private final IntPredicate isAwaited = this::isAwaited;
  private Consumer<SkynetExchange> ending = exchange -> exchange.lost(broken());
  private @Nullable Throwable broken;
  private long readNanos;
  private boolean draining;
  private boolean closed;

  SkynetConnection(SkynetLink link, String address, NetSocket socket, RequestBatch requests) {
    this.link = link;
    this.address = address;
    this.socket = socket;
    this.requests = requests;
  }

  /** Starts to listen to the node. */
  void start() {
    requests.enter(socket);
    socket.handler(this::read);
    socket.exceptionHandler(failure -> broken = failure);
    socket.closeHandler(v -> closed());
  }

  /** The calls that were made because of these replies leave together. */
  private void read(Buffer bytes) {
    readNanos = link.nanoTime();
    requests.hold();
    try {
      reader.add(bytes);
    } finally {
      requests.release();
    }
  }

  String address() {
    return address;
  }

  /** Tells whether the socket is open, before Vert.x says that it was closed. */
  boolean isOpen() {
    return !closed && EventLoops.isOpen(socket);
  }

  /** Tells whether more is unwritten than may be. */
  boolean isFull() {
    return requests.isFull();
  }

  int awaited() {
    return awaited.size();
  }

  /** Returns the next session of the node that no call here has. */
  int nextSession() {
    return link.sessions().next(isAwaited);
  }

  private boolean isAwaited(int session) {
    return awaited.containsKey(key(session));
  }

  void expect(int session, SkynetExchange exchange) {
    awaited.put(key(session), exchange);
  }

  /**
   * Spreads sessions, of which each follows the one before, over the table: it has no chains, and
   * to take one out of a row would go through all of the row (Knuth, The Art of Computer
   * Programming, 6.4, Fibonacci hashing). No two have the same key.
   */
  private static int key(int session) {
    return session * GOLDEN_RATIO;
  }

  /** The call of that session has ended. */
  void forget(int session) {
    awaited.remove(key(session));
    closeIfDrained();
    link.ended();
  }

  /** Returns when what is read now has come: many replies come at once. */
  long readNanos() {
    return readNanos;
  }

  /** Returns what requests are written to. */
  RequestBatch requests() {
    return requests;
  }

  /** Closes when the last reply is there. */
  void drain() {
    draining = true;
    closeIfDrained();
  }

  /** Closes behind the last pushes. */
  private void closeIfDrained() {
    if (draining && awaited.isEmpty() && !closed) {
      requests.flush();
      socket.close();
    }
  }

  /**
   * Closes at once; what is still awaited is told by {@code end}. Cuts first: what the socket held
   * back then proves not to have left.
   */
  void cut(Consumer<SkynetExchange> end) {
    ending = end;
    link.abandon(this);
    EventLoops.reset(socket);
    requests.close();
    endAll();
  }

  private void endAll() {
    new ArrayList<>(awaited.values()).forEach(ending);
  }

  // ---- what the node says

  private boolean frame(Buffer bytes, int from, int to) {
    int length = to - from;
    if (length < ReplyFrames.HEAD) {
      return breakOff("a frame of " + length + " bytes");
    }
    int kind = bytes.getUnsignedByte(from + 4);
    if (kind > ReplyFrames.LAST_PART) {
      return breakOff("a reply of kind " + kind);
    }
    if (kind == ReplyFrames.LARGE && length != ReplyFrames.HEAD + 4) {
      return breakOff("the begin of a reply in " + length + " bytes");
    }
    SkynetExchange exchange = awaited.get(key(bytes.getIntLE(from)));
    if (exchange != null) {
      take(exchange, kind, bytes, from + ReplyFrames.HEAD, to);
    }
    return !closed;
  }

  private void take(SkynetExchange exchange, int kind, Buffer bytes, int from, int to) {
    switch (kind) {
      case ReplyFrames.ERROR -> exchange.refused(link.node(), bytes.getBuffer(from, to));
      case ReplyFrames.OK -> exchange.replied(bytes, from, to);
      case ReplyFrames.LARGE -> exchange.begun(bytes.getUnsignedIntLE(from));
      default -> exchange.part(bytes, from, to, kind == ReplyFrames.LAST_PART);
    }
  }

  private boolean breakOff(String what) {
    RpcException failure = Failures.brokenOff(address, what);
    cut(exchange -> exchange.fail(failure));
    return false;
  }

  private void closed() {
    closed = true;
    link.closed(this);
    requests.close();
    endAll();
  }

  private @Nullable Throwable broken() {
    return broken;
  }
}
