// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.fail;
import static dev.vertxmicro.runtime.Bench.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.retry.CallInfo;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users plug in may cancel the very call that asks it, or start others. */
class ReentrancyTest {

  /** The call that user code cancels, once it is known. */
  private RpcCall<String> call;

  @BeforeEach
  void forget() {
    call = null;
  }

  private void cancel() {
    if (call != null) {
      call.cancel("from within");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRetryPolicyMayCancelItsCall(boolean again) {
    try (Bench bench = new Bench().node("a")) {
      bench.run(
          () -> {
            call =
                bench.start(
                    CallOption.idempotent(),
                    CallOption.backoff(Backoff.fixed(Duration.ofMillis(5))),
                    CallOption.retry(
                        (info, attempt, failure) -> {
                          cancel();
                          return again;
                        }));
            bench.arrivals.get(0).fail(Bench.failure(GrpcStatus.UNAVAILABLE, Processed.YES));

            assertEquals(499, cause(call.reply()).code());
            assertEquals(0, bench.time.armed());
            assertEquals(1, bench.counters.failedCalls());
          });
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRetryPolicyMayCancelItsHedgedCall(boolean again) {
    try (Bench bench = new Bench().node("a").node("b")) {
      bench.run(
          () -> {
            call =
                bench.start(
                    CallOption.idempotent(),
                    CallOption.hedge(Duration.ofMillis(5)),
                    CallOption.retry(
                        (info, attempt, failure) -> {
                          cancel();
                          return again;
                        }));
            bench.arrivals.get(0).fail(Bench.failure(GrpcStatus.UNAVAILABLE, Processed.YES));

            assertEquals(499, cause(call.reply()).code());
            assertEquals(List.of("a"), bench.reached());
            assertEquals(0, bench.time.armed());
          });
    }
  }

  @Test
  void aBackoffMayCancelItsCall() {
    try (Bench bench = new Bench().node("a")) {
      bench.run(
          () -> {
            call =
                bench.start(
                    CallOption.idempotent(),
                    CallOption.backoff(
                        (info, attempt) -> {
                          cancel();
                          return Duration.ofMillis(5);
                        }));
            bench.advance(5);
            bench.arrivals.get(0).fail(Bench.failure(GrpcStatus.UNAVAILABLE, Processed.YES));

            assertEquals(499, cause(call.reply()).code());
            assertEquals(0, bench.time.armed());
          });
    }
  }

  @Test
  void anObserverMayCancelTheCallBeforeItsAttemptSends() {
    RpcCounters counters = new RpcCounters();
    RpcObserver cancelling =
        new RpcObserver() {
          @Override
          public void attemptStarted(CallInfo info, int number, Node node) {
            ((RpcCall<?>) info).cancel("from within");
          }

          @Override
          public void picked(CallInfo info, Node node) {
            counters.picked(info, node);
          }

          @Override
          public void released(CallInfo info, Node node) {
            counters.released(info, node);
          }
        };
    try (Bench bench = new Bench(builder -> builder.withObserver(cancelling))) {
      bench.node("a", ok("never"));
      bench.run(
          () -> {
            assertEquals(499, cause(bench.call()).code());
            assertEquals(List.of(), bench.reached());
            assertEquals(0, counters.openLeases());
          });
    }
  }

  @Test
  void anObserverMayCancelTheCallBetweenPickAndAttempt() {
    RpcObserver cancelling =
        new RpcObserver() {
          @Override
          public void picked(CallInfo info, Node node) {
            ((RpcCall<?>) info).cancel("from within");
          }
        };
    try (Bench bench = new Bench(builder -> builder.withObserver(cancelling))) {
      bench.node("a", ok("never"));
      bench.run(
          () -> {
            assertEquals(499, cause(bench.call()).code());
            assertEquals(List.of(), bench.reached());
            assertEquals(List.of("a CANCELLED"), bench.selector.outcomes);
          });
    }
  }

  @Test
  void aHandlerMayCancelTheCallWhileItIsSent() {
    try (Bench bench =
        new Bench().node("a", fail(GrpcStatus.UNAVAILABLE, Processed.YES), hangAndCancel())) {
      bench.run(
          () -> {
            call =
                bench.start(
                    CallOption.idempotent(),
                    CallOption.backoff(Backoff.fixed(Duration.ofMillis(1))));
            bench.advance(1);

            assertEquals(499, cause(call.reply()).code());
            assertTrue(bench.arrivals.get(1).isCancelled());
            assertEquals(0, bench.counters.openStreams());
          });
    }
  }

  private Bench.Answer hangAndCancel() {
    return arrival -> {
      cancel();
      return arrival.reply().future();
    };
  }

  @Test
  void whoeverIsToldOfACancelledExchangeMayCancelTheCallAgain() {
    try (Bench bench = new Bench().node("a").node("b")) {
      bench.run(
          () -> {
            call = bench.start(CallOption.idempotent(), CallOption.hedge(Duration.ofMillis(1)));
            bench.advance(1);
            bench.arrivals.get(1).request().cancelled().onComplete(told -> cancel());
            bench.arrivals.get(0).request().cancelled().onComplete(told -> cancel());
            bench.advance(60_000);

            assertEquals(408, cause(call.reply()).code());
            assertEquals(1, bench.counters.failedCalls());
          });
    }
  }

  @Test
  void theCallbackOfAReplyMayStartTheNextCallAtTheBound() {
    try (Bench bench = new Bench(builder -> builder.with(options -> options.setMaxOpenCalls(1)))) {
      bench.node("a");
      List<Future<String>> replies = new ArrayList<>();
      bench.run(
          () -> {
            bench.call().onComplete(done -> replies.add(bench.call()));
            bench.arrivals.get(0).answer("one");
            bench.arrivals.get(1).answer("two");

            assertEquals("two", replies.get(0).result());
          });
    }
  }

  @Test
  void theCallbackOfAReplyMayCloseTheClient() {
    Promise<Void> closed = Promise.promise();
    try (Bench bench = new Bench().node("a")) {
      bench.run(
          () -> {
            bench.call().onComplete(done -> bench.client().close().onComplete(closed));
            bench.arrivals.get(0).answer("last words");
          });

      Bench.await(closed.future());
    }
  }

  @Test
  void anAttemptThatIsTooLateIsGivenUpBeforeTheNextIsSent() {
    List<Boolean> cancelledBefore = new ArrayList<>();
    try (Bench bench = new Bench()) {
      bench.node("a");
      bench.node(
          "b",
          arrival -> {
            cancelledBefore.add(bench.arrivals.get(0).isCancelled());
            return ok("b").to(arrival);
          });
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    CallOption.idempotent(),
                    CallOption.backoff(Backoff.none()),
                    CallOption.attemptTimeout(Duration.ofMillis(10)));
            bench.advance(10);

            assertEquals("b", reply.result());
            assertEquals(List.of(true), cancelledBefore);
          });
    }
  }

  @Test
  void cancelOfAFailedCallDoesNothing() {
    try (Bench bench = new Bench().node("a", fail(GrpcStatus.INTERNAL, Processed.YES))) {
      bench.run(
          () -> {
            call = bench.start();
            call.reply().onFailure(failure -> cancel());
            cancel();

            assertEquals(500, cause(call.reply()).code());
            assertFalse(bench.counters.openCalls() > 0);
          });
    }
  }
}
