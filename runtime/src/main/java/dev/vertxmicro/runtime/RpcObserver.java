// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegistryObserver;
import dev.vertxmicro.runtime.retry.CallInfo;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.selector.SelectorObserver;
import org.jspecify.annotations.Nullable;

/**
 * Sees every call, publish, attempt, pick, timer and limit of a client; metrics and tracing bind to
 * it. Sees how stale the nodes are as well, if the client keeps a cache before its registry. See
 * {@link RpcCounters} for a ready-made one.
 *
 * <p>Each method is called on the context where it happens, must return at once and must not throw.
 * What starts ends exactly once.
 */
public interface RpcObserver extends TransportObserver, RegistryObserver, SelectorObserver {

  /** Sees nothing. */
  RpcObserver NONE = new RpcObserver() {};

  /** A call began. */
  default void callStarted(CallInfo call) {}

  /**
   * A call ended.
   *
   * @param failure what the caller was told, or null for a reply
   * @param attempts how many attempts it had started
   */
  default void callEnded(CallInfo call, @Nullable RpcException failure, int attempts) {}

  /**
   * An attempt has a node.
   *
   * @param number from 0
   */
  default void attemptStarted(CallInfo call, int number, Node node) {}

  /**
   * An attempt that had a node ended.
   *
   * @param failure what happened, or null for a reply or a cancelled attempt
   */
  default void attemptEnded(CallInfo call, int number, Node node, @Nullable RpcException failure) {}

  /** A publish began. */
  default void publishStarted(String topic) {}

  /**
   * A publish ended.
   *
   * @param failure what the publisher was told, or null if the broker has taken the event
   * @param attempts how often it was tried
   */
  default void publishEnded(String topic, @Nullable RpcException failure, int attempts) {}

  /**
   * The response head of a stream came: the stream is open. Its call and its attempt end with it.
   */
  default void streamOpened(CallInfo call, Node node) {}

  /**
   * A stream that was open ended.
   *
   * @param failure what the caller was told, or null if it ended well
   */
  default void streamEnded(CallInfo call, Node node, @Nullable RpcException failure) {}

  /** A node was leased. */
  default void picked(CallInfo call, Node node) {}

  /** A lease ended. */
  default void released(CallInfo call, Node node) {}

  /** A timer was armed. */
  default void timerArmed() {}

  /** A timer fired or was cancelled. */
  default void timerEnded() {}
}
