// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.util.Set;

/**
 * Bytes as they are: {@link Buffer} and {@code byte[]}. A buffer is passed on without a copy, both
 * ways.
 *
 * <p>For {@code application/octet-stream} go-micro's mucp takes bytes, its gRPC client Protobuf;
 * here it is bytes on every transport.
 */
public final class BytesCodec implements Codec {

  /** Makes the codec. */
  public BytesCodec() {}

  @Override
  public Set<String> contentTypes() {
    return Set.of("application/octet-stream", "application/grpc+bytes");
  }

  @Override
  public boolean handles(Type type) {
    return isRaw(type) || type == Void.class;
  }

  /** Tells whether {@code type} is {@code byte[]} or a {@link Buffer}. */
  static boolean isRaw(Type type) {
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
    throw CodecException.unfitValue(value, "Buffer or byte[]");
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T decode(Buffer body, TypeRef<T> type) {
    if (type.isVoid()) {
      return type.nothing();
    }
    if (type.type() == byte[].class) {
      return (T) body.getBytes();
    }
    if (type.type() instanceof Class<?> c
        && Buffer.class.isAssignableFrom(c)
        && c.isInstance(body)) {
      return (T) body;
    }
    throw CodecException.unfitType(type, "Buffer or byte[]");
  }
}
