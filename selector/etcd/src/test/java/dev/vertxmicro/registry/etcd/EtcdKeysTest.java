// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EtcdKeysTest {

  private final EtcdKeys keys = new EtcdKeys("/micro/registry");

  @Test
  void aNodeIsBelowItsServiceWithDashesForSlashes() {
    assertEquals(
        "/micro/registry/greeter/greeter-1", keys.ofNode("greeter", "greeter-1").toString());
    assertEquals("/micro/registry/a-b/c-d-e", keys.ofNode("a/b", "c/d/e").toString());
  }

  @Test
  void theKeysOfAServiceAreThoseBelowItAndNoOthers() {
    assertEquals("/micro/registry/greeter/", keys.firstOf("greeter").toString());
    assertEquals("/micro/registry/greeter0", keys.endOf("greeter").toString());
    assertEquals("/micro/registry/", keys.first().toString());
    assertEquals("/micro/registry0", keys.end().toString());
  }

  @ParameterizedTest
  @CsvSource({
    "/micro/registry/greeter/1, greeter",
    "/micro/registry/a-b/c, a-b",
    "/micro/registry/greeter/, ''",
    "/micro/registry/greeter, ''",
    "/micro/registry//1, ''",
    "/micro/registry/greeter/1/2, ''",
    "/micro/registry/, ''",
    "/micro/other/greeter/1, ''",
    "/micro, ''",
    "'', ''"
  })
  void theServiceIsReadOutOfAKey(String key, String service) {
    assertEquals(service, keys.serviceOf(Buffer.buffer(key)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", ".."})
  void namesThatGoMicroTakesOutOfPathsAreRefused(String name) {
    assertThrows(IllegalArgumentException.class, () -> EtcdKeys.check("node", name));
  }

  @Test
  void otherNamesAreNot() {
    assertDoesNotThrow(() -> EtcdKeys.check("node", "..."));
    assertDoesNotThrow(() -> EtcdKeys.check("node", "a/.."));
  }
}
