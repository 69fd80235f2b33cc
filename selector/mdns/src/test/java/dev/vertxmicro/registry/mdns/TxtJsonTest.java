// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Value;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TxtJsonTest {

  private static final Node NODE =
      Node.builder("a", "127.0.0.1:1").metadata("zone", "\u00e4").protocol("grpc").build();
  private static final Service GREETER =
      Service.builder("greeter")
          .version("1.2")
          .endpoint(
              new Endpoint(
                  "Greeter.Hello",
                  new Value("Request", "Request", List.of()),
                  null,
                  Map.of("stream", "true")))
          .endpoint("Greeter.Bye")
          .node(NODE)
          .build();

  private final Complaints complaints =
      new Complaints(System.getLogger("test"), new FakeTimeSource());

  private Service read(Buffer text) {
    return TxtJson.read(text, "a", "127.0.0.1:1", complaints);
  }

  private static Buffer packed(byte[] json) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream zlib = new DeflaterOutputStream(bytes)) {
      zlib.write(json);
    } catch (IOException inMemory) {
      throw new AssertionError(inMemory);
    }
    return Buffer.buffer(HexFormat.of().formatHex(bytes.toByteArray()));
  }

  @Test
  void readsWhatItWrites() {
    assertEquals(GREETER, read(TxtJson.write(GREETER, NODE)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{}",
        "{\"Service\":\"\"}",
        "{\"Service\":7}",
        "{\"Service\":\"a\",\"Endpoints\":["
      })
  void refusesWhatIsMalformed(String json) {
    assertThrows(CodecException.class, () -> read(packed(json.getBytes())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "7", "xy", "789c", "00"})
  void refusesWhatIsNotPacked(String text) {
    assertThrows(CodecException.class, () -> read(Buffer.buffer(text)));
  }

  @Test
  void refusesWhatInflatesToTooMuch() {
    Buffer bomb = packed(new byte[8 << 20]);

    assertThrows(CodecException.class, () -> read(bomb));
  }

  @Test
  void survivesWhateverComes() {
    Random random = new Random(13);
    byte[] whole =
        ("{\"Service\":\"a\",\"Version\":\"1\",\"Endpoints\":[{\"name\":\"b\"},{}],"
                + "\"Metadata\":{\"c\":\"d\"}}")
            .getBytes();
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
      for (int j = random.nextInt(3); j >= 0; j--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(128);
      }
      try {
        assertNotNull(read(packed(bytes)).name());
      } catch (CodecException malformed) {
        assertNotNull(malformed.getMessage());
      }
    }
  }
}
