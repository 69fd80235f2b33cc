// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.runtime.framing.FramingException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Queue;

/** The pieces of a body as they arrive. */
final class PieceReplies implements Replies {

  private final int mostBytes;
  private final Queue<Buffer> pieces = new ArrayDeque<>();

  PieceReplies(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  @Override
  public void add(Buffer piece) {
    pieces.add(piece);
  }

  @Override
  public boolean hasNext(boolean ended) {
    Buffer next = pieces.peek();
    if (next != null && next.length() > mostBytes) {
      throw FramingException.tooLarge(next.length(), mostBytes);
    }
    return next != null;
  }

  @Override
  public boolean hasAhead() {
    return !pieces.isEmpty();
  }

  @Override
  public Buffer next() {
    return pieces.remove();
  }
}
