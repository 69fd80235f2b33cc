// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.TypeRef;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.util.Set;

/** Leaves bytes as they are, whatever they are called: this program knows no types. */
final class RawCodec implements Codec {

  /** Makes the codec. */
  RawCodec() {}

  @Override
  public Set<String> contentTypes() {
    return Set.of(
        "application/grpc",
        "application/grpc+proto",
        "application/grpc+json",
        "application/grpc+bytes",
        "application/json",
        "application/json-rpc",
        "application/protobuf",
        "application/proto-rpc",
        "application/octet-stream");
  }

  @Override
  public boolean handles(Type type) {
    return type instanceof Class<?> c && Buffer.class.isAssignableFrom(c);
  }

  @Override
  public Buffer encode(Object value) {
    return (Buffer) value;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T decode(Buffer body, TypeRef<T> type) {
    if (!handles(type.type())) {
      throw new CodecException("type: " + type + " (expected: Buffer)", null);
    }
    return (T) body;
  }
}
