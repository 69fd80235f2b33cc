// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class CallPathTest {

  @ParameterizedTest
  @CsvSource({
    "/greeter.Greeter/Hello, Greeter, Hello",
    "/Greeter/Hello, Greeter, Hello",
    "/a.b.c.Greeter/Hello, Greeter, Hello",
    "/.Greeter/Hello, Greeter, Hello",
    "/Greeter/Hello.World, Greeter, Hello.World",
  })
  void takesTheHandlerFromBehindTheLastDot(String path, String handler, String method) {
    assertEquals(new CallPath(handler, method), CallPath.parse(path));
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {"/", "//", "///", "/a", "/a/", "//b", "a/b", "/a/b/", "/a/b/c", "/a./b", "x"})
  void isNoneUnlessThereAreTwoSegments(String path) {
    assertNull(CallPath.parse(path));
  }
}
