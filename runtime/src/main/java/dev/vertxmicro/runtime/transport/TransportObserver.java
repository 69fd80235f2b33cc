// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

/**
 * Sees what a transport holds. Every method is called on the context where it happens, must return
 * at once and must not throw; what is opened is closed exactly once.
 */
public interface TransportObserver {

  /** Sees nothing. */
  TransportObserver NONE = new TransportObserver() {};

  /** A connection stands. */
  default void connectionOpened(String protocol, String address) {}

  /** A connection that stood is gone. */
  default void connectionClosed(String protocol, String address) {}

  /** An exchange or stream began to use a connection. */
  default void streamOpened(String protocol) {}

  /** An exchange or stream that used a connection has ended. */
  default void streamClosed(String protocol) {}

  /** An exchange began to wait for a connection or a free stream. */
  default void queued(String protocol) {}

  /** An exchange no longer waits for a connection or a free stream. */
  default void dequeued(String protocol) {}

  /**
   * A one-way request that a transport had taken failed before it was written, or while it was:
   * nobody will act on it. Whoever sent it and looks at its exchange is told as well.
   */
  default void oneWayDropped(String protocol) {}

  /**
   * The peer sent a message of which nobody knows what to do, and which was passed over, for
   * example {@code "unknown op_id"}: it belongs to a request that has ended, or to none.
   *
   * @param why one of a few texts
   */
  default void messageIgnored(String protocol, String why) {}

  /** A bound was hit and something was refused for it, for example {@code "queue"}. */
  default void limitReached(String limit) {}
}
