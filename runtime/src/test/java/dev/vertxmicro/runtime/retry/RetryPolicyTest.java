// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.retry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryPolicyTest {

  private static final Set<GrpcStatus> MAY_PASS =
      EnumSet.of(
          GrpcStatus.UNAVAILABLE, GrpcStatus.DEADLINE_EXCEEDED, GrpcStatus.RESOURCE_EXHAUSTED);

  private static RpcException failure(GrpcStatus status, Processed processed) {
    return RpcException.client(status, "x").processed(processed).build();
  }

  static Stream<Arguments> everyFailure() {
    return Stream.of(GrpcStatus.values())
        .filter(status -> status != GrpcStatus.OK)
        .flatMap(
            status ->
                Stream.of(Processed.values())
                    .flatMap(
                        processed ->
                            Stream.of(true, false)
                                .map(idem -> Arguments.of(status, processed, idem))));
  }

  @ParameterizedTest
  @MethodSource("everyFailure")
  void safeRepeatsWhatMayPassIfNoServerActedOrTheCallIsIdempotent(
      GrpcStatus status, Processed processed, boolean idempotent) {
    boolean notActed = processed == Processed.NOT_SENT || processed == Processed.REFUSED;

    boolean again =
        RetryPolicy.safe().retry(new SomeCall(idempotent), 0, failure(status, processed));

    assertEquals(MAY_PASS.contains(status) && (idempotent || notActed), again);
  }

  @ParameterizedTest
  @EnumSource(GrpcStatus.class)
  void neverAndAlwaysDoNotLook(GrpcStatus status) {
    RpcException failure = failure(status, Processed.YES);

    assertFalse(RetryPolicy.never().retry(new SomeCall(true), 0, failure));
    assertTrue(RetryPolicy.always().retry(new SomeCall(false), 99, failure));
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 404, 408, 409, 499, 500, 501, 503, 504, 0, -1})
  void onErrorRepeatsCode408Only(int code) {
    RpcException failure =
        RpcException.of(RpcError.of("srv", code, "x"), GrpcStatus.UNKNOWN)
            .processed(Processed.YES)
            .build();

    assertEquals(code == 408, RetryPolicy.onError().retry(new SomeCall(false), 0, failure));
  }

  @Test
  void readyMadePoliciesPrintTheirNames() {
    assertEquals("SAFE", RetryPolicy.safe().toString());
    assertEquals("ON_ERROR", RetryPolicy.onError().toString());
  }
}
