// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.framing.FramingException;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseReaderTest {

  private static final String OK = "HTTP/1.1 200 OK\r\n";

  private final ResponseReader reader = new ResponseReader(1_024);
  private final Seen seen = new Seen();

  private static final class Seen implements ResponseReader.Sink {
    private ResponseHead head;
    private final Buffer body = Buffer.buffer();
    private Metadata trailers;
    private boolean reusable;
    private int ends;

    @Override
    public void head(ResponseHead head) {
      this.head = head;
    }

    @Override
    public void body(Buffer piece) {
      assertTrue(piece.length() > 0);
      body.appendBuffer(piece);
    }

    @Override
    public void end(Metadata trailers, boolean reusable) {
      this.trailers = trailers;
      this.reusable = reusable;
      ends++;
    }
  }

  private void read(String bytes, int size) {
    reader.expect(false);
    for (int at = 0; at < bytes.length(); at += size) {
      reader.read(Buffer.buffer(bytes.substring(at, Math.min(bytes.length(), at + size))), seen);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 10_000})
  void readsAnswersThatSayTheirLength(int size) {
    read(OK + "X-A: 1\r\nx-a:  2 \r\nContent-Length: 5\r\n\r\nhello", size);

    assertEquals(200, seen.head.status());
    assertEquals("OK", seen.head.reason());
    assertEquals(5, seen.head.length());
    assertEquals(Metadata.of("X-A", "1", "X-A", "2", "Content-Length", "5"), seen.head.headers());
    assertEquals("hello", seen.body.toString());
    assertEquals(1, seen.ends);
    assertTrue(seen.reusable && reader.isBetween());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10_000})
  void readsChunksAndTrailers(int size) {
    read(
        OK
            + "Transfer-Encoding: chunked\r\n\r\n"
            + "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Stream-Error: one\r\nX-Stream-Error: two\r\n\r\n",
        size);

    assertEquals("abc0123456789", seen.body.toString());
    assertEquals(-1, seen.head.length());
    assertEquals(Metadata.of("X-Stream-Error", "one", "X-Stream-Error", "two"), seen.trailers);
    assertTrue(seen.reusable);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10_000})
  void readsToTheCloseIfNothingIsSaid(int size) {
    read(OK + "\r\nhel", size);
    assertEquals(0, seen.ends);

    assertTrue(reader.close(seen));

    assertEquals("hel", seen.body.toString());
    assertEquals(1, seen.ends);
    assertFalse(seen.reusable);
  }

  @Test
  void aCloseWithinAnAnswerIsNoEnd() {
    read(OK + "Content-Length: 5\r\n\r\nhel", 100);

    assertFalse(reader.close(seen));
    assertEquals(0, seen.ends);
  }

  @Test
  void passesInterimAnswersOver() {
    read(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
            + OK
            + "Content-Length: 0\r\n\r\n",
        5);

    assertEquals(200, seen.head.status());
    assertEquals(Metadata.of("Content-Length", "0"), seen.head.headers());
    assertEquals(1, seen.ends);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304\r\nContent-Length: 9\r\n\r\n"})
  void knowsWhatHasNoBody(String answer) {
    read(answer, 3);

    assertEquals(0, seen.body.length());
    assertTrue(seen.reusable);
  }

  @Test
  void anAnswerToHeadHasNoBody() {
    reader.expect(true);
    reader.read(Buffer.buffer(OK + "Content-Length: 9\r\n\r\n"), seen);

    assertEquals(1, seen.ends);
    assertTrue(seen.reusable);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nx"
      })
  void aConnectionThatSaysMoreOrClosesIsNotReusable(String answer) {
    read(answer, 10_000);

    assertEquals(1, seen.ends);
    assertFalse(seen.reusable);
  }

  @Test
  void http10MayKeepTheConnection() {
    read("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", 10_000);

    assertTrue(seen.reusable);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-x",
        "HTTP/2 200\r\n",
        "HTTP/1.1 20 OK\r\n",
        "HTTP/1.1 2000\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n",
        "HTTP/1.1 200 OK\r\n folded: x\r\n",
        "HTTP/1.1 200 OK\r\nA : x\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"
      })
  void refusesWhatIsNoAnswer(String answer) {
    FramingException refused = assertThrows(FramingException.class, () -> read(answer, 10_000));

    assertEquals(GrpcStatus.INTERNAL, refused.status());
  }

  @Test
  void boundsHeadsChunkLinesAndTrailers() {
    String longer = "x".repeat(1_025);
    for (String answer :
        new String[] {
          OK + "A: " + longer,
          OK + ("A: 1\r\n").repeat(300),
          "HTTP/1.1 100 Continue\r\n\r\n".repeat(60),
          OK + "Transfer-Encoding: chunked\r\n\r\n0\r\nA: " + longer,
          OK + "Transfer-Encoding: chunked\r\n\r\n1;" + longer.repeat(5)
        }) {
      FramingException refused =
          assertThrows(
              FramingException.class,
              () -> {
                ResponseReader fresh = new ResponseReader(1_024);
                fresh.expect(false);
                fresh.read(Buffer.buffer(answer), seen);
              });
      assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.status());
    }
  }

  @Test
  void readsOneAnswerBehindAnother() {
    read(OK + "Content-Length: 2\r\n\r\nab", 4);
    read("HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nc", 4);

    assertEquals(2, seen.ends);
    assertEquals(404, seen.head.status());
    assertEquals("abc", seen.body.toString());
  }
}
