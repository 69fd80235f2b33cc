// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoMicroPayloadTest {

  private static final Message EVENT =
      Message.event("news")
          .id("4f5a")
          .contentType("application/json")
          .headers(Metadata.of("X-Trace", "1"))
          .body(Buffer.buffer("{\"a\":1}"))
          .build();

  private static String encoded(Message event) {
    return new String(GoMicroPayload.encode(event), UTF_8);
  }

  private static Message decoded(String payload) {
    return GoMicroPayload.decode("news", payload.getBytes(UTF_8));
  }

  @Test
  void writesTheCaseThatGoMicroLooksFor() {
    assertEquals(
        "{\"Header\":{\"X-Trace\":\"1\",\"Micro-Id\":\"4f5a\",\"Micro-Topic\":\"news\","
            + "\"Content-Type\":\"application/json\"},\"Body\":\"eyJhIjoxfQ==\"}",
        encoded(EVENT));
  }

  @Test
  void writesNullForNoBody() {
    assertEquals(
        "{\"Header\":{\"Micro-Topic\":\"news\"},\"Body\":null}",
        encoded(Message.event("news").build()));
  }

  @Test
  void joinsHeadersOfTheSameName() {
    Message event =
        Message.event("news").headers(Metadata.of("A", "1", "B", "2", "a", "3")).build();

    assertEquals(
        "{\"Header\":{\"A\":\"1, 3\",\"B\":\"2\",\"Micro-Topic\":\"news\"},\"Body\":null}",
        encoded(event));
  }

  @Test
  void readsWhatItWrites() {
    byte[] bytes = new byte[100_000];
    new Random(3).nextBytes(bytes);
    Message event =
        EVENT.toBuilder()
            .id("für-日本-\u0001-\"\\")
            .headers(Metadata.of("X-Trace", "é日本😀"))
            .contentType("application/octet-stream")
            .body(Buffer.buffer(bytes))
            .build();

    assertEquals(event, GoMicroPayload.decode("news", GoMicroPayload.encode(event)));
  }

  /** Go sorts the keys of a map, escapes HTML and writes nil as null. */
  @Test
  void readsWhatGoWrites() {
    Message event =
        decoded(
            "{\"Header\":{\"Content-Type\":\"application/json\",\"Micro-ID\":\"7\","
                + "\"Micro-Topic\":\"inner\",\"Q\":\"\\u003ca\\u0026b\\u003e\"},"
                + "\"Body\":\"eyJhIjoxfQo=\"}");

    assertEquals("inner", event.target());
    assertEquals("7", event.id());
    assertEquals("application/json", event.contentType());
    assertEquals(
        List.of(Map.entry("Q", "<a&b>")),
        StreamSupport.stream(event.headers().spliterator(), false).toList());
    assertEquals("{\"a\":1}\n", event.body().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"Header\":null,\"Body\":null}",
        "{\"header\":{},\"body\":\"\",\"More\":[{\"Body\":\"eA==\"}]}"
      })
  void readsWhatIsEmpty(String payload) {
    Message event = decoded(payload);

    assertEquals(Message.event("news").build(), event);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "[]",
        "{",
        "{}{}",
        "{\"Header\":[]}",
        "{\"Header\":{\"a\":1}}",
        "{\"Header\":{\"a\":{\"b\":\"c\"}}}",
        "{\"Body\":1}",
        "{\"Body\":\"*secret*\"}",
        "{\"Body\":\"eA==\"",
      })
  void refusesWhatIsNone(String payload) {
    CodecException refused = assertThrows(CodecException.class, () -> decoded(payload));

    assertTrue(refused.getMessage().startsWith("payload: "), refused::getMessage);
  }

  @Test
  void leavesOutHeadersThatMetadataCannotHold() {
    assertTrue(decoded("{\"Header\":{\"a b\":\"1\",\"c\":\"x\\ny\"}}").headers().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/grpc", "application/grpc+proto", "Application/GRPC+json; x=y"})
  void takesTheFrameOffWhereItMayBe(String contentType) {
    Message framed =
        Message.event("news")
            .contentType(contentType)
            .body(Buffer.buffer(new byte[] {0, 0, 0, 0, 2, 8, 1}))
            .build();

    assertEquals(Buffer.buffer(new byte[] {8, 1}), GoMicroPayload.unframed(framed).body());
    assertEquals(
        Buffer.buffer(new byte[] {8, 1}),
        GoMicroPayload.decode("news", GoMicroPayload.encode(framed)).body());
  }

  @Test
  void leavesOtherBodiesAsTheyAre() {
    for (byte[] body :
        List.of(
            new byte[] {},
            new byte[] {0, 0, 0, 0},
            new byte[] {0, 0, 0, 0, 1, 8, 1},
            new byte[] {8, 0, 0, 0, 2, 8, 1},
            "{\"a\":1}".getBytes(UTF_8))) {
      Message event =
          Message.event("news")
              .contentType("application/grpc+proto")
              .body(Buffer.buffer(body))
              .build();
      assertSame(event, GoMicroPayload.unframed(event));
    }
    Message bytes =
        Message.event("news")
            .contentType("application/octet-stream")
            .body(Buffer.buffer(new byte[] {0, 0, 0, 0, 2, 8, 1}))
            .build();
    assertSame(bytes, GoMicroPayload.unframed(bytes));
  }

  @Test
  void refusesACompressedFrame() {
    Message event =
        Message.event("news")
            .contentType("application/grpc+proto")
            .body(Buffer.buffer(new byte[] {1, 0, 0, 0, 2, 8, 1}))
            .build();

    assertThrows(CodecException.class, () -> GoMicroPayload.unframed(event));
    assertFalse(event.body().length() == 0);
  }
}
