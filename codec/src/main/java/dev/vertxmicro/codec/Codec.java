// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.util.Set;

/**
 * Turns values into bytes and back for one or more content types.
 *
 * <p>Implemented by plug-ins, see {@link CodecProvider}. One codec serves all contexts at once, so
 * it keeps no state between calls. It runs on the context of the call and must not block.
 */
public interface Codec {

  /** Returns the content types that select this codec, in lower case, without parameters. */
  Set<String> contentTypes();

  /** Tells whether values of {@code type} can be encoded and decoded. */
  boolean handles(Type type);

  /**
   * Returns the bytes of {@code value}.
   *
   * @throws CodecException if the value cannot be encoded
   */
  Buffer encode(Object value);

  /**
   * Returns the value in {@code body}.
   *
   * @throws CodecException if the bytes are not a {@code type}
   */
  <T> T decode(Buffer body, TypeRef<T> type);
}
