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

  /**
   * Tells whether values of {@code type} can be encoded and decoded. The runtime asks it to choose
   * a content type for a body whose caller named none, so a codec says no to types that it could
   * write but that belong to another, as JSON does for bytes. {@code Void} has no values and is
   * handled by every codec, see {@link #decode}.
   */
  boolean handles(Type type);

  /**
   * Returns the bytes of {@code value}.
   *
   * @throws CodecException if the value cannot be encoded
   */
  Buffer encode(Object value);

  /**
   * Returns the value in {@code body}, which is not changed. Never null, but for {@code Void}: then
   * the caller wants no value, and the body is not looked at.
   *
   * @throws CodecException if the bytes are not a {@code type}
   */
  <T> T decode(Buffer body, TypeRef<T> type);
}
