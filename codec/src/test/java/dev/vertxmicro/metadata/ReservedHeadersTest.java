// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.metadata;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReservedHeadersTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "connection",
        "Connection",
        "content-length",
        "Content-Type",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-connection",
        "TE",
        "Timeout",
        "trailer",
        "transfer-encoding",
        "Upgrade",
        "User-Agent",
        "X-Content-Type",
        "grpc-timeout",
        "Grpc-Anything",
        ":path",
        "",
      })
  void areReservedInAnyCase(String name) {
    assertTrue(ReservedHeaders.isReserved(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"authorization", "Micro-Id", "Micro-Topic", "x-timeout", "grpc", "t", "grpcx"})
  void leaveOthersToTheCaller(String name) {
    assertFalse(ReservedHeaders.isReserved(name));
  }
}
