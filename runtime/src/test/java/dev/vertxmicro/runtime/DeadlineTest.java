// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.fail;
import static dev.vertxmicro.runtime.Bench.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.inbound.InboundCall;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadlineTest {

  @Test
  void endsACallThatWaitsForItsReply() {
    try (Bench bench = new Bench().node("a")) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(timeout(500));
            bench.advance(499);
            assertFalse(reply.isComplete());
            bench.advance(1);

            assertEquals(408, cause(reply).code());
            assertEquals(GrpcStatus.DEADLINE_EXCEEDED, cause(reply).grpcStatus());
            assertEquals(Processed.UNKNOWN, cause(reply).processed());
            assertEquals(Duration.ofMillis(500), cause(reply).times().in(Phase.WAIT));
            assertEquals("a", cause(reply).attempts().get(0).nodeId());
            assertTrue(bench.arrivals.get(0).isCancelled());
            assertEquals(List.of("a FAILURE"), bench.selector.outcomes);
          });
    }
  }

  /** As servers do that know the deadline; here before the timer of the call has run. */
  @Test
  void namesTheDeadlineThoughTheServerSaysCancelled() {
    try (Bench bench = new Bench().node("a")) {
      bench.run(
          () -> {
            bench.time.timer(
                Duration.ofMillis(500).toNanos(),
                () ->
                    bench.arrivals.get(0).fail(Bench.failure(GrpcStatus.CANCELLED, Processed.YES)));
            Future<String> reply = bench.call(timeout(500), CallOption.retries(0));
            bench.advance(500);

            assertEquals(408, cause(reply).code());
            assertEquals(GrpcStatus.DEADLINE_EXCEEDED, cause(reply).grpcStatus());
            assertEquals(List.of("a FAILURE"), bench.selector.outcomes);
          });
    }
  }

  @Test
  void leavesACancelBeforeTheDeadlineAsItIs() {
    try (Bench bench = new Bench().node("a", fail(GrpcStatus.CANCELLED, Processed.YES))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(timeout(500), CallOption.retries(0));

            assertEquals(GrpcStatus.CANCELLED, cause(reply).grpcStatus());
          });
    }
  }

  @Test
  void endsACallThatStillSelects() {
    try (Bench bench = new Bench().node("a", ok("late"))) {
      bench.selector.gate = Promise.promise();
      bench.run(
          () -> {
            Future<String> reply = bench.call(timeout(500));
            bench.advance(500);

            assertEquals(408, cause(reply).code());
            assertEquals(Processed.NOT_SENT, cause(reply).processed());
            assertEquals(Duration.ofMillis(500), cause(reply).times().in(Phase.SELECT));
            bench.selector.gate.complete();
            assertEquals(List.of(), bench.reached());
          });
    }
  }

  @Test
  void saysHowLongItBackedOff() {
    try (Bench bench = new Bench().node("a", fail(GrpcStatus.UNAVAILABLE, Processed.YES))) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    timeout(1_000),
                    CallOption.idempotent(),
                    CallOption.retries(1),
                    CallOption.backoff(Backoff.fixed(Duration.ofMillis(600))));
            bench.advance(1_000);

            assertEquals(408, cause(reply).code());
            assertEquals(Duration.ofMillis(600), cause(reply).times().in(Phase.BACKOFF));
            assertEquals(Duration.ofMillis(400), cause(reply).times().in(Phase.WAIT));
            assertEquals(2, cause(reply).attempts().size());
            assertEquals(Processed.YES, cause(reply).processed());
          });
    }
  }

  @Test
  void endsACallThatWaitsForReadinessAtItsDeadline() {
    try (Bench bench = new Bench()) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(timeout(10_000), CallOption.waitForReady());
            bench.advance(9_999);
            assertFalse(reply.isComplete());
            bench.advance(1);

            assertEquals(408, cause(reply).code());
            assertEquals(Processed.NOT_SENT, cause(reply).processed());
          });
    }
  }

  @Test
  void tellsEachAttemptTheTimeThatRemains() {
    try (Bench bench = new Bench().node("a").node("b")) {
      bench.run(
          () -> {
            bench.call(
                timeout(900),
                CallOption.idempotent(),
                CallOption.retries(1),
                CallOption.backoff(Backoff.none()));
            assertEquals(450, remaining(bench, 0));
            bench.advance(450);
            assertEquals(450, remaining(bench, 1));
          });
    }
  }

  @Test
  void sendsNothingIfTheInheritedDeadlineHasPassed() {
    try (Bench bench = new Bench().node("a", ok("never"))) {
      inbound(
          bench,
          0,
          () -> {
            Future<String> reply = bench.call();

            assertEquals(408, cause(reply).code());
            assertEquals(Processed.NOT_SENT, cause(reply).processed());
            assertEquals(List.of(), bench.reached());
          });
    }
  }

  /** Inherited, the client's default, the call's own (0 for none), what holds; all in ms. */
  @ParameterizedTest
  @CsvSource({
    "60_000, 30_000, 0, 60_000",
    "200, 30_000, 0, 200",
    "200, 30_000, 500, 200",
    "500, 30_000, 200, 200",
    "60_000, 30_000, 40_000, 40_000",
  })
  void inheritsTheDeadlineOfTheRequestBeingServed(
      String inherited, String byDefault, String own, String holds) {
    try (Bench bench =
        new Bench(builder -> builder.with(ClientOption.calls(timeout(millis(byDefault)))))) {
      bench.node("a");
      inbound(
          bench,
          millis(inherited),
          () -> {
            CallOption[] options =
                millis(own) == 0 ? new CallOption[0] : new CallOption[] {timeout(millis(own))};
            bench.call(options);

            assertEquals(millis(holds), remaining(bench, 0));
          });
    }
  }

  @Test
  void handsOnTheMetadataThatTheAllowListNames() {
    try (Bench bench =
        new Bench(builder -> builder.with(ClientOption.propagate("traceparent", "x-tenant-*")))) {
      bench.node("a", ok("fine"));
      inbound(
          bench,
          1_000,
          () -> {
            bench.client().call(bench.hello().withMetadata("x-tenant-plan", "own"));

            Metadata sent = bench.arrivals.get(0).request().message().headers();
            assertEquals("00-1", sent.get("Traceparent"));
            assertEquals("blue", sent.get("x-tenant-id"));
            assertEquals(List.of("own"), sent.getAll("x-tenant-plan"));
            assertFalse(sent.contains("authorization"));
          });
    }
  }

  @Test
  void handsOnNothingThatBelongsToOneHopWhateverTheListAllows() {
    try (Bench bench = new Bench(builder -> builder.with(ClientOption.propagate("*")))) {
      bench.node("a", ok("fine"));
      inbound(
          bench,
          1_000,
          () -> {
            bench.call();

            Metadata sent = bench.arrivals.get(0).request().message().headers();
            assertEquals("secret", sent.get("authorization"));
            assertFalse(sent.contains("timeout"), sent.toString());
            assertFalse(sent.contains("grpc-timeout"), sent.toString());
          });
    }
  }

  @Test
  void handsOnNothingUnlessTheListNamesIt() {
    try (Bench bench = new Bench().node("a", ok("fine"))) {
      inbound(
          bench,
          1_000,
          () -> {
            bench.call();

            assertTrue(bench.arrivals.get(0).request().message().headers().isEmpty());
          });
    }
  }

  private static CallOption timeout(long millis) {
    return CallOption.timeout(Duration.ofMillis(millis));
  }

  private static long millis(String number) {
    return Long.parseLong(number.replace("_", ""));
  }

  private static long remaining(Bench bench, int arrival) {
    return bench.arrivals.get(arrival).request().deadline().remaining().toMillis();
  }

  /** Runs {@code body} on a context that serves a request which must be answered in time. */
  private static void inbound(Bench bench, long millis, Bench.Body body) {
    CompletableFuture<Void> outcome = new CompletableFuture<>();
    bench.run(
        () -> {
          Context request = ((ContextInternal) Vertx.currentContext()).duplicate();
          Metadata metadata =
              Metadata.of(
                  "traceparent", "00-1",
                  "X-Tenant-Id", "blue",
                  "x-tenant-plan", "theirs",
                  "authorization", "secret",
                  "timeout", "1000000000",
                  "grpc-timeout", "1S");
          Deadline deadline = Deadline.after(Duration.ofMillis(millis), bench.time);
          new InboundCall(deadline, metadata).attachTo(request);
          request.runOnContext(
              here -> {
                try {
                  body.run();
                  outcome.complete(null);
                } catch (Throwable failure) {
                  outcome.completeExceptionally(failure);
                }
              });
        });
    Bench.await(outcome);
  }
}
