// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.transport.SendOptions;

/**
 * What uses a connection of an {@link ExclusivePool}, alone, or waits for one. Belongs to the event
 * loop of the pool.
 *
 * @param <C> a connection
 * @param <P> the pool
 */
public interface PooledExchange<C, P> {

  /** Returns when it came. */
  long startedNanos();

  /** Returns its bounds. */
  SendOptions options();

  /** Learns what it waits for in the queue. */
  void waitFor(Phase phase);

  /** Gets a connection that nobody uses, and gives it back by {@link ExclusivePool#release}. */
  void send(C granted);

  /** Gets none. */
  void fail(RpcException failure);

  /** Moves to the event loop of {@code owner}, which has connections. */
  void handOver(P owner);
}
