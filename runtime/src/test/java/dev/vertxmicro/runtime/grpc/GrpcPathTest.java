// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcPathTest {

  @ParameterizedTest
  @CsvSource({
    "test.svc, Say.Hello, /test.svc.Say/Hello",
    "'', Say.Hello, /Say/Hello",
    "test.svc, /pkg.Say/Hello, /pkg.Say/Hello",
    "'', /pkg.Say/Hello, /pkg.Say/Hello",
    "test.svc, /odd, /odd"
  })
  void followsTheRulesOfGoMicro(String service, String endpoint, String path) {
    assertEquals(path, GrpcPath.of(service, endpoint));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Hello", "a.b.Say.Hello", ".Hello", "Say.", "Say.He llo", "/Say/H\u00e9", "."})
  void refusesWhatEveryServerWouldRefuse(String endpoint) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> GrpcPath.of("svc", endpoint))
            .getMessage();

    assertTrue(message.startsWith("malformed method name: "), message);
  }
}
