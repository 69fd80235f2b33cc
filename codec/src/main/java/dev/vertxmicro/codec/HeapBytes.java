// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;

/** The one place of this package that uses Vert.x' internal (but exported) API. */
final class HeapBytes {

  private HeapBytes() {}

  /** Returns {@code bytes} as a buffer, not copied: nobody changes either any more. */
  static Buffer buffer(byte[] bytes) {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes));
  }

  /** Returns the bytes of a buffer, not copied: nobody changes either any more. */
  static ByteBuf of(Buffer buffer) {
    return ((BufferInternal) buffer).getByteBuf();
  }
}
