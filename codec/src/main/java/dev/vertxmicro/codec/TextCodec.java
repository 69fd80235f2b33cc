// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Strings as UTF-8. */
public final class TextCodec implements Codec {

  /** Makes the codec. */
  public TextCodec() {}

  @Override
  public Set<String> contentTypes() {
    return Set.of("text/plain");
  }

  @Override
  public boolean handles(Type type) {
    return type == String.class;
  }

  @Override
  public Buffer encode(Object value) {
    if (value instanceof String text) {
      return Buffer.buffer(text);
    }
    throw new CodecException("value: " + value.getClass().getName() + " (expected: String)", null);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T decode(Buffer body, TypeRef<T> type) {
    if (type.type() != String.class) {
      throw new CodecException("type: " + type + " (expected: String)", null);
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(body.getBytes());
      return (T) StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException malformed) {
      throw new CodecException("body: not UTF-8 (expected: text)", malformed);
    }
  }
}
