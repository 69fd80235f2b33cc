// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.registry.mdns.DnsMessage.Question;
import io.vertx.core.buffer.Buffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DnsMessageTest {

  private static final Buffer LONG = Buffer.buffer("x".repeat(1_000));

  private static final DnsMessage ANSWER =
      new DnsMessage(
          7,
          true,
          List.of(new Question("a.b.micro", DnsMessage.PTR, true)),
          List.of(
              DnsRecord.ptr("b.micro", 120, "a.b.micro"),
              DnsRecord.srv("a.b.micro", 120, "host", 8_080),
              DnsRecord.address("host", 120, new byte[] {127, 0, 0, 1}),
              DnsRecord.address("host", 120, new byte[16]),
              DnsRecord.txt("a.b.micro", 0, LONG),
              DnsRecord.txt("empty.micro", 4_294_967_295L, Buffer.buffer())));

  @Test
  void readsWhatItWrites() {
    assertEquals(ANSWER, DnsMessage.read(ANSWER.write()));
    DnsMessage question = DnsMessage.question("gr\u00e9eter.micro");
    assertEquals(question, DnsMessage.read(question.write()));
  }

  @Test
  void readsCompressedNamesAndLongTextsOfGoMicro() {
    DnsMessage answer = DnsMessage.read(Captured.of("v5.30.0", "answer"));

    assertTrue(answer.response());
    assertEquals(List.of(new Question("greeter.micro", DnsMessage.PTR, false)), answer.questions());
    assertEquals(
        List.of(DnsMessage.PTR, DnsMessage.SRV, DnsMessage.A, DnsMessage.TXT),
        answer.records().stream().map(DnsRecord::type).toList());
    assertEquals(answer.records().get(0).target(), answer.records().get(1).name());
    assertTrue(answer.records().get(3).data().length() > 255);
  }

  @Test
  void passesOverAuthoritiesAndOtherRecords() {
    DnsMessage probe = DnsMessage.read(Captured.of("v5.30.0", "probe"));

    assertFalse(probe.response());
    assertEquals(List.of(), probe.records());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing
        "0000840000000001000000", // no whole head
        "000084000000ffff00000000", // more records than there may be
        "000084000000000100000000", // a record that is not there
        "00008400000100000000000004", // a name that ends too early
        "000084000001000000000000c00c000c0001", // a name that points to itself
        "000084000001000000000000c00e00c00c000c0001", // one that points forwards
        "0000840000010000000000008000", // a label of an unknown kind
        "000084000000000100000000000010000100000078000361ff61", // a text beyond its record
        "0000840000000001000000000000100001000000780100" // a record beyond the message
      })
  void refusesWhatIsMalformed(String hex) {
    Buffer bytes = Buffer.buffer(HexFormat.of().parseHex(hex));

    assertThrows(CodecException.class, () -> DnsMessage.read(bytes));
  }

  @Test
  void refusesNamesThatAreTooLong() {
    Buffer bytes = Buffer.buffer(HexFormat.of().parseHex("000000000001000000000000"));
    for (int i = 0; i < 10; i++) {
      bytes.appendUnsignedByte((short) 63).appendString("x".repeat(63));
    }
    bytes.appendBytes(new byte[5]);

    assertThrows(CodecException.class, () -> DnsMessage.read(bytes));
  }

  @Test
  void survivesWhateverComes() {
    Random random = new Random(11);
    List<Buffer> whole =
        List.of(ANSWER.write(), Captured.of("v5.30.0", "answer"), Captured.of("v5.30.0", "list"));
    for (int i = 0; i < 50_000; i++) {
      Buffer from = whole.get(random.nextInt(whole.size()));
      byte[] bytes = from.getBytes(0, 1 + random.nextInt(from.length()));
      for (int j = random.nextInt(5); j >= 0; j--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        assertNotNull(DnsMessage.read(Buffer.buffer(bytes)).records());
      } catch (CodecException malformed) {
        assertNotNull(malformed.getMessage());
      }
    }
  }
}
