// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.framing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.metadata.Metadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the readers of HTTP/1.1 share; {@code AnswerReaderTest} has what must be refused. */
class StatusLineTest {

  private static final StatusLine OK = StatusLine.of("HTTP/1.1 200 OK");

  @Test
  void readsTheLine() {
    assertEquals(new StatusLine(200, "OK", true), OK);
    assertEquals(new StatusLine(404, "", false), StatusLine.of("HTTP/1.0 404"));
    assertEquals(new StatusLine(999, "a b", true), StatusLine.of("HTTP/1.9 999 a b "));
    assertTrue(StatusLine.of("HTTP/1.1 100 Continue").isInterim());
    assertFalse(OK.isInterim());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "007, 7",
    "9223372036854775807, 9223372036854775807",
    "99999999999999999999, 9223372036854775807"
  })
  void readsLengths(String said, long length) {
    assertEquals(length, OK.bodyLength(Metadata.of("content-length", said)));
    assertEquals(
        length, OK.bodyLength(Metadata.of("Content-Length", said, "Content-Length", said)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "+1", "1 ", "0x1", "a", "99999999999999999999a", "\u0663"})
  void refusesWhatIsNoLength(String said) {
    Metadata headers = Metadata.of("Content-Length", said);

    assertThrows(FramingException.class, () -> OK.bodyLength(headers));
  }

  @Test
  void knowsBodiesWithoutLength() {
    Metadata length = Metadata.of("Content-Length", "5");

    assertEquals(StatusLine.CHUNKED, OK.bodyLength(Metadata.of("Transfer-Encoding", "Chunked")));
    assertEquals(StatusLine.TO_CLOSE, OK.bodyLength(Metadata.empty()));
    assertEquals(0, StatusLine.of("HTTP/1.1 204").bodyLength(length));
    assertEquals(0, StatusLine.of("HTTP/1.1 304").bodyLength(length));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "a, 10", "FF, 255", "ffffffff, 4294967295", "' 1 ; x=y', 1"})
  void readsChunkSizes(String line, long size) {
    assertEquals(size, StatusLine.chunkSize(line, 8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ";x", "g", "-1", "0x1", "111111111"})
  void refusesWhatIsNoChunkSize(String line) {
    assertThrows(FramingException.class, () -> StatusLine.chunkSize(line, 8));
  }

  @Test
  void findsAmongTheOptionsOfAConnection() {
    Metadata headers = Metadata.of("Connection", "a, Close ", "connection", "b");

    assertTrue(StatusLine.connectionSays("close", headers));
    assertTrue(StatusLine.connectionSays("b", headers));
    assertFalse(StatusLine.connectionSays("keep-alive", headers));
  }
}
