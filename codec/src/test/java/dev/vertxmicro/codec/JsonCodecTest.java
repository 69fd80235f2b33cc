// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.StringValue;
import com.sun.management.ThreadMXBean;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCodecTest extends CodecContract {

  record Greeting(String text, int count, List<String> names) {}

  record Parcel(byte[] bytes, Buffer buffer, JsonObject label) {}

  @Override
  protected Codec codec() {
    return new JsonCodec();
  }

  @Override
  protected Stream<Sample<?>> samples() {
    return Stream.of(
        Sample.of(new Greeting("hé", 3, List.of("Ada", "Linus")), Greeting.class),
        Sample.of("a string is a JSON string", String.class),
        Sample.of(5, Integer.class),
        Sample.of(true, Boolean.class),
        new Sample<>(
            Map.of("a", List.of(new Greeting("x", 1, List.of()))),
            new TypeRef<Map<String, List<Greeting>>>() {}),
        Sample.of(new JsonObject().put("a", new JsonObject().put("b", 1.5)), JsonObject.class),
        Sample.of(new JsonArray().add(1).add("x").addNull(), JsonArray.class),
        Sample.of(Samples.full(), dev.vertxmicro.codec.sample.Sample.class));
  }

  @Override
  protected Stream<Object> foreignValues() {
    return Stream.of(new byte[] {1}, Buffer.buffer("{}"));
  }

  @Override
  protected Stream<Malformed> malformed() {
    TypeRef<Greeting> type = TypeRef.of(Greeting.class);
    return Stream.of("", " ", "null", "{", "{\"text\":1,}", "{} {}", "[]", "{\"count\":\"many\"}")
        .map(text -> new Malformed(Buffer.buffer(text), type));
  }

  @Test
  void writesStringsAsJson() {
    assertEquals("\"a\\\"b\"", codec().encode("a\"b").toString());
  }

  @Test
  void ignoresUnknownFieldsAndWhitespaceAround() {
    Buffer body = Buffer.buffer(" {\"text\":\"x\",\"more\":{\"a\":[1]},\"count\":2}\n");

    assertEquals(new Greeting("x", 2, null), codec().decode(body, TypeRef.of(Greeting.class)));
  }

  @Test
  void passesOverUnknownFieldsWithoutKeepingThem() {
    String more = "1234567,".repeat(10_000);
    Buffer body = Buffer.buffer("{\"more\":[" + more + "0],\"text\":\"x\",\"count\":2}");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    TypeRef<Greeting> type = TypeRef.of(Greeting.class);
    Codec codec = codec();
    codec.decode(body, type);

    long before = threads.getCurrentThreadAllocatedBytes();
    Greeting read = codec.decode(body, type);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertEquals(new Greeting("x", 2, null), read);
    assertTrue(allocated < body.length() / 2, allocated + " bytes");
  }

  @Test
  void leavesUnknownFieldsToTheHandlerOfTheApplication() {
    List<String> unknown = new ArrayList<>();
    ObjectMapper mapper =
        JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addHandler(
                new DeserializationProblemHandler() {
                  @Override
                  public boolean handleUnknownProperty(
                      DeserializationContext context,
                      JsonParser parser,
                      JsonDeserializer<?> reader,
                      Object bean,
                      String name) {
                    unknown.add(name);
                    return false;
                  }
                })
            .build();
    Buffer body = Buffer.buffer("{\"more\":1,\"text\":\"x\",\"count\":2}");

    new JsonCodec(mapper).decode(body, TypeRef.of(Greeting.class));

    assertEquals(List.of("more"), unknown);
  }

  @Test
  void readsAPartOfABuffer() {
    Buffer around = Buffer.buffer("[{\"text\":\"x\",\"count\":2}]");
    Buffer body = around.slice(1, around.length() - 1);

    assertEquals(new Greeting("x", 2, null), codec().decode(body, TypeRef.of(Greeting.class)));
  }

  @Test
  void saysWhereABodyIsWrong() {
    Buffer body = Buffer.buffer("{\"count\":\"many\"}");

    CodecException refused =
        assertThrows(CodecException.class, () -> codec().decode(body, TypeRef.of(Greeting.class)));

    assertTrue(refused.getMessage().contains("wrong at byte 9"), refused.getMessage());
    assertFalse(refused.getMessage().contains("many"), refused.getMessage());
  }

  @Test
  void writesJsonObjectsAsVertxDoes() {
    JsonObject json =
        new JsonObject()
            .put("at", Instant.EPOCH)
            .put("bytes", new byte[] {-1, -2})
            .put("buffer", Buffer.buffer(new byte[] {-1}))
            .put("nested", new JsonArray().add(new JsonObject()));

    assertEquals(json.encode(), codec().encode(json).toString());
  }

  @Test
  void readsNestedJsonObjects() {
    JsonObject read =
        codec().decode(Buffer.buffer("{\"a\":{\"b\":[{\"c\":1}]}}"), TypeRef.of(JsonObject.class));

    assertEquals(1, read.getJsonObject("a").getJsonArray("b").getJsonObject(0).getInteger("c"));
  }

  @Test
  void writesBytesInsideOfAValueInBase64() {
    Parcel parcel =
        new Parcel(new byte[] {-1, -2}, Buffer.buffer(new byte[] {-1}), new JsonObject());

    Buffer body = codec().encode(parcel);
    Parcel read = codec().decode(body, TypeRef.of(Parcel.class));

    assertEquals("{\"bytes\":\"//4=\",\"buffer\":\"/w==\",\"label\":{}}", body.toString());
    assertEquals(parcel.buffer(), read.buffer());
    assertEquals(parcel.label(), read.label());
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        String.class,
        Object.class,
        int.class,
        Greeting.class,
        Map.class,
        JsonObject.class,
        StringValue.class,
        Instant.class,
      })
  void handlesAllValues(Class<?> type) {
    assertTrue(codec().handles(type));
  }

  @ParameterizedTest
  @ValueSource(classes = {byte[].class, Buffer.class})
  void leavesBytesToOthers(Class<?> type) {
    assertFalse(codec().handles(type));
    assertFalse(codec().handles(Buffer.buffer().getClass()));
  }

  @Test
  void refusesValuesThatJacksonCannotWrite() {
    CodecException refused = assertThrows(CodecException.class, () -> codec().encode(new Object()));

    assertTrue(refused.getMessage().startsWith("value: java.lang.Object ("), refused.getMessage());
  }

  @Test
  void takesTheMapperOfTheApplicationAndLeavesItAsItIs() {
    ObjectMapper mapper =
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    record Named(String servedBy, JsonObject more) {}
    Codec own = new JsonCodec(mapper);

    Buffer body = own.encode(new Named("x", new JsonObject().put("a", 1)));

    assertEquals("{\"served_by\":\"x\",\"more\":{\"a\":1}}", body.toString());
    assertEquals(List.of(), List.copyOf(mapper.getRegisteredModuleIds()));
    assertThrows(
        CodecException.class,
        () -> own.decode(Buffer.buffer("{\"unknown\":1}"), TypeRef.of(Named.class)));
  }
}
