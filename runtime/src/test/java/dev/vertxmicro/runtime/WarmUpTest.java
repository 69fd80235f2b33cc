// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WarmUpTest {

  /** Connects as it is told, else at once. */
  private static final class Dials implements Transport {

    final List<String> dialled = new ArrayList<>();
    final Map<String, Future<Void>> answers = new HashMap<>();
    Duration timeout = Duration.ZERO;

    @Override
    public String protocol() {
      return "grpc";
    }

    @Override
    public List<String> contentTypes() {
      return List.of("application/json");
    }

    @Override
    public Future<Void> connect(Node node, Duration dialTimeout) {
      dialled.add(node.id());
      timeout = dialTimeout;
      return answers.getOrDefault(node.id(), Future.succeededFuture());
    }

    @Override
    public Exchange send(Node node, Message request, Deadline deadline, SendOptions options) {
      throw new AssertionError("a warm-up sent a request");
    }

    @Override
    public void setPool(PoolLimits limits) {}

    @Override
    public Future<Void> close(Deadline grace) {
      return Future.succeededFuture();
    }
  }

  private final Dials dials = new Dials();

  private Bench bench(int nodes) {
    Bench bench = new Bench(builder -> builder.withTransport(dials));
    for (int i = 0; i < nodes; i++) {
      bench.selector.add("n" + i);
    }
    return bench;
  }

  private static Future<Void> refused() {
    return Future.failedFuture(failure(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT));
  }

  @Test
  void connectsToEveryNodeAndSaysHowMany() {
    try (Bench bench = bench(50)) {
      bench.run(
          () -> {
            Future<Integer> warm = bench.client().warmUp("greeter");

            assertEquals(50, warm.result());
            assertEquals(50, dials.dialled.stream().distinct().count());
            assertEquals(List.of("greeter"), bench.selector.asked);
            assertEquals(0, bench.selector.openLeases());
            assertTrue(bench.selector.outcomes.stream().allMatch(o -> o.endsWith("CANCELLED")));
          });
    }
  }

  @Test
  void connectsToAFewAtATime() {
    List<Promise<Void>> open = new ArrayList<>();
    try (Bench bench = bench(40)) {
      for (int i = 0; i < 40; i++) {
        open.add(Promise.promise());
        dials.answers.put("n" + i, open.get(i).future());
      }
      bench.run(
          () -> {
            Future<Integer> warm = bench.client().warmUp("greeter");
            assertEquals(16, dials.dialled.size());

            open.get(0).complete();

            assertEquals(17, dials.dialled.size());
            assertFalse(warm.isComplete());
            bench.advance(30_000);
            assertEquals(1, warm.result());
            assertEquals(16, bench.selector.openLeases(), "leases of connections that are awaited");

            open.forEach(Promise::tryComplete);

            assertEquals(0, bench.selector.openLeases());
            assertEquals(17, dials.dialled.size());
          });
    }
  }

  @Test
  void aBigServiceIsNotConnectedToAsAWhole() {
    try (Bench bench = bench(1_000)) {
      bench.run(() -> assertEquals(100, bench.client().warmUp("greeter").result()));
    }
  }

  @Test
  void nodesThatCannotBeReachedCountAsFailed() {
    dials.answers.put("n1", refused());
    try (Bench bench = bench(3)) {
      bench.run(
          () -> {
            assertEquals(2, bench.client().warmUp("greeter").result());
            assertEquals(
                List.of("n0 CANCELLED", "n1 FAILURE", "n2 CANCELLED"), bench.selector.outcomes);
          });
    }
  }

  @Test
  void failsIfNoNodeCanBeReached() {
    dials.answers.put("n0", refused());
    dials.answers.put("n1", refused());
    try (Bench bench = bench(2)) {
      bench.run(
          () -> {
            assertEquals(503, cause(bench.client().warmUp("greeter")).code());
            assertEquals(2, dials.dialled.size());
          });
    }
  }

  @Test
  void failsAsACallIfTheServiceIsUnknown() {
    try (Bench bench = bench(0)) {
      bench.run(() -> assertEquals(404, cause(bench.client().warmUp("greeter")).code()));
    }
  }

  @Test
  void optionsSayWhichNodesAndHowLong() {
    try (Bench bench = bench(2)) {
      bench.run(
          () -> {
            Future<Integer> warm =
                bench
                    .client()
                    .warmUp(
                        "greeter",
                        CallOption.address("127.0.0.1:1", "127.0.0.1:2"),
                        CallOption.dialTimeout(Duration.ofMillis(7)));

            assertEquals(2, warm.result());
            assertEquals(List.of("127.0.0.1:1", "127.0.0.1:2"), dials.dialled);
            assertEquals(Duration.ofMillis(7), dials.timeout);
          });
    }
  }

  @Test
  void aClosedClientDoesNotWarmUp() {
    try (Bench bench = bench(2)) {
      bench.run(
          () -> {
            bench.client().close();

            assertEquals(503, cause(bench.client().warmUp("greeter")).code());
            assertEquals(List.of(), dials.dialled);
          });
    }
  }
}
