// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.pooling.EventLoops;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
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

  private final SkynetLink link;
  private final String address;
  private final NetSocket socket;
  private final Outbox outbox;
  private final FrameReader reader = new FrameReader(this::frame);
  private final IntObjectMap<SkynetExchange> awaited = new IntObjectHashMap<>();
  private final IntPredicate isAwaited = awaited::containsKey;
  private Consumer<SkynetExchange> ending = exchange -> exchange.lost(broken());
  private @Nullable Throwable broken;
  private boolean draining;
  private boolean closed;

  SkynetConnection(SkynetLink link, String address, NetSocket socket, int mostUnwritten) {
    this.link = link;
    this.address = address;
    this.socket = socket;
    this.outbox = new Outbox(socket, mostUnwritten, link::drained);
  }

  /** Starts to listen to the node. */
  void start() {
    socket.handler(reader::add);
    socket.exceptionHandler(failure -> broken = failure);
    socket.closeHandler(v -> closed());
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
    return outbox.isFull();
  }

  int awaited() {
    return awaited.size();
  }

  /** Returns the next session of the node that no call here has. */
  int nextSession() {
    return link.sessions().next(isAwaited);
  }

  void expect(int session, SkynetExchange exchange) {
    awaited.put(session, exchange);
  }

  /** The call of that session has ended. */
  void forget(int session) {
    awaited.remove(session);
    if (draining && awaited.isEmpty() && !closed) {
      socket.close();
    }
    link.ended();
  }

  /** Writes; {@code written} is told when the operating system has the frames. */
  void write(Buffer frames, Handler<AsyncResult<Void>> written) {
    outbox.write(frames, written);
  }

  /** Closes when the last reply is there. */
  void drain() {
    draining = true;
    if (awaited.isEmpty() && !closed) {
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
    SkynetExchange exchange = awaited.get(bytes.getIntLE(from));
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
    endAll();
  }

  private @Nullable Throwable broken() {
    return broken;
  }
}
