// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpenLoopTest {

  private final FakeTimeSource time = new FakeTimeSource();
  private final List<Promise<Object>> calls = new ArrayList<>();

  private OpenLoop load(double rate, int most) {
    return new OpenLoop(
        time,
        rate,
        Duration.ofSeconds(1),
        most,
        () -> {
          Promise<Object> call = Promise.promise();
          calls.add(call);
          return call.future();
        });
  }

  @Test
  void callsDoNotWaitForAnswersAndTheEndDoes() {
    Future<OpenLoop> ended = load(100, 1_000).run();

    time.advance(Duration.ofMillis(499));
    assertEquals(50, calls.size());
    time.advance(Duration.ofSeconds(5));
    assertEquals(100, calls.size());
    assertFalse(ended.isComplete());
    calls.forEach(call -> call.complete("answer"));

    assertEquals(100, ended.result().answered());
    assertEquals(0, time.armed());
  }

  @Test
  void aCallIsMadeWhenItIsDueAndWhatIsAnsweredAtOnceTookNoTime() {
    OpenLoop load =
        new OpenLoop(time, 10, Duration.ofSeconds(1), 7, () -> Future.succeededFuture("answer"));
    Future<OpenLoop> ended = load.run();

    time.advance(Duration.ofSeconds(1));

    assertEquals(10, ended.result().answered());
    assertTrue(load.latencies().getMaxValue() <= 1_000_000, "not the time between two calls");
  }

  @Test
  void aStallIsSeenInAllCallsThatItDelayed() {
    OpenLoop load = load(10, 1_000);
    load.run();
    time.advance(Duration.ofSeconds(2));

    calls.forEach(call -> call.complete("late"));

    // Due at 0, 100, ... 900 ms, and answered after 2 s.
    assertEquals(1_100, load.latencies().getMinValue() / 1e6, 2);
    assertEquals(2_000, load.latencies().getMaxValue() / 1e6, 2);
  }

  @Test
  void whatIsBeyondTheBoundIsNotSentAndIsCounted() {
    Future<OpenLoop> ended = load(100, 7).run();
    time.advance(Duration.ofSeconds(1));

    assertEquals(7, calls.size());
    calls.forEach(call -> call.complete("answer"));
    assertEquals(93, ended.result().notSent());
    assertEquals(7, ended.result().sent());
  }

  @Test
  void aCallThatCannotEvenBeMadeEndsTheLoad() {
    Future<OpenLoop> ended =
        new OpenLoop(
                time,
                10,
                Duration.ofSeconds(1),
                7,
                () -> {
                  throw new IllegalArgumentException("retries: 101");
                })
            .run();

    time.advance(Duration.ofMillis(101));

    assertEquals("retries: 101", ended.cause().getMessage());
    assertEquals(0, time.armed());
  }

  @Test
  void failuresAreCountedByStatusAndNotMeasured() {
    OpenLoop load = load(3, 7);
    Future<OpenLoop> ended = load.run();
    time.advance(Duration.ofSeconds(1));

    RpcException failure = RpcException.client(GrpcStatus.UNAVAILABLE, "gone").build();
    calls.forEach(call -> call.fail(failure));

    assertTrue(ended.succeeded());
    assertEquals(Map.of("UNAVAILABLE", 3L), load.failures());
    assertEquals(0, load.latencies().getTotalCount());
    assertEquals("3 sent, 0 answered, 3 failed, 0 open", load.line());
  }
}
