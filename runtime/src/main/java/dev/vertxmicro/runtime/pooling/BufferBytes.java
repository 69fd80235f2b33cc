// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;

/** The bytes of a buffer where they lie: a part of an array that nobody changes any more. */
public final class BufferBytes {

  private final byte[] array;
  private final int from;
  private final int to;

  private BufferBytes(byte[] array, int from, int to) {
    this.array = array;
    this.from = from;
    this.to = to;
  }

  /** Returns those of {@code buffer}; copied only if they are not on the heap. */
  public static BufferBytes of(Buffer buffer) {
    ByteBuf bytes = ((BufferInternal) buffer).getByteBuf();
    if (bytes.hasArray()) {
      int from = bytes.arrayOffset();
      return new BufferBytes(bytes.array(), from, from + buffer.length());
    }
    byte[] copy = buffer.getBytes();
    return new BufferBytes(copy, 0, copy.length);
  }

  /** Returns the last of these bytes, from a place in the array on. */
  public BufferBytes from(int from) {
    return new BufferBytes(array, from, to);
  }

  /** Returns the array, which has others around them. */
  public byte[] array() {
    return array;
  }

  /** Returns where in the array the first of them is. */
  public int from() {
    return from;
  }

  /** Returns the place in the array behind the last of them. */
  public int to() {
    return to;
  }
}
