// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import com.fasterxml.jackson.databind.deser.std.StdDelegatingDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdDelegatingSerializer;
import com.fasterxml.jackson.databind.util.RawValue;
import com.fasterxml.jackson.databind.util.StdConverter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/**
 * Teaches Jackson the types of Vert.x: {@link JsonObject} and {@link JsonArray} as Vert.x itself
 * writes them, and {@link Buffer} in a bean as the Base64 that Jackson and Go make of bytes; and to
 * read nothing that is ignored.
 */
final class VertxJsonModule extends SimpleModule {

  private static final long serialVersionUID = 1;

  VertxJsonModule() {
    super("vertx-micro-vertx-json");
    setDeserializerModifier(new UnknownFields());
    addSerializer(
        new StdDelegatingSerializer(
            JsonObject.class,
            new StdConverter<JsonObject, RawValue>() {
              @Override
              public RawValue convert(JsonObject json) {
                return new RawValue(json.encode());
              }
            }));
    addSerializer(
        new StdDelegatingSerializer(
            JsonArray.class,
            new StdConverter<JsonArray, RawValue>() {
              @Override
              public RawValue convert(JsonArray json) {
                return new RawValue(json.encode());
              }
            }));
    addSerializer(
        new StdDelegatingSerializer(
            Buffer.class,
            new StdConverter<Buffer, byte[]>() {
              @Override
              public byte[] convert(Buffer buffer) {
                return buffer.getBytes();
              }
            }));
    addDeserializer(
        JsonObject.class,
        new StdDelegatingDeserializer<>(
            new StdConverter<Map<String, Object>, JsonObject>() {
              @Override
              public JsonObject convert(Map<String, Object> map) {
                return new JsonObject(map);
              }
            }));
    addDeserializer(
        JsonArray.class,
        new StdDelegatingDeserializer<>(
            new StdConverter<List<Object>, JsonArray>() {
              @Override
              public JsonArray convert(List<Object> list) {
                return new JsonArray(list);
              }
            }));
    addDeserializer(
        Buffer.class,
        new StdDelegatingDeserializer<>(
            new StdConverter<byte[], Buffer>() {
              @Override
              public Buffer convert(byte[] bytes) {
                return Buffer.buffer(bytes);
              }
            }));
  }
}
