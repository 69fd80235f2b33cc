// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.Version;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.Deserializers;
import com.fasterxml.jackson.databind.ser.Serializers;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Teaches Jackson the messages of Protobuf, at any depth: alone, in a list, in a record. Loaded
 * only where protobuf-java is; {@link ProtoJson} only where protobuf-java-util is, too.
 */
final class ProtoJsonModule extends Module {

  private static final boolean HAS_UTIL = ClassPath.has("com.google.protobuf.util.JsonFormat");

  /** Tells whether {@code type} is a message, which Jackson must not take for a bean. */
  static boolean isMessage(Class<?> type) {
    return MessageLite.class.isAssignableFrom(type);
  }

  /** Tells whether there is JSON for messages of {@code type}. */
  static boolean hasJson(Class<?> type) {
    return HAS_UTIL && Message.class.isAssignableFrom(type);
  }

  /** Returns what {@link #hasJson} found missing. */
  static String whyNoJson() {
    return HAS_UTIL ? "a message with a descriptor, not a lite one" : "protobuf-java-util for it";
  }

  @Override
  public String getModuleName() {
    return "vertx-micro-protobuf-json";
  }

  @Override
  public Version version() {
    return Version.unknownVersion();
  }

  @Override
  public void setupModule(SetupContext context) {
    context.addSerializers(
        new Serializers.Base() {
          @Override
          public @Nullable JsonSerializer<?> findSerializer(
              SerializationConfig config, JavaType type, BeanDescription bean) {
            return isMessage(type.getRawClass()) ? new Writer() : null;
          }
        });
    context.addDeserializers(
        new Deserializers.Base() {
          @Override
          public @Nullable JsonDeserializer<?> findBeanDeserializer(
              JavaType type, DeserializationConfig config, BeanDescription bean) {
            return isMessage(type.getRawClass()) ? new Reader(type.getRawClass()) : null;
          }
        });
  }

  private static final class Writer extends JsonSerializer<MessageLite> {
    @Override
    public void serialize(MessageLite value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      if (!hasJson(value.getClass())) {
        throw JsonMappingException.from(
            out, "JSON of " + value.getClass().getName() + " needs " + whyNoJson());
      }
      out.writeRawValue(ProtoJson.write((Message) value));
    }
  }

  private static final class Reader extends JsonDeserializer<MessageLite> {
    private final Class<?> type;

    Reader(Class<?> type) {
      this.type = type;
    }

    @Override
    public MessageLite deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      if (!hasJson(type)) {
        throw JsonMappingException.from(in, "JSON of " + type.getName() + " needs " + whyNoJson());
      }
      return ProtoJson.read(context.readTree(in), (Message) ProtoDefaults.of(type));
    }
  }
}
