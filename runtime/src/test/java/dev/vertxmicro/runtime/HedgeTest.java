// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.fail;
import static dev.vertxmicro.runtime.Bench.failWithPushback;
import static dev.vertxmicro.runtime.Bench.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.runtime.retry.Hedge;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HedgeTest {

  private static final CallOption[] HEDGED = {
    CallOption.idempotent(), CallOption.hedge(Duration.ofMillis(10))
  };

  private static CallOption[] hedged(int attempts) {
    return new CallOption[] {
      CallOption.idempotent(), CallOption.hedge(new Hedge.After(Duration.ofMillis(10), attempts))
    };
  }

  @Test
  void asksASecondNodeWhenTheFirstIsSlowAndCancelsTheLoser() {
    try (Bench bench = new Bench().node("slow").node("fast", ok("fast"))) {
      bench.run(
          () -> {
            RpcCall<String> call = bench.start(HEDGED);
            bench.advance(9);
            assertEquals(List.of("slow"), bench.reached());
            bench.advance(1);

            assertEquals("fast", call.reply().result());
            assertEquals(2, call.response().result().attempts());
            assertTrue(bench.arrivals.get(0).isCancelled());
            assertEquals(List.of("fast SUCCESS", "slow CANCELLED"), bench.selector.outcomes);
          });
    }
  }

  @Test
  void sendsNoHedgeIfTheFirstAnswersInTime() {
    try (Bench bench = new Bench().node("a").node("b")) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(HEDGED);
            bench.advance(9);
            bench.arrivals.get(0).answer("first");
            bench.advance(100);

            assertEquals("first", reply.result());
            assertEquals(List.of("a"), bench.reached());
          });
    }
  }

  @Test
  void neverHedgesACallThatIsNotIdempotent() {
    try (Bench bench = new Bench().node("a").node("b")) {
      bench.run(
          () -> {
            bench.call(CallOption.hedge(Duration.ofMillis(10)));
            bench.advance(100);

            assertEquals(List.of("a"), bench.reached());
          });
    }
  }

  @Test
  void aFastFailureDoesNotBeatAHedgeThatMaySucceed() {
    try (Bench bench =
        new Bench().node("slow").node("broken", fail(GrpcStatus.UNAVAILABLE, Processed.YES))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(HEDGED);
            bench.advance(10);
            assertEquals(List.of("slow", "broken"), bench.reached());
            assertFalse(reply.isComplete());
            bench.arrivals.get(0).answer("slow but right");

            assertEquals("slow but right", reply.result());
          });
    }
  }

  @Test
  void reportsTheLastFailureWhenAllHaveFailed() {
    try (Bench bench =
        new Bench().node("a").node("b", fail(GrpcStatus.RESOURCE_EXHAUSTED, Processed.YES))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(HEDGED);
            bench.advance(10);
            bench.arrivals.get(0).fail(Bench.failure(GrpcStatus.UNAVAILABLE, Processed.YES));

            assertEquals(GrpcStatus.UNAVAILABLE, cause(reply).grpcStatus());
            assertEquals(2, cause(reply).attempts().size());
          });
    }
  }

  @Test
  void aFailureThatMayPassFiresTheNextHedgeAtOnce() {
    try (Bench bench =
        new Bench().node("a", fail(GrpcStatus.UNAVAILABLE, Processed.YES)).node("b", ok("b"))) {
      bench.run(() -> assertEquals("b", bench.call(HEDGED).result()));
    }
  }

  @Test
  void aFailureThatWillNotPassEndsTheCallAndItsOtherAttempts() {
    try (Bench bench =
        new Bench().node("a").node("b", fail(GrpcStatus.INVALID_ARGUMENT, Processed.YES))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(HEDGED);
            bench.advance(10);

            assertEquals(400, cause(reply).code());
            assertTrue(bench.arrivals.get(0).isCancelled());
          });
    }
  }

  @Test
  void startsNoMoreThanTheMostAttempts() {
    try (Bench bench = new Bench().node("a").node("b").node("c").node("d")) {
      bench.run(
          () -> {
            bench.call(hedged(3));
            bench.advance(1_000);

            assertEquals(List.of("a", "b", "c"), bench.reached());
          });
    }
  }

  @Test
  void aPushbackBelowZeroFreezesHedging() {
    try (Bench bench = new Bench().node("a").node("b", failWithPushback("-1")).node("c", ok("c"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(hedged(3));
            bench.advance(1_000);
            assertEquals(List.of("a", "b"), bench.reached());
            bench.arrivals.get(0).answer("a after all");

            assertEquals("a after all", reply.result());
          });
    }
  }

  @Test
  void aPushbackDelaysTheNextHedge() {
    try (Bench bench = new Bench().node("a").node("b", failWithPushback("50")).node("c", ok("c"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(hedged(3));
            bench.advance(59);
            assertEquals(List.of("a", "b"), bench.reached());
            bench.advance(1);

            assertEquals("c", reply.result());
          });
    }
  }

  @Test
  void hedgesDrawOnTheBudgetOfRetries() {
    try (Bench bench =
        new Bench(
            builder ->
                builder.with(options -> options.setRetryRatio(0).setMinRetriesPerSecond(0)))) {
      bench.node("a").node("b", ok("b"));
      bench.run(
          () -> {
            Future<String> reply = bench.call(HEDGED);
            bench.advance(1_000);
            assertEquals(List.of("a"), bench.reached());
            bench.arrivals.get(0).answer("a alone");

            assertEquals("a alone", reply.result());
          });
    }
  }

  @Test
  void hedgesByPercentileOnceItKnowsTheLatencies() {
    CallOption[] options = {CallOption.idempotent(), CallOption.hedge(new Hedge.Percentile(0.05))};
    try (Bench bench = new Bench().node("a").node("b")) {
      bench.run(
          () -> {
            for (int i = 0; i < 100; i++) {
              bench.call(options);
              bench.advance(20);
              bench.arrivals.get(i).answer("warm");
            }
            bench.advance(3_000);
            bench.arrivals.clear();
            bench.call(options);
            bench.advance(19);
            assertEquals(List.of("a"), bench.reached());
            bench.advance(2);

            assertEquals(List.of("a", "b"), bench.reached());
          });
    }
  }

  @Test
  void callsWithHedgesDoNotRetry() {
    try (Bench bench =
        new Bench()
            .node("a", fail(GrpcStatus.UNAVAILABLE, Processed.YES))
            .node("b", fail(GrpcStatus.UNAVAILABLE, Processed.YES))
            .node("c", ok("c"))) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    CallOption.idempotent(),
                    CallOption.retries(5),
                    CallOption.hedge(Duration.ofMillis(10)));
            bench.advance(5_000);

            assertTrue(reply.failed());
            assertEquals(List.of("a", "b"), bench.reached());
          });
    }
  }

  @Test
  void aPushbackBehindTheDeadlineMeansNoHedge() {
    try (Bench bench =
        new Bench().node("a").node("b", failWithPushback("60000")).node("c", ok("never"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(hedged(3));
            bench.advance(10);
            assertEquals(List.of("a", "b"), bench.reached());
            bench.advance(20_000);
            assertEquals(List.of("a", "b"), bench.reached());
            bench.arrivals.get(0).answer("a after all");

            assertEquals("a after all", reply.result());
          });
    }
  }

  @Test
  void anOffThatIsNotTheConstantIsOffAsWell() {
    CallOption[] options = {CallOption.idempotent(), CallOption.hedge(new Hedge.Off())};
    try (Bench bench =
        new Bench().node("a", fail(GrpcStatus.UNAVAILABLE, Processed.YES)).node("b", ok("b"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(options);
            bench.advance(100);

            assertEquals("b", reply.result());
          });
    }
  }

  @Test
  void waitsForANodeIfAskedTo() {
    CallOption[] options = {
      CallOption.idempotent(), CallOption.waitForReady(), CallOption.hedge(Duration.ofMillis(10))
    };
    try (Bench bench =
        new Bench().node("a", fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT), ok("up again"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(options);
            bench.advance(2_000);

            assertEquals("up again", reply.result());
          });
    }
  }

  @Test
  void aFailureThatEndsTheCallIsNotHeldAgainstTheNodesThatStillWork() {
    try (Bench bench =
        new Bench().node("a").node("b", fail(GrpcStatus.DEADLINE_EXCEEDED, Processed.YES))) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    CallOption.idempotent(),
                    CallOption.hedge(Duration.ofMillis(10)),
                    CallOption.retry(RetryPolicy.never()));
            bench.advance(10);

            assertEquals(408, cause(reply).code());
            assertEquals(List.of("b FAILURE", "a CANCELLED"), bench.selector.outcomes);
          });
    }
  }

  @Test
  void leavesNoTimerBehindWhenItWaitsForANodeInsteadOfHedging() {
    Bench.Answer vanish = fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT);
    try (Bench bench = new Bench().node("a").node("b", vanish, vanish, vanish)) {
      bench.run(
          () -> {
            RpcCall<String> call =
                bench.start(
                    CallOption.idempotent(),
                    CallOption.waitForReady(),
                    CallOption.hedge(new Hedge.After(Duration.ofSeconds(5), 5)));
            bench.selector.exhausted = true;
            bench.arrivals.get(0).fail(Bench.failure(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT));
            bench.advance(10);
            call.cancel("enough");

            assertEquals(0, bench.time.armed());
          });
    }
  }

  @Test
  void hedgesByPercentileAddNoMoreLoadThanAllowed() {
    CallOption[] options = {CallOption.idempotent(), CallOption.hedge(new Hedge.Percentile(0.05))};
    try (Bench bench = new Bench().node("a").node("b")) {
      bench.run(
          () -> {
            for (int i = 0; i < 200; i++) {
              bench.call(options);
              bench.advance(20);
              bench.arrivals.get(i).answer("warm");
            }
            bench.advance(3_000);
            bench.arrivals.clear();
            // All at once everything is slow: without a bound each call would be sent twice.
            for (int i = 0; i < 100; i++) {
              bench.call(options);
            }
            bench.advance(1_000);

            long hedges = bench.reached().stream().filter("b"::equals).count();
            assertTrue(hedges >= 5 && hedges <= 15, hedges + " hedges");
          });
    }
  }

  @Test
  void aHedgeThatNoServerSawGoesToANodeThatTheCallHasNotTried() {
    try (Bench bench =
        new Bench()
            .node("a")
            .node("b", fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT))
            .node("c", ok("c"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(HEDGED);
            bench.advance(10);

            assertEquals("c", reply.result());
          });
    }
  }

  @Test
  void aHedgeThatNoServerSawDoesNotGoToTheNodeThatIsAtWork() {
    try (Bench bench =
        new Bench().node("a").node("b", fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(HEDGED);
            bench.advance(1_000);

            assertEquals(List.of("a", "b"), bench.reached());
            bench.arrivals.get(0).answer("a after all");
            assertEquals("a after all", reply.result());
          });
    }
  }

  @Test
  void whatNoServerSawDoesNotCountAgainstTheMostAttempts() {
    try (Bench bench =
        new Bench()
            .node("a", fail(GrpcStatus.UNAVAILABLE, Processed.REFUSED))
            .node("b")
            .node("c")
            .node("d")) {
      bench.run(
          () -> {
            RpcCall<String> call = bench.start(HEDGED);
            assertEquals(List.of("a", "b"), bench.reached());
            bench.advance(1_000);

            assertEquals(List.of("a", "b", "c"), bench.reached());
            call.cancel("seen enough");
          });
    }
  }

  @Test
  void hedgesAreThrottledByThoseOfOtherCalls() {
    try (Bench bench =
        new Bench(
            builder ->
                builder.with(options -> options.setRetryRatio(0).setMinRetriesPerSecond(1)))) {
      bench.node("a").node("b");
      bench.run(
          () -> {
            for (int i = 0; i < 30; i++) {
              bench.call(HEDGED);
            }
            bench.advance(10);

            assertEquals(10, bench.reached().stream().filter("b"::equals).count());
            assertEquals(20, bench.counters.limits().get("retry-budget"));
          });
    }
  }

  @Test
  void theDeadlineEndsAllAttemptsAndBlamesTheirNodes() {
    try (Bench bench = new Bench().node("a").node("b")) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    CallOption.idempotent(),
                    CallOption.timeout(Duration.ofMillis(100)),
                    CallOption.hedge(Duration.ofMillis(10)));
            bench.advance(100);

            assertEquals(408, cause(reply).code());
            assertEquals(
                List.of(0, 1),
                cause(reply).attempts().stream().map(attempt -> attempt.number()).toList());
            assertEquals(List.of("b FAILURE", "a FAILURE"), bench.selector.outcomes);
            assertEquals(Processed.UNKNOWN, cause(reply).processed());
          });
    }
  }

  @Test
  void aReplyDuringAPushbackEndsTheCall() {
    try (Bench bench = new Bench().node("a").node("b", failWithPushback("50")).node("c")) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(hedged(3));
            bench.advance(20);
            bench.arrivals.get(0).answer("first");

            assertEquals("first", reply.result());
            assertEquals(0, bench.time.armed());
          });
    }
  }

  @Test
  void anAttemptTimeoutFiresTheNextHedge() {
    try (Bench bench = new Bench().node("a").node("b", ok("b"))) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    CallOption.idempotent(),
                    CallOption.attemptTimeout(Duration.ofMillis(5)),
                    CallOption.hedge(Duration.ofMillis(10)));
            bench.advance(5);

            assertEquals("b", reply.result());
            assertTrue(bench.arrivals.get(0).isCancelled());
          });
    }
  }
}
