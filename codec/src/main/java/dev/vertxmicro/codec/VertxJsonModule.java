// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Teaches Jackson the JSON types of Vert.x. */
final class VertxJsonModule extends SimpleModule {

  private static final long serialVersionUID = 1;

  VertxJsonModule() {
    super("vertx-json");
    addSerializer(
        new StdSerializer<>(JsonObject.class) {
          private static final long serialVersionUID = 1;

          @Override
          public void serialize(JsonObject value, JsonGenerator out, SerializerProvider provider)
              throws IOException {
            provider.defaultSerializeValue(value.getMap(), out);
          }
        });
    addSerializer(
        new StdSerializer<>(JsonArray.class) {
          private static final long serialVersionUID = 1;

          @Override
          public void serialize(JsonArray value, JsonGenerator out, SerializerProvider provider)
              throws IOException {
            provider.defaultSerializeValue(value.getList(), out);
          }
        });
    addDeserializer(
        JsonObject.class,
        new StdDeserializer<>(JsonObject.class) {
          private static final long serialVersionUID = 1;

          @Override
          public JsonObject deserialize(JsonParser in, DeserializationContext context)
              throws IOException {
            Map<String, Object> map = in.readValueAs(new TypeReference<Map<String, Object>>() {});
            return new JsonObject(map);
          }
        });
    addDeserializer(
        JsonArray.class,
        new StdDeserializer<>(JsonArray.class) {
          private static final long serialVersionUID = 1;

          @Override
          public JsonArray deserialize(JsonParser in, DeserializationContext context)
              throws IOException {
            List<Object> list = in.readValueAs(new TypeReference<List<Object>>() {});
            return new JsonArray(list);
          }
        });
  }
}
