// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.fail;
import static dev.vertxmicro.runtime.Bench.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.runtime.retry.Backoff;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CancelTest {

  @Test
  void cancelsACallThatWaits() {
    try (Bench bench = new Bench().node("a")) {
      bench.run(
          () -> {
            RpcCall<String> call = bench.start();
            call.cancel("not needed any more");

            assertEquals(499, cause(call.reply()).code());
            assertEquals(GrpcStatus.CANCELLED, cause(call.reply()).grpcStatus());
            assertEquals(Processed.UNKNOWN, cause(call.reply()).processed());
            assertEquals("not needed any more", cause(call.reply()).detail());
            assertTrue(bench.arrivals.get(0).isCancelled());
            assertEquals(List.of("a CANCELLED"), bench.selector.outcomes);
          });
    }
  }

  @Test
  void sendsNothingAfterACancelWhileSelecting() {
    try (Bench bench = new Bench().node("a", ok("never"))) {
      bench.selector.gate = Promise.promise();
      bench.run(
          () -> {
            RpcCall<String> call = bench.start();
            call.cancel("enough");
            bench.selector.gate.complete();

            assertEquals(Processed.NOT_SENT, cause(call.reply()).processed());
            assertEquals(List.of(), bench.reached());
          });
    }
  }

  @Test
  void sendsNothingAfterACancelWhileBackingOff() {
    try (Bench bench =
        new Bench().node("a", fail(GrpcStatus.UNAVAILABLE, Processed.YES), ok("never"))) {
      bench.run(
          () -> {
            RpcCall<String> call =
                bench.start(
                    CallOption.idempotent(),
                    CallOption.backoff(Backoff.fixed(Duration.ofMillis(5))));
            call.cancel("enough");
            bench.advance(1_000);

            assertEquals(499, cause(call.reply()).code());
            assertEquals(List.of("a"), bench.reached());
          });
    }
  }

  @Test
  void sendsNothingFromAWrapperThatComesBackLate() {
    Promise<Void> later = Promise.promise();
    CallWrapper waiting = next -> attempt -> later.future().compose(go -> next.call(attempt));
    try (Bench bench = new Bench().node("a", ok("never"))) {
      bench.run(
          () -> {
            RpcCall<String> call = bench.start(CallOption.wrap(waiting));
            call.cancel("enough");
            later.complete();

            assertEquals(499, cause(call.reply()).code());
            assertEquals(List.of(), bench.reached());
          });
    }
  }

  @Test
  void cancelsEveryAttemptOfAHedgedCall() {
    try (Bench bench = new Bench().node("a").node("b")) {
      bench.run(
          () -> {
            RpcCall<String> call =
                bench.start(CallOption.idempotent(), CallOption.hedge(Duration.ofMillis(1)));
            bench.advance(1);
            call.cancel("enough");

            assertTrue(bench.arrivals.get(0).isCancelled());
            assertTrue(bench.arrivals.get(1).isCancelled());
          });
    }
  }

  @Test
  void doesNothingOnceTheReplyIsThere() {
    try (Bench bench = new Bench().node("a", ok("done"))) {
      bench.run(
          () -> {
            RpcCall<String> call = bench.start();
            call.cancel("too late");

            assertEquals("done", call.reply().result());
          });
    }
  }

  @Test
  void ignoresAReplyThatComesAfterTheCancel() {
    try (Bench bench = new Bench().node("a")) {
      bench.run(
          () -> {
            RpcCall<String> call = bench.start();
            call.cancel("enough");
            bench.arrivals.get(0).answer("late");

            assertEquals(499, cause(call.reply()).code());
          });
    }
  }

  @Test
  void mayBeCalledFromAnyThread() {
    try (Bench bench = new Bench().node("a")) {
      RpcCall<String> call = bench.start();
      call.cancel("from outside");

      var failure =
          org.junit.jupiter.api.Assertions.assertThrows(
              AssertionError.class, () -> Bench.await(call.reply()));
      assertTrue(String.valueOf(failure.getCause()).contains("from outside"), failure.toString());
    }
  }
}
