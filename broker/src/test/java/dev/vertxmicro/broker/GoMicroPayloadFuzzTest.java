// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Holds our coding of payloads against Jackson's, on events and bytes at random. */
class GoMicroPayloadFuzzTest {

  private static final String[] TEXT = {
    "a",
    "Z",
    "0",
    " ",
    "-",
    "/",
    "\"",
    "\\",
    "\b",
    "\f",
    "\t",
    "\u0001",
    "\u001f",
    "\u007f",
    "é",
    "ß",
    "日",
    "本",
    "\u2028",
    "\uFFFD",
    "😀",
    "\uDBFF\uDFFF"
  };

  /** What payloads are made of, so that mistakes are frequent and small. */
  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    " ",
    "\n",
    "\t",
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1.5e+3",
    "01",
    "\"Header\"",
    "\"body\"",
    "\"BODY\"",
    "\"x\"",
    "\"eA==\"",
    "\"eHl6\"",
    "\"*\"",
    "\"eA\"",
    "\"eA==eA==\"",
    "\"\\u0048eader\"",
    "\"\\ud83d\\ude00\"",
    "\"\\/\"",
    "\"\\q\"",
    "\"\\u12\"",
    "\"é\"",
    "\u0001",
    "{}",
    "[]",
    "{\"a\":[1,{\"b\":null}]}",
    "\"Body\":\"eA==\"",
    "\"Header\":{\"a\":\"b\"}",
    "\"Micro-Topic\":\"t\"",
    "\"x\":[[[]],{}]"
  };

  private final Random random = new Random(20_251_121);

  private String text(int most) {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(most); left > 0; left--) {
      text.append(
          random.nextInt(4) > 0
              ? String.valueOf((char) ('!' + random.nextInt(90)))
              : TEXT[random.nextInt(TEXT.length)]);
    }
    return text.toString();
  }

  private byte[] bytes(int most) {
    byte[] bytes = new byte[1 + random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void writesWhatJacksonReadsAndReadsWhatJacksonWrites() throws IOException {
    for (int round = 0; round < 5_000; round++) {
      Metadata.Builder headers = Metadata.builder();
      for (int i = random.nextInt(5); i > 0; i--) {
        headers.add("X-" + i, text(40));
      }
      byte[] body = bytes(round % 100 == 0 ? 20_000 : 200);
      Message event =
          Message.event(text(10) + "t")
              .id(text(30))
              .contentType("application/octet-stream")
              .headers(headers.build())
              .body(Buffer.buffer(body))
              .build();

      byte[] ours = GoMicroPayload.encode(event);

      assertEquals(event, JacksonPayload.decode("other", ours));
      assertEquals(event, GoMicroPayload.decode("other", ours));
      byte[] theirs = JacksonPayload.encode(event.wireHeaders(), body);
      assertEquals(event, GoMicroPayload.decode("other", theirs));
      assertTrue(ours.length <= theirs.length, () -> shown(ours));
    }
  }

  @Test
  void readsTheSameAsJacksonOrAlsoRefuses() {
    int read = 0;
    for (int round = 0; round < 60_000; round++) {
      if (compare(random.nextBoolean() ? joined() : broken())) {
        read++;
      }
    }
    assertTrue(read > 5_000, read + " payloads were read, too few to mean much");
  }

  /** Pieces in an order that may make sense. */
  private byte[] joined() {
    StringBuilder json = new StringBuilder(random.nextInt(20) > 0 ? "{" : "");
    for (int i = random.nextInt(4); i > 0; i--) {
      json.append(PIECES[random.nextInt(PIECES.length)]);
      if (random.nextBoolean()) {
        json.append(':').append(PIECES[random.nextInt(PIECES.length)]);
      }
      if (i > 1) {
        json.append(',');
      }
    }
    return json.append(random.nextInt(20) > 0 ? "}" : "").toString().getBytes(UTF_8);
  }

  /** A payload with a byte or a piece too many, too few or another. */
  private byte[] broken() {
    String body = Base64.getEncoder().encodeToString(bytes(20));
    String whole =
        "{\"Header\":{\"Content-Type\":\"a/b\",\"X\":\"\\u003cé\\n\"},\"Body\":\"" + body + "\"}";
    byte[] json = whole.getBytes(UTF_8);
    int at = random.nextInt(json.length);
    switch (random.nextInt(4)) {
      case 0 -> json = Arrays.copyOf(json, at);
      case 1 -> json[at] = (byte) random.nextInt(0x80);
      case 2 -> {
        byte[] piece = PIECES[random.nextInt(PIECES.length)].getBytes(UTF_8);
        byte[] longer = Arrays.copyOf(json, json.length + piece.length);
        System.arraycopy(json, at, longer, at + piece.length, json.length - at);
        System.arraycopy(piece, 0, longer, at, piece.length);
        json = longer;
      }
      default -> System.arraycopy(json, at, json, 0, json.length - at);
    }
    return json;
  }

  /** Returns whether both have read it. */
  private static boolean compare(byte[] json) {
    Message theirs = null;
    Message ours = null;
    try {
      theirs = JacksonPayload.decode("topic", json);
    } catch (IOException refused) {
      // Ours is to refuse it as well.
    }
    try {
      ours = GoMicroPayload.decode("topic", json);
    } catch (CodecException refused) {
      assertTrue(refused.getMessage().matches("payload: .* byte \\d+ .*"), refused.getMessage());
    }
    boolean known = theirs == null ? isReadByGoOnly(json) : isReadByJacksonOnly(json);
    if (!known || (ours != null && theirs != null)) {
      assertEquals(theirs, ours, () -> shown(json));
    }
    return ours != null && theirs != null;
  }

  /** Half a surrogate pair, and bytes that are not UTF-8 for another reason. */
  private static boolean isReadByGoOnly(byte[] json) {
    return new String(json, UTF_8).contains("\uFFFD")
        || new String(json, ISO_8859_1).matches("(?s).*\\\\u[dD][89a-fA-F].*");
  }

  /** Jackson passes over blanks and control characters in Base64, and over padding within. */
  private static boolean isReadByJacksonOnly(byte[] json) {
    return new String(json, ISO_8859_1)
        .matches("(?si).*body\"\\s*:\\s*\"[^\"]*([\\x00-\\x20\\\\]|=[^=\"]).*");
  }

  private static String shown(byte[] json) {
    return new String(json, UTF_8);
  }
}
