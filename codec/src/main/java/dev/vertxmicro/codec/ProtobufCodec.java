// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.util.Set;

/** Protobuf: any generated {@link MessageLite}. Needs protobuf-java, which is optional. */
public final class ProtobufCodec implements Codec {

  private final ClassValue<Parser<? extends MessageLite>> parsers =
      new ClassValue<>() {
        @Override
        protected Parser<? extends MessageLite> computeValue(Class<?> type) {
          try {
            MessageLite empty = (MessageLite) type.getMethod("getDefaultInstance").invoke(null);
            return empty.getParserForType();
          } catch (ReflectiveOperationException | ClassCastException unfit) {
            throw new CodecException(
                "type: " + type.getName() + " (expected: a generated protobuf message)", unfit);
          }
        }
      };

  /** Makes the codec. */
  public ProtobufCodec() {}

  /** Tells whether protobuf-java can be loaded. */
  public static boolean isAvailable() {
    try {
      Class.forName("com.google.protobuf.MessageLite", false, ProtobufCodec.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException absent) {
      return false;
    }
  }

  @Override
  public Set<String> contentTypes() {
    return Set.of(
        "application/protobuf",
        "application/proto",
        "application/x-protobuf",
        "application/grpc",
        "application/grpc+proto");
  }

  @Override
  public boolean handles(Type type) {
    return type instanceof Class<?> c && MessageLite.class.isAssignableFrom(c);
  }

  @Override
  public Buffer encode(Object value) {
    if (value instanceof MessageLite message) {
      return Buffer.buffer(message.toByteArray());
    }
    throw new CodecException(
        "value: " + value.getClass().getName() + " (expected: a protobuf message)", null);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T decode(Buffer body, TypeRef<T> type) {
    Class<?> raw = type.rawClass();
    if (raw == null || !handles(raw)) {
      throw new CodecException("type: " + type + " (expected: a protobuf message)", null);
    }
    try {
      return (T) parsers.get(raw).parseFrom(body.getBytes());
    } catch (InvalidProtocolBufferException malformed) {
      throw new CodecException(
          "body: " + body.length() + " bytes (expected: protobuf of a " + type + ")", malformed);
    }
  }
}
