// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import com.google.protobuf.MessageLite;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Set;

/**
 * Protobuf: any generated {@link MessageLite}; an empty body is the empty message. Needs
 * protobuf-java, which is optional.
 */
public final class ProtobufCodec implements Codec {

  /** Makes the codec. */
  public ProtobufCodec() {}

  /** Tells whether protobuf-java can be loaded. */
  public static boolean isAvailable() {
    return ClassPath.has("com.google.protobuf.MessageLite");
  }

  @Override
  public Set<String> contentTypes() {
    return Set.of(
        "application/protobuf",
        "application/proto",
        "application/proto-rpc",
        "application/x-protobuf",
        "application/grpc",
        "application/grpc+proto");
  }

  @Override
  public boolean handles(Type type) {
    return type == Void.class
        || (type instanceof Class<?> c && MessageLite.class.isAssignableFrom(c));
  }

  @Override
  public Buffer encode(Object value) {
    if (value instanceof MessageLite message) {
      return HeapBytes.buffer(message.toByteArray());
    }
    throw CodecException.unfitValue(value, "a protobuf message");
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T decode(Buffer body, TypeRef<T> type) {
    if (type.isVoid()) {
      return type.nothing();
    }
    if (!(type.type() instanceof Class<?> c) || !MessageLite.class.isAssignableFrom(c)) {
      throw CodecException.unfitType(type, "a protobuf message");
    }
    try {
      return (T) ProtoDefaults.of(c).getParserForType().parseFrom(body.getBytes());
    } catch (IOException malformed) {
      // Not its Protobuf subclass: the class verifier would look for it where Protobuf is missing.
      throw CodecException.malformed(body, "protobuf of a " + type, malformed);
    }
  }
}
