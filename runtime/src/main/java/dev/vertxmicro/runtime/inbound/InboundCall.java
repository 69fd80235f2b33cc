// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.inbound;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The deadline and the metadata of the request being served. Calls made on the same Vert.x context
 * inherit the deadline, and the metadata that the client's allow-list names. Immutable.
 *
 * @param deadline by when the caller wants its answer
 * @param metadata what the caller sent
 */
public record InboundCall(Deadline deadline, Metadata metadata) {

  /** Checks the parts. */
  public InboundCall {
    Objects.requireNonNull(deadline, "deadline");
    Objects.requireNonNull(metadata, "metadata");
  }

  /**
   * Attaches this call to {@code context}, which must belong to one request (a duplicated context):
   * what is attached to the context of a verticle is seen by everything in it.
   */
  public void attachTo(Context context) {
    context.putLocal(InboundLocal.KEY, this);
  }

  /** Returns the call attached to {@code context}, or null. */
  public static @Nullable InboundCall of(Context context) {
    return context.getLocal(InboundLocal.KEY);
  }
}
