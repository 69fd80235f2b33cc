// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.mucp.Envelope.Content;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {

  private static final Buffer NOTHING = Buffer.buffer();

  @Test
  void writesJsonRpcAsGoMicroDoes() {
    Buffer request = Envelope.JSON_RPC.wrap(3, "Say.Hello", Buffer.buffer("{\"name\":\"x\"}"));

    assertEquals(
        "{\"params\":[{\"name\":\"x\"}],\"id\":\"3\",\"method\":\"Say.Hello\"}\n",
        request.toString());
  }

  @Test
  void quotesTheMethodOfJsonRpc() {
    assertEquals(
        "{\"params\":[null],\"id\":\"0\",\"method\":\"a\\\"b\"}\n",
        Envelope.JSON_RPC.wrap(0, "a\"b", NOTHING).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\":\"caf\u00e9 \u2615\"}",
        "[1, 2.50, 1e400, 12345678901234567890]",
        "\"text \\u0041 \\\" }\"",
        "17",
        "-0.10",
        "true",
        "null",
        "{}",
        "[ [ ] ]"
      })
  void handsTheResultOnByteByByte(String value) {
    for (String reply :
        new String[] {
          "{\"id\":\"9\",\"result\":%s,\"error\":null}\n",
          " { \"error\" : null , \"more\" : {\"result\":1}, \"result\" : %s } ",
          "{\"result\":%s}",
          "{\"result\":%s,\"error\":\"\"}"
        }) {
      Content content = Envelope.JSON_RPC.unwrap(Buffer.buffer(reply.formatted(value)));

      assertEquals(value, content.value().toString(), reply);
      assertNull(content.error());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"id\":\"9\",\"result\":null,\"error\":\"no \\u2615\"}|no \u2615",
        "{\"error\":{\"code\":5},\"result\":1}|{\"code\":5}",
        "{\"error\":7}|7"
      })
  void tellsTheErrorOfJsonRpc(String reply, String error) {
    Content content = Envelope.JSON_RPC.unwrap(Buffer.buffer(reply));

    assertEquals(error, content.error());
    assertEquals(0, content.value().length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{", "{\"result\":", "{\"result\":1", "{} x", "x"})
  void refusesWhatIsNoJsonRpc(String reply) {
    assertThrows(FramingException.class, () -> Envelope.JSON_RPC.unwrap(Buffer.buffer(reply)));
  }

  @Test
  void writesProtoRpcAsGoMicroDoes() {
    Buffer request = Envelope.PROTO_RPC.wrap(3, "Say.Hello", hex("0a0178"));

    assertEquals(
        hex("00000014 0a09 5361792e48656c6c6f 11 0300000000000000 00000003 0a0178"), request);
    assertEquals(
        hex("0000000b 0a09 5361792e48656c6c6f 00000000"),
        Envelope.PROTO_RPC.wrap(0, "Say.Hello", NOTHING));
  }

  @Test
  void writesLongMethods() {
    String method = "m".repeat(300);

    Buffer request = Envelope.PROTO_RPC.wrap(0, method, NOTHING);

    assertEquals(hex("0000012f 0aac02"), request.getBuffer(0, 7));
    assertEquals(method, request.getString(7, 307));
  }

  @Test
  void readsProtoRpc() {
    Content content =
        Envelope.PROTO_RPC.unwrap(
            hex("00000014 0a09 5361792e48656c6c6f 11 0300000000000000 00000003 0a0178"));

    assertEquals(hex("0a0178"), content.value());
    assertNull(content.error());
    assertEquals(NOTHING, Envelope.PROTO_RPC.unwrap(hex("00000000 00000000")).value());
  }

  @Test
  void tellsTheErrorOfProtoRpc() {
    Content content =
        Envelope.PROTO_RPC.unwrap(hex("0000000c 11 0300000000000000 1a0145 00000000"));

    assertEquals("E", content.error());
  }

  @Test
  void passesOverFieldsThatItDoesNotKnow() {
    Content content =
        Envelope.PROTO_RPC.unwrap(
            hex("00000017 2001 2d00000000 32023132 390000000000000000 1a0145 00000000"));

    assertEquals("E", content.error());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "000000",
        "00000001",
        "00000000 0000",
        "00000000 00000001",
        "00000000 00000000 00",
        "ffffffff 00000000",
        "00000001 1a 00000000",
        "00000002 1a05 00000000",
        "00000002 11 00 00000000",
        "00000001 23 00000000",
        "0000000b ffffffffffffffffffffff 00000000"
      })
  void refusesWhatIsNoProtoRpc(String reply) {
    assertThrows(FramingException.class, () -> Envelope.PROTO_RPC.unwrap(hex(reply)));
  }

  @ParameterizedTest
  @EnumSource(Envelope.class)
  void throwsNothingElseWhateverComes(Envelope envelope) {
    Random random = new Random(7);
    byte[][] good = {
      "{\"id\":\"9\",\"result\":{\"a\":[1,\"x\"]},\"error\":null}\n".getBytes(),
      hex("00000014 0a09 5361792e48656c6c6f 11 0300000000000000 00000003 0a0178").getBytes()
    };
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = good[i % good.length].clone();
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 3));
      try {
        assertNotNull(envelope.unwrap(Buffer.buffer(bytes)).value());
      } catch (FramingException refused) {
        assertNotNull(refused.getMessage());
      }
    }
  }

  private static Buffer hex(String hex) {
    return Buffer.buffer(HexFormat.of().parseHex(hex.replace(" ", "")));
  }
}
