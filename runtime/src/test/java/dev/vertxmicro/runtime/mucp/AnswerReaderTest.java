// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.framing.FramingException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerReaderTest {

  private static final int MOST_HEAD = 2_048;
  private static final int MOST_BODY = 100;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1_000})
  void readsAnswersHoweverTheyAreCut(int piece) {
    String bytes =
        """
        HTTP/1.1 200 OK
        Content-Length: 5
        X-One:  first\s

        helloHTTP/1.1 200 OK
        Transfer-Encoding: chunked

        4;ext=1
        wiki
        5
        pedia
        0
        X-Tail: last

        HTTP/1.1 100 Continue

        HTTP/1.1 204 No Content

        """
            .replace("\n", "\r\n");

    List<HttpAnswer> answers = read(bytes, piece);

    assertEquals(3, answers.size());
    assertEquals("hello", answers.get(0).body().toString());
    assertEquals("first", answers.get(0).headers().get("x-one"));
    assertEquals("wikipedia", answers.get(1).body().toString());
    assertEquals("last", answers.get(1).trailers().get("X-Tail"));
    assertEquals(Metadata.empty(), answers.get(2).trailers());
    assertEquals(204, answers.get(2).status());
    assertEquals("204 No Content", answers.get(2).statusLine());
    assertTrue(answers.stream().allMatch(HttpAnswer::reusable));
  }

  @Test
  void takesTheRestOfTheConnectionForABodyWithoutLength() {
    AnswerReader reader = reader("HTTP/1.1 200 OK\r\n\r\nall of");
    assertNull(reader.next(MOST_BODY));
    reader.add(Buffer.buffer(" it"));
    assertNull(reader.next(MOST_BODY));

    HttpAnswer answer = reader.end();

    assertNotNull(answer);
    assertEquals("all of it", answer.body().toString());
    assertFalse(answer.reusable());
  }

  @Test
  void endsNothingThatHasALength() {
    AnswerReader reader = reader("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour");

    assertNull(reader.next(MOST_BODY));
    assertNull(reader.end());
    assertFalse(reader.isBetween());
    assertTrue(reader.isInOkBody());
  }

  @Test
  void readsHeadersAsUtf8() {
    byte[] text = "HTTP/1.1 200 OK\r\nMicro-Error: café ☕\r\nContent-Length: 0\r\n\r\n".getBytes();
    AnswerReader reader = new AnswerReader(MOST_HEAD);
    reader.add(Buffer.buffer(text));

    HttpAnswer answer = reader.next(MOST_BODY);

    assertNotNull(answer);
    assertEquals("café ☕", answer.headers().get("micro-error"));
  }

  @Test
  void losesNoErrorForACharacter() {
    HttpAnswer answer =
        reader("HTTP/1.1 200 OK\r\nMicro-Error: a\0b\rc\r\nContent-Length: 0\r\n\r\n").next(0);

    assertNotNull(answer);
    assertEquals("a\uFFFDb\uFFFDc", answer.headers().get("Micro-Error"));
  }

  @ParameterizedTest
  @CsvSource({
    "close, false",
    "Close, false",
    "'keep-alive, close', false",
    "keep-alive, true",
    "closed, true"
  })
  void saysWhetherTheConnectionLivesOn(String connection, boolean lives) {
    String head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: " + connection + "\r\n\r\n";

    HttpAnswer answer = reader(head).next(MOST_BODY);

    assertNotNull(answer);
    assertEquals(lives, answer.reusable());
  }

  @Test
  void theConnectionOfHttp10DiesWithItsAnswer() {
    HttpAnswer answer = reader("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").next(MOST_BODY);

    assertNotNull(answer);
    assertFalse(answer.reusable());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X",
        "HTTP/2",
        "http/1.1 200 OK\r\n",
        "\r\nHTTP/1.1 200 OK\r\n",
        "HTTP/1.1\r\n",
        "HTTP/1.1 20 OK\r\n",
        "HTTP/1.1 2000 OK\r\n",
        "HTTP/1.1 abc OK\r\n",
        "HTTP/1.1 099 OK\r\n",
        "HTTP/1.x 200 OK\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n",
        "HTTP/1.1 200 OK\r\n: no name\r\n",
        "HTTP/1.1 200 OK\r\nspace : x\r\n",
        "HTTP/1.1 200 OK\r\nX-A: 1\r\n folded\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n111111111\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n"
      })
  void refusesWhatIsNoAnswer(String bytes) {
    FramingException refused =
        assertThrows(FramingException.class, () -> reader(bytes).next(MOST_BODY));

    assertEquals(GrpcStatus.INTERNAL, refused.status());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n"
      })
  void refusesABodyBeforeItHasCome(String bytes) {
    AnswerReader reader = reader(bytes);

    FramingException refused = assertThrows(FramingException.class, () -> reader.next(MOST_BODY));

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.status());
    assertTrue(reader.isInOkBody());
  }

  @Test
  void boundsABodyWithoutLength() {
    AnswerReader reader = reader("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(100));
    assertNull(reader.next(MOST_BODY));
    reader.add(Buffer.buffer("x"));

    assertThrows(FramingException.class, () -> reader.next(MOST_BODY));
  }

  @Test
  void boundsManyChunksTogether() {
    AnswerReader reader = reader("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 100; i++) {
      reader.add(Buffer.buffer("1\r\nx\r\n"));
      assertNull(reader.next(MOST_BODY));
    }
    reader.add(Buffer.buffer("1\r\nx\r\n"));

    assertThrows(FramingException.class, () -> reader.next(MOST_BODY));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 ",
        "HTTP/1.1 200 OK\r\nX: ",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "
      })
  void boundsHeadsAndTrailers(String start) {
    AnswerReader reader = reader(start);
    assertNull(reader.next(MOST_BODY));
    reader.add(Buffer.buffer("x".repeat(MOST_HEAD + 1)));

    FramingException refused = assertThrows(FramingException.class, () -> reader.next(MOST_BODY));

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.status());
  }

  @Test
  void boundsInterimAnswers() {
    AnswerReader reader = new AnswerReader(MOST_HEAD);

    FramingException refused =
        assertThrows(
            FramingException.class,
            () -> {
              for (int i = 0; i < 1_000; i++) {
                reader.add(Buffer.buffer("HTTP/1.1 100 Continue\r\n\r\n"));
                reader.next(MOST_BODY);
              }
            });

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.status());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 1000000\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\nf4240\r\n"
      })
  void anErrorSaysEnoughWithTheFirstOfItsBody(String head) {
    AnswerReader reader = reader(head + "why ".repeat(20_000));

    HttpAnswer answer = reader.next(MOST_BODY);

    assertNotNull(answer);
    assertEquals(502, answer.status());
    assertTrue(answer.body().length() <= 64 * 1024);
    assertFalse(answer.reusable());
  }

  @Test
  void throwsNothingElseWhateverComes() {
    Random random = new Random(42);
    String[] parts = {
      "HTTP/1.1 ",
      "200 OK",
      "\r\n",
      "\n",
      "Content-Length: ",
      "5",
      "Transfer-Encoding: chunked",
      "\r\n\r\n",
      "0",
      "a",
      ";",
      ":",
      " ",
      "\0",
      "\u00ff",
      "ffffffff",
      "Connection: close",
      "100"
    };
    for (int i = 0; i < 20_000; i++) {
      AnswerReader reader = new AnswerReader(MOST_HEAD);
      try {
        int answers = 0;
        for (int j = random.nextInt(30); j >= 0; j--) {
          StringBuilder piece = new StringBuilder();
          for (int k = random.nextInt(4); k >= 0; k--) {
            piece.append(parts[random.nextInt(parts.length)]);
          }
          reader.add(Buffer.buffer(piece.toString().getBytes(ISO_8859_1)));
          while (reader.next(MOST_BODY) != null) {
            answers++;
          }
        }
        assertTrue(answers < 100);
        reader.end();
      } catch (FramingException refused) {
        assertNotNull(refused.getMessage());
      }
    }
  }

  private static AnswerReader reader(String bytes) {
    AnswerReader reader = new AnswerReader(MOST_HEAD);
    reader.add(Buffer.buffer(bytes.getBytes(ISO_8859_1)));
    return reader;
  }

  private static List<HttpAnswer> read(String bytes, int piece) {
    AnswerReader reader = new AnswerReader(MOST_HEAD);
    List<HttpAnswer> answers = new ArrayList<>();
    for (int at = 0; at < bytes.length(); at += piece) {
      reader.add(Buffer.buffer(bytes.substring(at, Math.min(bytes.length(), at + piece))));
      for (HttpAnswer answer = reader.next(MOST_BODY);
          answer != null;
          answer = reader.next(MOST_BODY)) {
        answers.add(answer);
      }
    }
    assertTrue(reader.isBetween());
    return answers;
  }
}
