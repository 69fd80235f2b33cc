// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.ServiceJson;
import io.vertx.core.json.JsonObject;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResultTest {

  private static final Service GREETER =
      Service.builder("gré\"eter").node(Node.of("a", "127.0.0.1:1")).build();

  @Test
  void writesWhatGoMicroReads() {
    JsonObject json = new JsonObject(new String(Result.announcement("create", GREETER), UTF_8));

    assertEquals(java.util.Set.of("Action", "Service"), json.fieldNames());
    assertEquals("create", json.getString("Action"));
    assertEquals(new JsonObject(ServiceJson.write(GREETER)), json.getJsonObject("Service"));
    assertEquals(
        "{\"Action\":\"get\",\"Service\":{\"name\":\"a\\\"b\"}}",
        new String(Result.question("a\"b"), UTF_8));
    assertEquals(
        "{\"Action\":\"list\",\"Service\":null}", new String(Result.question(null), UTF_8));
  }

  @Test
  void readsWhatItWrites() {
    Result announcement = Result.read(Result.announcement("delete", GREETER));

    assertEquals("delete", announcement.action());
    assertEquals(GREETER.name(), announcement.name());
    assertEquals(ServiceJson.write(GREETER), announcement.service());
    assertEquals("a\"b", Result.read(Result.question("a\"b")).name());
    assertNull(Result.read(Result.question(null)).service());
  }

  @Test
  void readsFieldsInAnyCaseAndOrder() {
    Result read =
        Result.read(
            "{ \"x\":[{}], \"SERVICE\" : {\"nodes\":[{\"name\":\"no\"}],\"Name\":\"a\"} ,\"action\":\"Create\"}"
                .getBytes(UTF_8));

    assertEquals("create", read.action());
    assertEquals("a", read.name());
    assertNotNull(read.service());
    assertEquals("{\"nodes\":[{\"name\":\"no\"}],\"Name\":\"a\"}", read.service().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "null", "{", "{\"Service\":{\"name\":", "{\"Action\":tru", "\u0000"})
  void refusesWhatIsNone(String json) {
    assertThrows(CodecException.class, () -> Result.read(json.getBytes(UTF_8)));
  }

  @Test
  void refusesWhatIsTooLongOrDeepOrNotUtf8() {
    assertThrows(CodecException.class, () -> Result.read(new byte[ServiceJson.MAX_BYTES + 1]));
    byte[] deep = ("{\"Service\":" + "[".repeat(100) + "]".repeat(100) + "}").getBytes(UTF_8);
    assertThrows(CodecException.class, () -> Result.read(deep));
    assertThrows(
        CodecException.class, () -> Result.read("{\"Service\":{\"name\":\"a\"}}".getBytes(UTF_16)));
  }

  @Test
  void survivesWhateverComes() {
    Random random = new Random(7);
    byte[] whole = Result.announcement("create", GREETER);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = java.util.Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
      for (int j = random.nextInt(4); j >= 0; j--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        assertNotNull(Result.read(bytes).action());
      } catch (CodecException malformed) {
        assertNotNull(malformed.getMessage());
      }
    }
  }
}
