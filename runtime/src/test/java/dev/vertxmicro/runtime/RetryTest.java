// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.fail;
import static dev.vertxmicro.runtime.Bench.failWithPushback;
import static dev.vertxmicro.runtime.Bench.hang;
import static dev.vertxmicro.runtime.Bench.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.retry.RetryPolicy;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryTest {

  private static final CallOption PROMPT = CallOption.backoff(Backoff.none());

  @Test
  void answersFromTheFirstNode() {
    try (Bench bench = new Bench().node("a", ok("Hello Ada"))) {
      bench.run(
          () -> {
            RpcCall<String> call = bench.start();

            assertEquals("Hello Ada", call.reply().result());
            assertEquals(1, call.response().result().attempts());
            assertEquals("a", call.response().result().node().id());
            assertEquals(List.of("a SUCCESS"), bench.selector.outcomes);
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NOT_SENT", "REFUSED"})
  void sendsWhatNoServerSawToAnotherNodeAtOnce(Processed processed) {
    try (Bench bench =
        new Bench().node("a", fail(GrpcStatus.UNAVAILABLE, processed)).node("b", ok("from b"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.retries(0));

            assertEquals("from b", reply.result());
            assertEquals(List.of("a FAILURE", "b SUCCESS"), bench.selector.outcomes);
          });
    }
  }

  @Test
  void sendsWhatNoServerSawAtMostOncePerNode() {
    try (Bench bench =
        new Bench()
            .node("a", fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT))
            .node("b", fail(GrpcStatus.UNAVAILABLE, Processed.REFUSED))
            .node("c", fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.retries(0));

            assertEquals(List.of("a", "b", "c"), bench.reached());
            assertEquals(503, cause(reply).code());
            assertEquals(3, cause(reply).attempts().size());
            assertEquals(2, cause(reply).getSuppressed().length);
          });
    }
  }

  @Test
  void sendsNothingAgainWhenTransparentRetriesAreOff() {
    try (Bench bench =
        new Bench()
            .node("a", fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT))
            .node("b", ok("b"))) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(CallOption.retries(0), CallOption.noTransparentRetries());

            assertTrue(reply.failed());
            assertEquals(List.of("a"), bench.reached());
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNKNOWN", "YES"})
  void doesNotRepeatWhatAServerMayHaveDone(Processed processed) {
    try (Bench bench =
        new Bench().node("a", fail(GrpcStatus.UNAVAILABLE, processed)).node("b", ok("b"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(PROMPT);

            assertEquals(List.of("a"), bench.reached());
            assertEquals(processed, cause(reply).processed());
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNKNOWN", "YES"})
  void repeatsWhatTheCallerCallsIdempotent(Processed processed) {
    try (Bench bench =
        new Bench().node("a", fail(GrpcStatus.UNAVAILABLE, processed)).node("b", ok("from b"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(PROMPT, CallOption.idempotent());

            assertEquals("from b", reply.result());
          });
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = GrpcStatus.class,
      names = {"INVALID_ARGUMENT", "NOT_FOUND", "INTERNAL", "UNIMPLEMENTED", "UNAUTHENTICATED"})
  void doesNotRepeatWhatWouldFailAgain(GrpcStatus status) {
    try (Bench bench = new Bench().node("a", fail(status, Processed.YES), ok("second"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(PROMPT, CallOption.idempotent());

            assertEquals(status, cause(reply).grpcStatus());
            assertEquals(1, bench.arrivals.size());
          });
    }
  }

  @Test
  void makesAtMostOneMoreAttemptsThanRetries() {
    try (Bench bench = alwaysFailing()) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(PROMPT, CallOption.idempotent(), CallOption.retries(3));

            assertTrue(reply.failed());
            assertEquals(4, bench.arrivals.size());
          });
    }
  }

  @Test
  void makesOneAttemptWithoutRetries() {
    try (Bench bench = alwaysFailing()) {
      bench.run(
          () -> {
            bench.call(PROMPT, CallOption.idempotent(), CallOption.retries(0));

            assertEquals(1, bench.arrivals.size());
          });
    }
  }

  @Test
  void waitsForTheBackoffBeforeTheSecondAttempt() {
    try (Bench bench =
        new Bench().node("a", fail(GrpcStatus.UNAVAILABLE, Processed.YES), ok("second"))) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    CallOption.idempotent(),
                    CallOption.backoff(Backoff.fixed(Duration.ofMillis(100))));
            bench.advance(99);
            assertEquals(1, bench.arrivals.size());

            bench.advance(1);

            assertEquals(2, bench.arrivals.size());
            assertEquals("second", reply.result());
          });
    }
  }

  @Test
  void asksTheBackoffBeforeEveryAttemptTheFirstIncluded() {
    List<Integer> asked = new ArrayList<>();
    Backoff recording =
        (call, attempt) -> {
          asked.add(attempt);
          return Duration.ofMillis(10);
        };
    try (Bench bench = alwaysFailing()) {
      bench.run(
          () -> {
            bench.call(CallOption.idempotent(), CallOption.backoff(recording));
            assertEquals(0, bench.arrivals.size());
            bench.advance(10);
            assertEquals(1, bench.arrivals.size());
            bench.advance(20);

            assertEquals(List.of(0, 1, 2), asked);
            assertEquals(3, bench.arrivals.size());
          });
    }
  }

  @Test
  void doesNotBeginABackoffThatEndsBehindTheDeadline() {
    try (Bench bench = alwaysFailing()) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    CallOption.timeout(Duration.ofMillis(50)),
                    CallOption.idempotent(),
                    CallOption.backoff(Backoff.fixed(Duration.ofMillis(50))));

            assertEquals(503, cause(reply).code());
          });
    }
  }

  @Test
  void waitsForTheServersPushbackInsteadOfTheBackoff() {
    try (Bench bench = new Bench().node("a", failWithPushback("40"), ok("second"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(PROMPT, CallOption.idempotent());
            bench.advance(39);
            assertFalse(reply.isComplete());
            bench.advance(1);

            assertEquals("second", reply.result());
          });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "soon", "", "9999999999"})
  void doesNotRetryWhenTheServerForbidsItOrTalksNonsense(String pushback) {
    try (Bench bench = new Bench().node("a", failWithPushback(pushback), ok("second"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(PROMPT, CallOption.idempotent());

            assertTrue(reply.failed());
            assertEquals(1, bench.arrivals.size());
          });
    }
  }

  @Test
  void tellsServersHowManyAttemptsTheyMayHaveSeenBefore() {
    try (Bench bench =
        new Bench()
            .node("a", fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT))
            .node("b", fail(GrpcStatus.UNAVAILABLE, Processed.YES))
            .node("c", ok("third"))) {
      bench.run(
          () -> {
            bench.call(PROMPT, CallOption.idempotent());

            assertEquals(
                List.of(0, 0, 1),
                bench.arrivals.stream()
                    .map(arrival -> arrival.request().options().previousAttempts())
                    .toList());
          });
    }
  }

  @Test
  void stopsRetryingWhenTheBudgetOfTheServiceIsUsedUp() {
    try (Bench bench =
        new Bench(
            builder ->
                builder.with(options -> options.setRetryRatio(0).setMinRetriesPerSecond(1)))) {
      bench.node("a");
      bench.transport.serve(
          "a",
          request -> Future.failedFuture(Bench.failure(GrpcStatus.UNAVAILABLE, Processed.YES)));
      bench.run(
          () -> {
            for (int i = 0; i < 20; i++) {
              bench.call(PROMPT, CallOption.idempotent(), CallOption.retries(1));
            }

            assertEquals(20 + 10, bench.counters.attempts());
            assertEquals(10, bench.counters.limits().get("retry-budget"));
          });
    }
  }

  @Test
  void givesEachAttemptOfAnIdempotentCallItsShareOfTheTime() {
    try (Bench bench = new Bench().node("a", hang(), hang(), hang()).node("b").node("c")) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    PROMPT, CallOption.idempotent(), CallOption.timeout(Duration.ofMillis(300)));
            bench.advance(100);
            assertEquals(List.of("a", "b"), bench.reached());
            assertTrue(bench.arrivals.get(0).isCancelled());
            bench.advance(100);
            assertEquals(List.of("a", "b", "c"), bench.reached());
            bench.arrivals.get(2).answer("third");

            assertEquals("third", reply.result());
            assertEquals(List.of("a FAILURE", "b FAILURE", "c SUCCESS"), bench.selector.outcomes);
          });
    }
  }

  @Test
  void givesOneAttemptAllOfTheTimeIfTheCallIsNotIdempotent() {
    try (Bench bench = new Bench().node("a").node("b")) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.timeout(Duration.ofMillis(300)));
            bench.advance(299);
            assertFalse(reply.isComplete());
            bench.advance(1);

            assertEquals(408, cause(reply).code());
            assertEquals(List.of("a"), bench.reached());
          });
    }
  }

  @Test
  void boundsAnAttemptByItsOwnTimeout() {
    try (Bench bench = new Bench().node("a").node("b", ok("b"))) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    PROMPT,
                    CallOption.retry(RetryPolicy.always()),
                    CallOption.attemptTimeout(Duration.ofMillis(20)));
            bench.advance(20);

            assertEquals("b", reply.result());
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"408, 2", "500, 1", "503, 1"})
  void goMicrosPolicyLooksAtTheCodeOnly(int code, int attempts) {
    GrpcStatus status = GrpcStatus.ofMicroCode(code);
    try (Bench bench = new Bench().node("a", fail(status, Processed.YES), ok("second"))) {
      bench.run(
          () -> {
            bench.call(PROMPT, CallOption.retry(RetryPolicy.onError()), CallOption.retries(1));

            assertEquals(attempts, bench.arrivals.size());
          });
    }
  }

  @Test
  void waitsForANodeIfAskedTo() {
    try (Bench bench = new Bench()) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.waitForReady());
            bench.advance(3_000);
            assertFalse(reply.isComplete());
            bench.node("a", ok("at last"));
            bench.advance(2_000);

            assertEquals("at last", reply.result());
          });
    }
  }

  @Test
  void failsAtOnceWithoutANode() {
    try (Bench bench = new Bench()) {
      bench.run(
          () -> {
            Future<String> reply = bench.call();

            assertEquals(404, cause(reply).code());
            assertEquals("go.micro.client", cause(reply).error().id());
            assertEquals(Processed.NOT_SENT, cause(reply).processed());
          });
    }
  }

  @Test
  void endsTheCallWhenAPolicyThrows() {
    try (Bench bench = alwaysFailing()) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    CallOption.retry(
                        (call, attempt, failure) -> {
                          throw new IllegalStateException("broken policy");
                        }));

            assertEquals(500, cause(reply).code());
            assertTrue(cause(reply).detail().contains("broken policy"));
          });
    }
  }

  @Test
  void namesServiceEndpointNodeAttemptAndTimeInOneLine() {
    try (Bench bench = alwaysFailing()) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(PROMPT, CallOption.idempotent(), CallOption.retries(2));

            String line = cause(reply).getMessage();
            assertTrue(
                line.startsWith("greeter Greeter.Hello on a, attempt 3/3, after 0 ms: 503"), line);
          });
    }
  }

  @Test
  void survivesAThousandNodesThatFailAtOnce() {
    try (Bench bench = new Bench()) {
      for (int i = 0; i < 1_000; i++) {
        bench.node("n" + i, fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT));
      }
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.retries(0));

            assertEquals(1_000, bench.arrivals.size());
            assertEquals(503, cause(reply).code());
          });
    }
  }

  @Test
  void saysTheWorstThatAnyAttemptMayHaveDone() {
    try (Bench bench =
        new Bench()
            .node(
                "a",
                fail(GrpcStatus.UNAVAILABLE, Processed.UNKNOWN),
                fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT))) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    CallOption.idempotent(),
                    CallOption.retries(1),
                    CallOption.backoff(Backoff.none()));

            assertEquals(Processed.UNKNOWN, cause(reply).processed());
          });
    }
  }

  @Test
  void paysForNoRetryThatWouldBeginBehindTheDeadline() {
    try (Bench bench =
        new Bench(builder -> builder.with(o -> o.setRetryRatio(1).setMinRetriesPerSecond(0)))) {
      bench.node(
          "a",
          fail(GrpcStatus.UNAVAILABLE, Processed.YES),
          fail(GrpcStatus.UNAVAILABLE, Processed.YES),
          ok("paid"));
      bench.run(
          () -> {
            bench.call(
                CallOption.idempotent(), CallOption.backoff(Backoff.fixed(Duration.ofHours(1))));
            Future<String> second =
                bench.call(CallOption.idempotent(), CallOption.backoff(Backoff.none()));

            assertEquals("paid", second.result());
          });
    }
  }

  @Test
  void waitsLongerAndLongerForAService() {
    try (Bench bench = new Bench()) {
      bench.run(
          () -> {
            RpcCall<String> call =
                bench.start(CallOption.waitForReady(), CallOption.timeout(Duration.ofHours(1)));
            bench.advance(Duration.ofMinutes(50).toMillis());

            // The pause is at most 1 s, half of that on average: 50 min are some 6,000 of them.
            int times = bench.selector.asked.size();
            assertTrue(times > 3_000 && times < 20_000, times + " times");
            call.cancel("enough");
          });
    }
  }

  @Test
  void remembersNoMoreFailuresThanItCanTell() {
    try (Bench bench = new Bench()) {
      bench.selector.add("down");
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(CallOption.waitForReady(), CallOption.timeout(Duration.ofHours(1)));
            bench.advance(Duration.ofHours(1).toMillis());

            assertEquals(408, cause(reply).code());
            assertEquals(AttemptHistory.MOST, cause(reply).attempts().size());
            assertEquals(AttemptHistory.MOST, cause(reply).getSuppressed().length);
            assertEquals(Duration.ofHours(1), cause(reply).times().in(Phase.BACKOFF));
          });
    }
  }

  @Test
  void aPushbackMakesNothingWorthRetryingThatIsNot() {
    Bench.Answer fatal =
        arrival ->
            Future.failedFuture(
                Bench.failure(GrpcStatus.INTERNAL, Processed.YES).toBuilder()
                    .metadata(Metadata.of("grpc-retry-pushback-ms", "10"))
                    .build());
    try (Bench bench = new Bench().node("a", fatal, ok("never"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.idempotent());

            assertEquals(500, cause(reply).code());
            assertEquals(0, bench.time.armed());
          });
    }
  }

  @Test
  void aPushbackBehindTheDeadlineEndsTheCall() {
    try (Bench bench = new Bench().node("a", failWithPushback("30000"), ok("never"))) {
      bench.run(() -> assertEquals(503, cause(bench.call(CallOption.idempotent())).code()));
    }
  }

  @Test
  void nothingIsSentTransparentlyToANodeThatTheCallHasTried() {
    try (Bench bench =
        new Bench()
            .node("a", fail(GrpcStatus.UNAVAILABLE, Processed.YES), ok("never"))
            .node("b", fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT))) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(PROMPT, CallOption.idempotent(), CallOption.retries(1));

            assertTrue(reply.failed());
            assertEquals(List.of("a", "b"), bench.reached());
            assertEquals(Processed.YES, cause(reply).processed());
          });
    }
  }

  @Test
  void transparentRetriesCostNothing() {
    try (Bench bench =
        new Bench(builder -> builder.with(o -> o.setRetryRatio(0).setMinRetriesPerSecond(0)))) {
      bench
          .node("a", fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT))
          .node("b", fail(GrpcStatus.UNAVAILABLE, Processed.REFUSED))
          .node("c", ok("c"));
      bench.run(() -> assertEquals("c", bench.call(CallOption.retries(0)).result()));
    }
  }

  private static Bench alwaysFailing() {
    Bench bench = new Bench().node("a");
    bench.transport.serve(
        "a",
        request -> {
          bench.arrivals.add(new Bench.Arrival("a", request, io.vertx.core.Promise.promise()));
          return Future.failedFuture(Bench.failure(GrpcStatus.UNAVAILABLE, Processed.YES));
        });
    return bench;
  }
}
