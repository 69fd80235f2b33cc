// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.errors.StatusDetails;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireStatusTest {

  private static MultiMap written(WireStatus status) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    status.writeTo(headers);
    return headers;
  }

  @Test
  void keepsTheStatusThatATypedFailureHas() {
    RpcException full = RpcException.client(GrpcStatus.RESOURCE_EXHAUSTED, "queue full").build();

    assertEquals("8", written(WireStatus.of(full)).get("grpc-status"));
  }

  @Test
  void neverSendsAFailureAsOk() {
    RpcException odd = RpcException.of(RpcError.of("x", 200, "fine"), GrpcStatus.OK).build();
    RpcException late = RpcException.of(RpcError.of("x", 408, "late"), GrpcStatus.OK).build();

    assertEquals(GrpcStatus.UNKNOWN, WireStatus.of(odd).status());
    assertEquals(GrpcStatus.DEADLINE_EXCEEDED, WireStatus.of(late).status());
  }

  @Test
  void namesAFailureWithoutText() {
    assertEquals(
        "java.lang.IllegalStateException", WireStatus.of(new IllegalStateException()).message());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\u20ac", "\ud83d\ude00", "\""})
  void cutsWhatClientsWouldNotTake(String unit) {
    String detail = unit.repeat(100_000);
    MultiMap headers = written(WireStatus.server(GrpcStatus.INTERNAL, 500, detail));

    int bytes =
        headers.get("grpc-message").length() + headers.get("grpc-status-details-bin").length();
    assertTrue(bytes <= 6 * 1024, () -> bytes + " bytes");
    assertTrue(bytes > 1024, () -> bytes + " bytes");
    byte[] details = StatusDetails.fromHeader(headers.get("grpc-status-details-bin"));
    assertNotNull(details);
    RpcError error = StatusDetails.find(details);
    assertNotNull(error);
    assertEquals(500, error.code());
    assertTrue(detail.startsWith(error.detail().substring(0, error.detail().length() - 1)));
  }

  @Test
  void cutsAPlainTextToo() {
    MultiMap headers = written(WireStatus.plain(GrpcStatus.UNKNOWN, "x".repeat(10_000)));

    assertTrue(headers.get("grpc-message").length() <= 6 * 1024);
    assertFalse(headers.contains("grpc-status-details-bin"));
  }

  @Test
  void cutsAnErrorWhoseIdIsTheLongPart() {
    RpcError error = new RpcError("i".repeat(20_000), 500, "d", "s".repeat(20_000));
    MultiMap headers = written(WireStatus.of(RpcException.of(error, GrpcStatus.INTERNAL).build()));

    assertTrue(headers.get("grpc-message").length() <= 6 * 1024);
  }
}
