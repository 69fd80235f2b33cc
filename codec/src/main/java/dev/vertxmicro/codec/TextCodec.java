// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Strings as UTF-8, whatever charset the content type names. */
public final class TextCodec implements Codec {

  /** Makes the codec. */
  public TextCodec() {}

  @Override
  public Set<String> contentTypes() {
    return Set.of("text/plain");
  }

  @Override
  public boolean handles(Type type) {
    return type == String.class || type == Void.class;
  }

  @Override
  public Buffer encode(Object value) {
    if (value instanceof String text) {
      return Buffer.buffer(text);
    }
    throw CodecException.unfitValue(value, "String");
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T decode(Buffer body, TypeRef<T> type) {
    if (type.isVoid()) {
      return type.nothing();
    }
    if (type.type() != String.class) {
      throw CodecException.unfitType(type, "String");
    }
    try {
      // Not body.toString(): it puts U+FFFD where the bytes are wrong.
      ByteBuffer bytes = ByteBuffer.wrap(body.getBytes());
      return (T) StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException malformed) {
      throw CodecException.malformed(body, "UTF-8 text", malformed);
    }
  }
}
