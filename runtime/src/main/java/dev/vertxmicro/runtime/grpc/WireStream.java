// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/**
 * One HTTP/2 stream as an exchange uses it; each engine has its own. Belongs to the event loop of
 * its connection.
 *
 * <p>It was opened for one {@link PooledExchange} and reports to it, as the exchange's caller:
 * {@code written}, {@code head}, {@code chunk}, then {@code ended} or {@code failed}, each as often
 * as it happens; {@code failed} may come at any time, also from within a call of a method here.
 */
interface WireStream {

  /** Returns its number, or 0 if it has none yet. */
  int id();

  /**
   * Writes the head, one message and the end. Reports to {@code written} when all of it has left or
   * cannot.
   *
   * @param message the body of the message
   */
  void writeWhole(Buffer message);

  /** Writes the head. Completes when it has left. */
  Future<Void> writeHead();

  /** Tells whether messages may follow the head before it has left. */
  boolean takesMessagesAtOnce();

  /**
   * Writes a message. Completes when all of it has left.
   *
   * @param message its body
   */
  Future<Void> write(Buffer message);

  /** Ends this side of the stream. Completes when the peer has been told. */
  Future<Void> end();

  /** Lets the peer send no more than its window; what has come is reported all the same. */
  void pause();

  /** Lets the peer send again. */
  void resume();

  /** Ends both sides at once, whatever is still to be written. */
  void reset(long code);
}
