// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.errors.RpcException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of one event sent to one subscription.
 *
 * @param kind what
 * @param failure why, unless the subscription has the event or is gone
 */
record Answer(Kind kind, @Nullable RpcException failure) {

  /** What can become of it. */
  enum Kind {
    /** The subscription has it. */
    TAKEN,

    /** There is no such subscription any more. */
    GONE,

    /** The subscription holds as many events as it may; it has not got this one. */
    FULL,

    /** The event has not left: no connection. */
    UNREACHED,

    /** The subscription will never take this event. */
    REFUSED,

    /** The event has left, and nobody knows what became of it. */
    UNKNOWN
  }

  static final Answer TAKEN = new Answer(Kind.TAKEN, null);

  static final Answer GONE = new Answer(Kind.GONE, null);

  RpcException why() {
    return Objects.requireNonNull(failure, "failure");
  }
}
