// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.errors.GrpcStatus;
import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;

/** Sends one event to one subscription, once. Called on the broker's context only. */
interface Poster {

  /** An event under way. */
  interface Sent {

    /** Ends it: it is answered with this failure before this returns, unless it was before. */
    void cancel(GrpcStatus status, String why);
  }

  /**
   * Sends.
   *
   * @param timeoutNanos after which it is answered at the latest
   * @param answered called once, on the broker's context, perhaps before this returns
   */
  Sent post(Target target, Buffer body, long timeoutNanos, Consumer<Answer> answered);
}
