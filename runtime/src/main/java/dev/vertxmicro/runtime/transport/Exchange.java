// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.PhaseTimes;
import io.vertx.core.Future;

/** One request on its way, and its reply. Belongs to the context that sent it. */
public interface Exchange {

  /**
   * Completes with the reply, or fails with {@link dev.vertxmicro.errors.RpcException} that says by
   * {@code processed} whether the server may have acted.
   */
  Future<Message> reply();

  /**
   * Gives the exchange up: the reply fails with CANCELLED (code 499) if it is still open, the peer
   * is told where the protocol can, and nothing of this exchange is written afterwards. Does
   * nothing once the reply is there.
   */
  void cancel();

  /**
   * Tells whether any of the request may have left this process: if not, giving the exchange up now
   * is NOT_SENT. Final once {@link #cancel} has returned, and then the more exact answer: what flow
   * control held back has not left.
   */
  boolean isSent();

  /** Returns where the time of this exchange has gone so far: queue, connect, send and wait. */
  PhaseTimes times();
}
