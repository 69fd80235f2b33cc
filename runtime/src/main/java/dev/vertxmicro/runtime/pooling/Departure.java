// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import org.jspecify.annotations.Nullable;

/** Something that is told when what was written before it has left, or cannot leave any more. */
public abstract class Departure {

  // Links and place in the batch that it waits for, which alone touches them.
  @Nullable Departure next;
  int end;

  /** For subclasses. */
  protected Departure() {}

  /**
   * All of it is in the socket, or will never be; called once, on the event loop.
   *
   * @param failure why it has not left, or null if it has
   */
  public abstract void left(@Nullable Throwable failure);
}
