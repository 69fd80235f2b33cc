// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtoTest {

  private static final List<Function<Buffer, Object>> READERS =
      List.of(
          RangeReply::read,
          TransactionReply::read,
          LeaseReply::read,
          WatchReply::read,
          Tokens::read);

  private static Buffer hex(String hex) {
    return Buffer.buffer(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  private static Buffer text(String text) {
    return Buffer.buffer(text);
  }

  @Test
  void writesWhatProtobufSpecifies() {
    // protobuf.dev, "Encoding": field 1 is 150; field 2 is "testing"; field 3 holds the first.
    Buffer written =
        new ProtoWriter()
            .number(1, 150)
            .text(2, "testing")
            .message(3, new ProtoWriter().number(1, 150))
            .done();

    assertEquals(hex("089601 1207 74657374696e67 1a03 089601"), written);
  }

  @Test
  void leavesDefaultsOut() {
    Buffer written =
        new ProtoWriter()
            .number(1, 0)
            .flag(2, false)
            .text(3, "")
            .bytes(4, Buffer.buffer())
            .numberOrZero(5, 0)
            .message(6, new ProtoWriter())
            .done();

    assertEquals(hex("2800 3200"), written);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 127, 128, 16_383, 16_384, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void readsTheNumbersThatItWrites(long number) {
    ProtoReader in = new ProtoReader(new ProtoWriter().number(2_000, number).done());

    assertEquals(2_000, in.next());
    assertEquals(number, in.number());
    assertEquals(0, in.next());
  }

  @Test
  void passesOverWhatItDoesNotKnow() {
    // Fields 15 of all four wire types, then field 1.
    Buffer unknown = hex("7805 79 0102030405060708 7a02 0102 7d 01020304 0807");
    ProtoReader in = new ProtoReader(unknown);

    for (int i = 0; i < 4; i++) {
      assertEquals(15, in.next());
    }
    assertEquals(1, in.next());
    assertEquals(7, in.number());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "08", // no value
        "0880", // half a number
        "08ffffffffffffffffffff01", // a number of eleven bytes
        "0a05 01", // shorter than said
        "0affffffff0f 01", // a length above all
        "0b", // a group
        "0f", // no wire type
        "00 01", // field 0
        "09 01", // half a fixed number
        "0d 01"
      })
  void refusesWhatIsNoMessage(String bytes) {
    ProtoReader in = new ProtoReader(hex(bytes));

    assertThrows(
        CodecException.class,
        () -> {
          while (in.next() != 0) {
            // Passes over each field.
          }
        });
  }

  @Test
  void refusesAFieldOfAnotherType() {
    ProtoReader in = new ProtoReader(hex("0801"));
    in.next();

    assertThrows(CodecException.class, in::text);
  }

  @Test
  void readsAnAnswerToARead() {
    Buffer reply =
        new ProtoWriter()
            .message(1, new ProtoWriter().number(1, 11).number(2, 12).number(3, 13).number(4, 14))
            .message(
                2,
                new ProtoWriter()
                    .text(1, "/key")
                    .number(2, 5)
                    .number(3, 6)
                    .number(4, 2)
                    .text(5, "value")
                    .number(6, 99))
            .flag(3, true)
            .number(4, 1)
            .done();

    assertEquals(
        new RangeReply(
            new Header(11, 13, 14), List.of(new KeyValue(text("/key"), 5, 6, text("value"))), true),
        RangeReply.read(reply));
  }

  @Test
  void readsWhatAWatchReports() {
    ProtoWriter entry = new ProtoWriter().text(1, "/key").number(3, 6);
    Buffer reply =
        new ProtoWriter()
            .message(1, new ProtoWriter().number(3, 13))
            .number(2, 7)
            .flag(7, true)
            .message(11, new ProtoWriter().message(2, entry))
            .message(11, new ProtoWriter().number(1, 1).message(2, entry).message(3, entry))
            .done();

    KeyValue read = new KeyValue(text("/key"), 0, 6, Buffer.buffer());
    assertEquals(
        new WatchReply(
            new Header(0, 13, 0),
            7,
            false,
            false,
            0,
            "",
            true,
            List.of(new Change(false, read, null), new Change(true, read, read))),
        WatchReply.read(reply));
  }

  @Test
  void readsTheEndOfAWatch() {
    Buffer reply =
        new ProtoWriter().flag(3, true).flag(4, true).number(5, 42).text(6, "why").done();

    WatchReply read = WatchReply.read(reply);

    assertTrue(read.created());
    assertTrue(read.cancelled());
    assertEquals(42, read.compactRevision());
    assertEquals("why", read.cancelReason());
    assertFalse(read.fragment());
  }

  @Test
  void garbageIsRefusedOrReadAndNothingElse() {
    SplittableRandom random = new SplittableRandom(20_261_121);
    int refused = 0;
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      for (Function<Buffer, Object> reader : READERS) {
        try {
          assertNotNull(reader.apply(Buffer.buffer(bytes)));
          read++;
        } catch (CodecException garbage) {
          refused++;
        }
      }
    }
    assertTrue(refused > 50_000 && read > 1_000, refused + " refused, " + read + " read");
  }

  @Test
  void aMessageWithOneByteChangedIsRefusedOrReadAndNothingElse() {
    Buffer reply =
        new ProtoWriter()
            .message(1, new ProtoWriter().number(1, 1L << 60).number(3, 13))
            .number(2, 7)
            .message(
                11,
                new ProtoWriter()
                    .message(2, new ProtoWriter().text(1, "/micro/registry/a/b").text(5, "{}")))
            .done();
    int refused = 0;
    for (int at = 0; at < reply.length(); at++) {
      for (int value = 0; value < 256; value++) {
        Buffer changed = reply.copy().setByte(at, (byte) value);
        try {
          WatchReply.read(changed);
        } catch (CodecException garbage) {
          refused++;
        }
      }
    }
    assertTrue(refused > 100, () -> "too few");
  }
}
