// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutcomeTest {

  @ParameterizedTest
  @CsvSource({
    // the node answered, with an error that is the caller's
    "INVALID_ARGUMENT, YES, greeter, SUCCESS",
    "NOT_FOUND, YES, greeter, SUCCESS",
    "ALREADY_EXISTS, YES, greeter, SUCCESS",
    "PERMISSION_DENIED, YES, greeter, SUCCESS",
    "UNAUTHENTICATED, YES, greeter, SUCCESS",
    "FAILED_PRECONDITION, YES, greeter, SUCCESS",
    "OUT_OF_RANGE, YES, greeter, SUCCESS",
    "ABORTED, YES, greeter, SUCCESS",
    // the node failed
    "INTERNAL, YES, greeter, FAILURE",
    "UNKNOWN, YES, greeter, FAILURE",
    "UNIMPLEMENTED, YES, greeter, FAILURE",
    "DATA_LOSS, YES, greeter, FAILURE",
    "RESOURCE_EXHAUSTED, YES, greeter, FAILURE",
    "RESOURCE_EXHAUSTED, REFUSED, greeter, FAILURE",
    "CANCELLED, UNKNOWN, greeter, FAILURE",
    // the node could not be reached, or not in time
    "UNAVAILABLE, NOT_SENT, go.micro.client, FAILURE",
    "UNAVAILABLE, REFUSED, go.micro.client, FAILURE",
    "DEADLINE_EXCEEDED, NOT_SENT, go.micro.client, FAILURE",
    "DEADLINE_EXCEEDED, UNKNOWN, go.micro.client, FAILURE",
    // nothing that the node did
    "RESOURCE_EXHAUSTED, NOT_SENT, go.micro.client, CANCELLED",
    "INVALID_ARGUMENT, NOT_SENT, go.micro.client, CANCELLED",
    "INTERNAL, NOT_SENT, go.micro.client, CANCELLED",
    "CANCELLED, NOT_SENT, go.micro.client, CANCELLED",
    "CANCELLED, UNKNOWN, go.micro.client, CANCELLED"
  })
  void failureSaysWhatItMeansForTheNode(
      GrpcStatus status, Processed processed, String id, Outcome.Kind kind) {
    RpcException failure =
        RpcException.of(RpcError.of(id, status.microCode(), "detail"), status)
            .processed(processed)
            .build();

    Outcome outcome = Outcome.failed(failure);

    assertEquals(kind, outcome.kind());
    assertSame(failure, outcome.failure());
  }
}
