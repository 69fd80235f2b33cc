// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.fail;
import static dev.vertxmicro.runtime.Bench.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.retry.Backoff;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WrapperTest {

  private final List<String> seen = new ArrayList<>();

  private ClientWrapper client(String name) {
    return next ->
        new ForwardingRpcClient() {
          @Override
          protected RpcClient delegate() {
            return next;
          }

          @Override
          public <Q, R> RpcCall<R> start(Request<Q, R> request, CallOption... options) {
            seen.add(name);
            return super.start(request.withMetadata("by-" + name, "yes"), options);
          }
        };
  }

  private CallWrapper call(String name) {
    return next ->
        attempt -> {
          seen.add(name + attempt.attempt() + attempt.node().id());
          return next.call(attempt.header("by-" + name, "yes"));
        };
  }

  @Test
  void theFirstRegisteredIsTheOutermost() {
    try (Bench bench =
        new Bench(
            builder ->
                builder
                    .wrap(client("A"))
                    .wrap(client("B"))
                    .wrapCall(call("c"))
                    .wrapCall(call("d")))) {
      bench.node("n", ok("x"));
      bench.run(
          () -> {
            bench.call(CallOption.wrap(call("e")));

            assertEquals(List.of("A", "B", "c0n", "d0n", "e0n"), seen);
            Metadata sent = bench.arrivals.get(0).request().message().headers();
            for (String name : List.of("A", "B", "c", "d", "e")) {
              assertEquals("yes", sent.get("by-" + name), name);
            }
          });
    }
  }

  @Test
  void clientWrappersRunOncePerCallAndCallWrappersOncePerAttempt() {
    try (Bench bench = new Bench(builder -> builder.wrap(client("A")).wrapCall(call("c")))) {
      bench.node("n", fail(GrpcStatus.UNAVAILABLE, Processed.YES)).node("m", ok("second"));
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(CallOption.idempotent(), CallOption.backoff(Backoff.none()));

            assertEquals("second", reply.result());
            assertEquals(List.of("A", "c0n", "c1m"), seen);
          });
    }
  }

  @Test
  void aHeaderOfOneAttemptDoesNotReachTheNext() {
    CallWrapper numbering =
        next -> attempt -> next.call(attempt.header("only-" + attempt.attempt(), "yes"));
    try (Bench bench = new Bench(builder -> builder.wrapCall(numbering))) {
      bench.node("n", fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT)).node("m", ok("second"));
      bench.run(
          () -> {
            bench.call();

            Metadata second = bench.arrivals.get(1).request().message().headers();
            assertEquals(List.of("only-1"), List.copyOf(second.names()));
          });
    }
  }

  @Test
  void aCallWrapperMayAnswerItself() {
    CallWrapper cache =
        next ->
            attempt ->
                Future.succeededFuture(
                    Reply.of("cached", Metadata.empty(), Metadata.empty(), attempt.node()));
    try (Bench bench = new Bench().node("n", ok("fresh"))) {
      bench.run(
          () -> {
            assertEquals("cached", bench.call(CallOption.wrap(cache)).result());
            assertEquals(List.of(), bench.reached());
            assertEquals(List.of("n CANCELLED"), bench.selector.outcomes);
          });
    }
  }

  @Test
  void aCallWrapperThatHidesAFailureDoesNotHideItFromTheSelector() {
    CallWrapper fallback =
        next ->
            attempt ->
                next.call(attempt)
                    .otherwise(Reply.of("old", Metadata.empty(), Metadata.empty(), attempt.node()));
    try (Bench bench = new Bench().node("n", fail(GrpcStatus.UNAVAILABLE, Processed.YES))) {
      bench.run(
          () -> {
            assertEquals("old", bench.call(CallOption.wrap(fallback)).result());
            assertEquals(List.of("n FAILURE"), bench.selector.outcomes);
            assertEquals(0, bench.counters.failedAttempts());
          });
    }
  }

  @Test
  void aCallWrapperThatLooksAtTheReplyLeavesTheNodeItsSuccess() {
    CallWrapper looking = next -> attempt -> next.call(attempt).map(reply -> reply);
    try (Bench bench = new Bench().node("n", ok("x"))) {
      bench.run(
          () -> {
            assertEquals("x", bench.call(CallOption.wrap(looking)).result());
            assertEquals(List.of("n SUCCESS"), bench.selector.outcomes);
          });
    }
  }

  @Test
  void aCallWrapperThatThrowsFailsTheAttempt() {
    CallWrapper broken =
        next ->
            attempt -> {
              throw new IllegalStateException("broken wrapper");
            };
    try (Bench bench = new Bench().node("n", ok("x"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.wrap(broken));

            assertEquals(500, cause(reply).code());
            assertTrue(cause(reply).detail().contains("broken wrapper"));
          });
    }
  }

  @Test
  void aCallWrapperThatReturnsNullFailsTheAttempt() {
    try (Bench bench = new Bench().node("n", ok("x"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.wrap(next -> attempt -> null));

            assertTrue(cause(reply).detail().contains("returned null"), cause(reply).toString());
          });
    }
  }
}
