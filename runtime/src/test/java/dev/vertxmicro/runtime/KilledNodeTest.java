// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.selector.Selector;
import dev.vertxmicro.selector.Strategy;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * 10,000 calls are open over four nodes, and at reply 5,000 one node dies: each call ends exactly
 * once, and what was executed twice the caller had allowed.
 */
class KilledNodeTest {

  private static final int CALLS = 10_000;
  private static final int DEATH = 5_000;
  private static final List<String> NODES = List.of("n1", "n2", "n3", "n4");

  /** A request that waits in its node. */
  private record Waiting(String node, String body, Promise<Message> reply) {}

  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Map<String, Integer> executed = new HashMap<>();
  private final int[] ends = new int[CALLS];
  private int replies;
  private int succeeded;
  private int failed;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyCallEndsOnceWhenANodeDies(boolean idempotent) {
    Selector[] made = new Selector[1];
    try (Bench bench =
        new Bench(
            builder -> {
              made[0] =
                  Selector.builder(
                          StaticRegistry.of("greeter", NODES.toArray(new String[0])),
                          new dev.vertxmicro.time.FakeTimeSource())
                      .strategy(Strategy.roundRobin())
                      .build();
              return builder
                  .withSelector(made[0])
                  .with(ClientOption.calls(options -> options.setIdempotent(idempotent)));
            })) {
      for (String node : NODES) {
        bench.transport.serve(
            node,
            request -> {
              String body = request.message().body().toString();
              executed.merge(body, 1, Integer::sum);
              Waiting here = new Waiting(node, body, Promise.promise());
              waiting.add(here);
              return here.reply.future();
            });
      }
      bench.run(() -> startAll(bench));
      bench.run(() -> answerAll(bench));
      bench.run(
          () -> {
            assertEquals(CALLS, succeeded + failed);
            for (int call = 0; call < CALLS; call++) {
              assertEquals(1, ends[call], "call " + call);
            }
            assertEquals(0, bench.counters.openTimers());
            assertEquals(0, bench.counters.openStreams());
            assertEquals(0, bench.counters.openLeases());
            assertEquals(0, made[0].openPicks());
            if (idempotent) {
              assertEquals(CALLS, succeeded);
            } else {
              assertEquals(CALLS, executed.size());
              executed.forEach((body, times) -> assertEquals(1, times, body));
              // A quarter of the calls that were open at the death.
              assertEquals((CALLS - DEATH) / 4, failed);
            }
          });
    }
  }

  private void startAll(Bench bench) {
    for (int call = 0; call < CALLS; call++) {
      int index = call;
      Request<String, String> request =
          Request.of("greeter", "Greeter.Hello", "call-" + call, String.class);
      bench
          .client()
          .call(request)
          .onComplete(
              done -> {
                ends[index]++;
                if (done.succeeded()) {
                  assertEquals("call-" + index, done.result());
                  succeeded++;
                } else {
                  assertEquals(GrpcStatus.UNAVAILABLE, ((RpcException) done.cause()).grpcStatus());
                  failed++;
                }
              });
    }
    assertEquals(CALLS, waiting.size());
    assertEquals(0, succeeded + failed);
  }

  private void answerAll(Bench bench) {
    while (succeeded + failed < CALLS) {
      Waiting next = waiting.poll();
      if (next == null) {
        // What was retried backs off.
        bench.advance(1_000);
        assertTrue(!waiting.isEmpty() || succeeded + failed == CALLS, "nothing goes on");
        continue;
      }
      next.reply.tryComplete(Message.reply().body(Buffer.buffer(next.body)).build());
      if (++replies == DEATH) {
        kill(bench, "n2");
      }
    }
  }

  /** What the node was working on is lost, and it takes nothing any more. */
  private void kill(Bench bench, String node) {
    bench.transport.stop(node);
    for (Waiting lost : List.copyOf(waiting)) {
      if (lost.node.equals(node)) {
        waiting.remove(lost);
        lost.reply.tryFail(
            RpcException.client(GrpcStatus.UNAVAILABLE, "connection lost")
                .processed(Processed.UNKNOWN)
                .build());
      }
    }
  }
}
