// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnaryReaderTest {

  private final List<Buffer> messages = new ArrayList<>();
  private final List<WireStatus> failures = new ArrayList<>();
  private final UnaryReader reader = new UnaryReader(100, messages::add, failures::add);

  private void read(Buffer bytes, int chunk) {
    for (int i = 0; i < bytes.length(); i += chunk) {
      reader.chunk(bytes.getBuffer(i, Math.min(bytes.length(), i + chunk)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 6, 50, 200})
  void readsAMessageHoweverItIsCut(int chunk) {
    Buffer body = Buffer.buffer(new byte[100]).setByte(99, (byte) 7);

    read(RawCaller.frame(body), chunk);
    reader.end();

    assertEquals(List.of(body), messages);
    assertEquals(List.of(), failures);
  }

  @Test
  void readsAnEmptyMessage() {
    read(RawCaller.frame(Buffer.buffer()), 5);

    assertEquals(List.of(Buffer.buffer()), messages);
  }

  @Test
  void passesOverWhatFollows() {
    Buffer twice =
        RawCaller.frame(Buffer.buffer("a")).appendBuffer(RawCaller.frame(Buffer.buffer("b")));

    read(twice, 3);
    reader.end();

    assertEquals(List.of(Buffer.buffer("a")), messages);
    assertEquals(List.of(), failures);
  }

  @Test
  void refusesWhatIsTooLargeAtItsPrefix() {
    read(Buffer.buffer().appendByte((byte) 0).appendInt(101), 5);

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failures.get(0).status());
    assertEquals("grpc: received message larger than max (101 vs. 100)", failures.get(0).message());
  }

  @Test
  void readsTheLengthWithoutSign() {
    read(Buffer.buffer().appendByte((byte) 0).appendInt(-1), 1);

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failures.get(0).status());
    assertEquals(1, failures.size());
  }

  @Test
  void refusesACompressedMessage() {
    read(Buffer.buffer().appendByte((byte) 1).appendInt(0), 5);

    assertEquals(GrpcStatus.INTERNAL, failures.get(0).status());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 14})
  void refusesWhatEndsInsideAMessage(int length) {
    read(RawCaller.frame(Buffer.buffer("0123456789")).getBuffer(0, length), 3);
    reader.end();

    assertTrue(messages.isEmpty());
    assertEquals(GrpcStatus.INTERNAL, failures.get(0).status());
    assertEquals(
        "grpc: request ended after " + length + " bytes, inside a message",
        failures.get(0).message());
  }
}
