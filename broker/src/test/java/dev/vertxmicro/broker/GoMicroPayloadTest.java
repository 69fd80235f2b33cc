// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
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
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 61, 62, 63, 64, 65_536})
  void writesBodiesOfAnySize(int size) {
    byte[] body = new byte[size];
    new Random(size).nextBytes(body);
    Message event = EVENT.toBuilder().body(Buffer.buffer(body)).build();
    String digits = size == 0 ? "null" : '"' + Base64.getEncoder().encodeToString(body) + '"';

    assertTrue(encoded(event).endsWith(",\"Body\":" + digits + "}"), encoded(event));
    assertEquals(event, GoMicroPayload.decode("news", GoMicroPayload.encode(event)));
  }

  @Test
  void escapesWhatJsonAsksForAndNothingElse() {
    Message event = Message.event("a\"b\\c\b\f\t\u0001\u001f/<>&\u007f\u2028é日😀\uD83D").build();

    assertEquals(
        "{\"Header\":{\"Micro-Topic\":\"a\\\"b\\\\c\\b\\f\\t\\u0001\\u001f"
            + "/<>&\u007f\u2028é日😀\uFFFD\"},\"Body\":null}",
        encoded(event));
  }

  /** The rules of encoding/json, whatever wrote the bytes. */
  @Test
  void readsWhatGoWouldRead() {
    Message event =
        decoded(
            " {\t\"More\" : [ -0.5e+7 , true , {\"Body\":\"no\"} ] ,\r\n"
                + "\"\\u0042ody\":\"b25lCg==\",\"BODY\":\"d\\u0048dv\\r\\n\",\"hEADER\":{\"A\":null,"
                + "\"B\":\"\\ud83d\\ude00\\ud83d\\\\\\/\\\"\\ude00\"}} ");

    assertEquals("two", event.body().toString());
    assertEquals("", event.headers().get("A"));
    assertEquals("😀\uFFFD\\/\"\uFFFD", event.headers().get("B"));
    assertEquals(
        "a\uFFFDb",
        GoMicroPayload.decode("t", "{\"Header\":{\"C\":\"a\u00ffb\"}}".getBytes(ISO_8859_1))
            .headers()
            .get("C"));
    assertTrue(decoded("{\"Header\":{\"A\":\"1\"},\"header\":null}").headers().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"Header\" {}}|payload: wrong at byte 10 (expected: a colon)",
        "{\"Header\":{\"a\":\"b\"|payload: ends at byte 18 (expected: a comma or the end of the Header)",
        "{\"Header\":{\"a\":\"b\",}}|payload: wrong at byte 19 (expected: a name)",
        "{\"a\":01}|payload: wrong at byte 6 (expected: a comma or the end of the object)",
        "{\"a\":1.}|payload: wrong at byte 7 (expected: a digit)",
        "{\"a\":nil}|payload: wrong at byte 6 (expected: null)",
        "{\"a\":\"\\x\"}|payload: wrong at byte 7 (expected: an escape of JSON)",
        "{\"a\":\"\\u12g4\"}|payload: wrong at byte 10 (expected: four hexadecimal digits)",
        "{\"a\":\"\t\"}|payload: wrong at byte 6 (expected: no control character in a string)",
        "{} x|payload: wrong at byte 3 (expected: nothing behind the object)",
        "{\"Body\":\"*secret*\"}|payload: not Base64 in the string at byte 9 (expected: a Body in Base64)",
        "{\"Body\":\"eA\"}|payload: no whole Base64 in the string at byte 9 (expected: with padding)",
        "{\"Body\":[1]}|payload: wrong at byte 8 (expected: a Body in Base64)",
      })
  void saysWhereItIsWrong(String payload, String message) {
    CodecException refused = assertThrows(CodecException.class, () -> decoded(payload));

    assertEquals(message, refused.getMessage());
  }

  @Test
  void passesOverNoMoreLevelsThanItMay() {
    String deep = "[".repeat(1_000);
    assertEquals(0, decoded("{\"a\":" + deep + "]".repeat(1_000) + "}").body().length());

    assertThrows(CodecException.class, () -> decoded("{\"a\":[[" + deep));
    assertThrows(CodecException.class, () -> decoded("{\"a\":" + "[".repeat(10_000_000)));
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
