// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcStatusTest {

  /** Go-micro's client/grpc/error.go. */
  @ParameterizedTest
  @CsvSource({
    "0, OK, 200",
    "1, CANCELLED, 500",
    "2, UNKNOWN, 500",
    "3, INVALID_ARGUMENT, 400",
    "4, DEADLINE_EXCEEDED, 408",
    "5, NOT_FOUND, 404",
    "6, ALREADY_EXISTS, 409",
    "7, PERMISSION_DENIED, 403",
    "8, RESOURCE_EXHAUSTED, 500",
    "9, FAILED_PRECONDITION, 412",
    "10, ABORTED, 500",
    "11, OUT_OF_RANGE, 500",
    "12, UNIMPLEMENTED, 501",
    "13, INTERNAL, 500",
    "14, UNAVAILABLE, 503",
    "15, DATA_LOSS, 500",
    "16, UNAUTHENTICATED, 401",
  })
  void knowsItsNumberAndGoMicrosCode(int code, GrpcStatus status, int microCode) {
    assertEquals(status, GrpcStatus.ofCode(code));
    assertEquals(code, status.code());
    assertEquals(microCode, status.microCode());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 17, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void isUnknownForNumbersThatGrpcDoesNotKnow(int code) {
    assertEquals(GrpcStatus.UNKNOWN, GrpcStatus.ofCode(code));
  }

  /** Go-micro's server/grpc/error.go. */
  @ParameterizedTest
  @CsvSource({
    "200, OK",
    "400, INVALID_ARGUMENT",
    "401, UNAUTHENTICATED",
    "403, PERMISSION_DENIED",
    "404, NOT_FOUND",
    "408, DEADLINE_EXCEEDED",
    "409, ALREADY_EXISTS",
    "412, FAILED_PRECONDITION",
    "500, INTERNAL",
    "501, UNIMPLEMENTED",
    "503, UNAVAILABLE",
    "0, UNKNOWN",
    "418, UNKNOWN",
    "499, UNKNOWN",
    "502, UNKNOWN",
  })
  void mapsGoMicrosCodesAsItsServerDoes(int microCode, GrpcStatus status) {
    assertEquals(status, GrpcStatus.ofMicroCode(microCode));
  }

  /** gRPC's http-grpc-status-mapping.md. */
  @ParameterizedTest
  @CsvSource({
    "400, INTERNAL",
    "401, UNAUTHENTICATED",
    "403, PERMISSION_DENIED",
    "404, UNIMPLEMENTED",
    "429, UNAVAILABLE",
    "502, UNAVAILABLE",
    "503, UNAVAILABLE",
    "504, UNAVAILABLE",
    "200, UNKNOWN",
    "302, UNKNOWN",
    "500, UNKNOWN",
  })
  void mapsHttpAnswersThatAreNotGrpc(int httpStatus, GrpcStatus status) {
    assertEquals(status, GrpcStatus.ofHttpStatus(httpStatus));
  }
}
