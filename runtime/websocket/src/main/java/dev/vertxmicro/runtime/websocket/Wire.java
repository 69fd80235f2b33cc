// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.runtime.pooling.Departure;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket as a connection sees it. Belongs to the event loop of the connection: everything is
 * called and told there.
 */
interface Wire {

  /** Hears of a WebSocket. {@link #closed} is the last it hears, once. */
  interface Listener {

    /** The peer lives: a message, a part of one, or a pong. */
    void heard();

    /** A whole text message. */
    void text(Buffer message);

    /** A whole binary message, which nobody wants. */
    void binary();

    /** A message is larger than it may be. */
    void tooLarge();

    /** The peer has said good-bye and sends nothing more. */
    void leaving(String why);

    /** More can be written again. */
    void drained();

    /** The socket is gone. */
    void closed(@Nullable Throwable cause);
  }

  /** Starts to listen. */
  void start(Listener listener, int mostUnwritten);

  /**
   * Writes one message.
   *
   * @param departure told when the system has it, or will not get it
   */
  void write(RequestText text, long id, Departure departure);

  /** Asks for a sign of life. */
  void ping();

  /** Tells whether more is unwritten than may be. */
  boolean isFull();

  /** Tells whether it takes messages. */
  boolean isOpen();

  /** Says good-bye; the peer then closes the socket. */
  void close();

  /** Closes the socket now; what has not left is dropped. */
  void cut();

  /** Opens WebSockets. */
  @FunctionalInterface
  interface Dialer {

    /** Opens one; runs as the context of the loop. */
    Future<Wire> dial(NodeUrl target);

    /** Closes what dials. */
    default Future<Void> close() {
      return Future.succeededFuture();
    }
  }
}
