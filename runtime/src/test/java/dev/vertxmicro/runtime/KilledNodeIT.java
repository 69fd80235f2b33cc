// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.StaticRegistry;
import dev.vertxmicro.runtime.grpc.GrpcEngine;
import dev.vertxmicro.runtime.grpc.GrpcOptions;
import dev.vertxmicro.runtime.grpc.GrpcTransports;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link KilledNodeTest} over real sockets, and a pool that changes while calls run. */
@Timeout(120)
@ParameterizedClass
@EnumSource(GrpcEngine.class)
class KilledNodeIT {

  @Parameter GrpcEngine engine;

  private static final int CALLS = 10_000;
  private static final int DEATH = 5_000;
  private static final int NODES = 4;

  private final Vertx serving = Vertx.vertx();
  private final Vertx vertx = Vertx.vertx();
  private final RpcCounters counters = new RpcCounters();
  private final List<EchoNode> nodes = new ArrayList<>();
  private final AtomicInteger answers = new AtomicInteger();
  private final AtomicReference<IntConsumer> atAnswer = new AtomicReference<>(count -> {});
  private RpcClient client;

  // Touched on the context of the calls, read when all have ended.
  private final int[] ends = new int[CALLS];
  private final List<RpcException> failures = new ArrayList<>();
  private int ended;

  @BeforeEach
  void start() {
    for (int i = 0; i < NODES; i++) {
      nodes.add(Bench.await(EchoNode.start(serving, this::answered)));
    }
    String[] addresses = nodes.stream().map(EchoNode::address).toArray(String[]::new);
    client =
        RpcClient.builder(vertx)
            .withRegistry(StaticRegistry.of("echo", addresses))
            .withObserver(counters)
            .withTransport(new GrpcTransports(new GrpcOptions().setEngine(engine)))
            .with(ClientOption.calls(CallOption.timeout(Duration.ofMinutes(1))))
            .build();
  }

  @AfterEach
  void stop() {
    Bench.await(serving.close());
    Bench.await(vertx.close());
  }

  private void answered(String body) {
    atAnswer.get().accept(answers.incrementAndGet());
  }

  /** Starts all calls in one task of one event loop, so that none can end before all have begun. */
  private CompletableFuture<Void> callAll(CallOption... options) {
    CompletableFuture<Void> all = new CompletableFuture<>();
    Context context = vertx.getOrCreateContext();
    context.runOnContext(
        here -> {
          for (int call = 0; call < CALLS; call++) {
            int index = call;
            Request<Buffer, Buffer> request =
                Request.of("echo", "Echo.Say", Buffer.buffer("call-" + call), Buffer.class);
            client
                .call(request, options)
                .onComplete(
                    done -> {
                      ends[index]++;
                      if (done.failed()) {
                        failures.add((RpcException) done.cause());
                      } else if (!done.result().toString().equals("call-" + index)) {
                        all.completeExceptionally(new AssertionError(done.result().toString()));
                      }
                      if (++ended == CALLS) {
                        all.complete(null);
                      }
                    });
          }
          assertEquals(0, ended);
        });
    return all;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyCallEndsOnceWhenANodeDies(boolean idempotent) throws Exception {
    EchoNode victim = nodes.get(1);
    atAnswer.set(
        count -> {
          if (count == DEATH) {
            victim.kill();
          }
        });
    CompletableFuture<Void> all =
        callAll(options -> options.setIdempotent(idempotent).setRetries(5));
    nodes.forEach(EchoNode::openGate);
    all.get(90, TimeUnit.SECONDS);

    for (int call = 0; call < CALLS; call++) {
      assertEquals(1, ends[call], "call " + call);
    }
    if (idempotent) {
      assertEquals(List.of(), failures);
    } else {
      for (RpcException failure : failures) {
        assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus(), failure.getMessage());
      }
      nodes.stream()
          .flatMap(node -> node.received.entrySet().stream())
          .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, Integer::sum))
          .forEach((body, times) -> assertEquals(1, times, body));
    }
    Bench.await(client.close());
    assertNothingIsLeft();
  }

  @Test
  void noCallFailsWhileThePoolChanges() throws Exception {
    int[] sizes = {1, 7, 100, 2};
    AtomicInteger changes = new AtomicInteger();
    atAnswer.set(
        count -> {
          if (count % 200 == 0) {
            int change = changes.getAndIncrement();
            Duration ttl = change % 2 == 0 ? Duration.ofMillis(1) : Duration.ofMinutes(30);
            client.init(
                ClientOption.poolSize(sizes[change % sizes.length]), ClientOption.poolTtl(ttl));
          }
        });
    CompletableFuture<Void> all = callAll();
    nodes.forEach(EchoNode::openGate);
    all.get(90, TimeUnit.SECONDS);

    assertEquals(List.of(), failures);
    assertEquals(CALLS / 200, changes.get());
    assertEquals(CALLS, answers.get());
    Bench.await(client.close());
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() {
    assertEquals(CALLS, counters.calls());
    assertEquals(failures.size(), counters.failedCalls());
    assertEquals(0, counters.openCalls(), counters.toString());
    assertEquals(0, counters.openAttempts(), counters.toString());
    assertEquals(0, counters.openLeases(), counters.toString());
    assertEquals(0, counters.openTimers(), counters.toString());
    assertEquals(0, counters.openStreams(), counters.toString());
    assertEquals(0, counters.queued(), counters.toString());
    assertEquals(0, counters.openConnections(), counters.toString());
    assertTrue(counters.connections() > 0, counters.toString());
  }
}
