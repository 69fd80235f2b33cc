// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.util.Set;

/** Bytes as they are: {@link Buffer} and {@code byte[]}. */
public final class BytesCodec implements Codec {

  /** Makes the codec. */
  public BytesCodec() {}

  @Override
  public Set<String> contentTypes() {
    return Set.of("application/octet-stream", "application/grpc+bytes");
  }

  @Override
  public boolean handles(Type type) {
    return type == byte[].class || (type instanceof Class<?> c && Buffer.class.isAssignableFrom(c));
  }

  @Override
  public Buffer encode(Object value) {
    if (value instanceof Buffer buffer) {
      return buffer;
    }
    if (value instanceof byte[] bytes) {
      return Buffer.buffer(bytes);
    }
    throw new CodecException(
        "value: " + value.getClass().getName() + " (expected: Buffer or byte[])", null);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T decode(Buffer body, TypeRef<T> type) {
    if (type.type() == byte[].class) {
      return (T) body.getBytes();
    }
    if (type.type() == Buffer.class) {
      return (T) body;
    }
    throw new CodecException("type: " + type + " (expected: Buffer or byte[])", null);
  }
}
