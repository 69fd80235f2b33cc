// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import io.vertx.core.buffer.Buffer;

/** Cuts the body of an answer into the replies of a stream. Belongs to the event loop. */
interface Replies {

  /** Takes the next piece of the body. */
  void add(Buffer piece);

  /**
   * Tells whether there is a whole reply.
   *
   * @param ended whether the body is whole
   * @throws dev.vertxmicro.runtime.framing.FramingException if the body cannot be read on
   */
  boolean hasNext(boolean ended);

  /** Tells whether a reply was found and not taken. */
  boolean hasAhead();

  /** Returns the reply that {@link #hasNext} has found. */
  Buffer next();
}
