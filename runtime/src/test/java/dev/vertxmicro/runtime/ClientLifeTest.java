// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.MemoryTransport;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ClientLifeTest {

  @Test
  void closeLetsRunningCallsEndAndRefusesNewOnes() {
    try (Bench bench = new Bench().node("a")) {
      bench.run(
          () -> {
            Future<String> running = bench.call();
            bench.client().close();
            running.onSuccess(answer -> assertEquals("just in time", answer));
            assertFalse(running.isComplete());
          });
      bench.run(
          () -> {
            bench.arrivals.get(0).answer("just in time");
            assertEquals(0, bench.counters.failedCalls());
            Future<String> late = bench.call();
            assertEquals(503, cause(late).code());
            assertEquals(Processed.NOT_SENT, cause(late).processed());
          });
      Bench.await(bench.client().close());
    }
  }

  @Test
  void whatStillRunsFailsWhenItsVertxCloses() {
    Vertx vertx = Vertx.vertx();
    CompletableFuture<Void> arrived = new CompletableFuture<>();
    MemoryTransport transport = MemoryTransport.create(TimeSource.of(vertx));
    transport.serve(
        "a",
        request -> {
          arrived.complete(null);
          return Promise.<Message>promise().future();
        });
    RpcClient client =
        RpcClient.builder(vertx)
            .withTransport(transport)
            .with(options -> options.setProtocol(transport.protocol()))
            .build();
    Future<String> running =
        client.call(
            Request.of("greeter", "Greeter.Hello", "Ada", String.class), CallOption.address("a"));
    Bench.await(arrived);

    Bench.await(vertx.close());

    assertTrue(running.failed(), "runs for ever");
    assertEquals(GrpcStatus.UNAVAILABLE, cause(running).grpcStatus());
    assertEquals(Processed.UNKNOWN, cause(running).processed());
    Bench.await(client.close());
  }

  @Test
  void closeFailsWhatStillRunsAfterTheDrainTimeout() {
    try (Bench bench =
        new Bench(
            builder -> builder.with(options -> options.setDrainTimeout(Duration.ofSeconds(1))))) {
      bench.node("a");
      List<Future<String>> running = new ArrayList<>();
      bench.run(
          () -> {
            running.add(bench.call());
            bench.client().close();
          });
      bench.run(() -> bench.advance(999));
      bench.run(() -> assertFalse(running.get(0).isComplete()));
      bench.run(() -> bench.advance(1));
      Bench.await(bench.client().close());
      assertEquals(GrpcStatus.UNAVAILABLE, cause(running.get(0)).grpcStatus());
      assertEquals(Processed.UNKNOWN, cause(running.get(0)).processed());
      assertTrue(bench.arrivals.get(0).isCancelled());
    }
  }

  @Test
  void initChangesTheDefaultsOfCallsThatStartAfterwards() {
    try (Bench bench = new Bench().node("a")) {
      bench.run(
          () -> {
            bench.call();
            bench.client().init(ClientOption.calls(CallOption.timeout(Duration.ofSeconds(7))));
            bench.call();

            assertEquals(30_000, bench.arrivals.get(0).request().deadline().remaining().toMillis());
            assertEquals(7_000, bench.arrivals.get(1).request().deadline().remaining().toMillis());
            assertEquals(Duration.ofSeconds(7), bench.client().options().getCalls().getTimeout());
          });
    }
  }

  @Test
  void initChangesNothingIfOneOptionIsWrong() {
    try (Bench bench = new Bench()) {
      RpcClientOptions before = bench.client().options();

      var refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> bench.client().init(ClientOption.poolSize(7), ClientOption.poolSize(0)));

      assertEquals("poolSize: 0 (expected: >= 1)", refused.getMessage());
      assertEquals(before, bench.client().options());
    }
  }

  @Test
  void optionsAreACopy() {
    try (Bench bench = new Bench()) {
      bench.client().options().setPoolSize(1).getCalls().setRetries(0);

      assertEquals(new RpcClientOptions(), bench.client().options());
    }
  }

  @Test
  void boundsTheCallsThatAreOpen() {
    try (Bench bench = new Bench(builder -> builder.with(options -> options.setMaxOpenCalls(2)))) {
      bench.node("a");
      bench.run(
          () -> {
            bench.call();
            bench.call();
            Future<String> third = bench.call();

            assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, cause(third).grpcStatus());
            assertEquals(Processed.NOT_SENT, cause(third).processed());
            bench.arrivals.get(0).answer("room again");
            assertFalse(bench.call().isComplete());
          });
    }
  }

  @Test
  void addressesBypassTheSelectorInTurn() {
    try (Bench bench = new Bench().node("a", ok("1"), ok("3")).node("b", ok("2"))) {
      bench.selector.nodes.clear();
      bench.run(
          () -> {
            for (int i = 0; i < 3; i++) {
              bench.call(CallOption.address("a", "b"));
            }

            assertEquals(List.of("a", "b", "a"), bench.reached());
          });
    }
  }

  @Test
  void skipsNodesWhoseProtocolNobodySpeaksAndNamesThemIfNothingIsLeft() {
    try (Bench bench = new Bench()) {
      bench.selector.nodes.add(Node.builder("m", "m").protocol("http").build());
      bench.run(
          () -> {
            Future<String> reply = bench.call();

            assertEquals(503, cause(reply).code());
            assertTrue(cause(reply).detail().contains("m speaks http"), cause(reply).toString());
            assertTrue(cause(reply).detail().contains("[grpc, mucp]"), cause(reply).toString());
          });
      bench.node("a", ok("from a"));
      bench.run(() -> assertEquals("from a", bench.call().result()));
    }
  }

  @Test
  void choosesTheTransportByTheNodesProtocol() {
    MemoryTransport[] other = new MemoryTransport[1];
    try (Bench bench =
        new Bench(
            builder -> {
              other[0] =
                  MemoryTransport.create(
                      "mucp", new dev.vertxmicro.time.FakeTimeSource(), RpcObserver.NONE);
              return builder.withTransport(other[0]);
            })) {
      other[0].serve(
          "m",
          request ->
              Future.succeededFuture(
                  dev.vertxmicro.codec.Message.reply().body(Buffer.buffer("\"mucp\"")).build()));
      bench.selector.nodes.add(Node.builder("m", "m").protocol("mucp").build());
      bench.run(() -> assertEquals("mucp", bench.call().result()));
    }
  }

  @Test
  void refusesARequestAboveTheBound() {
    try (Bench bench = new Bench().node("a", ok("never"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.maxRequestBytes(3));

            assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, cause(reply).grpcStatus());
            assertEquals(List.of(), bench.reached());
          });
    }
  }

  @Test
  void refusesAnUnknownContentTypeAsGoMicroDoes() {
    try (Bench bench = new Bench().node("a", ok("never"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.contentType("application/x-nothing"));

            assertEquals(500, cause(reply).code());
            assertTrue(
                cause(reply)
                    .detail()
                    .startsWith("unsupported Content-Type: application/x-nothing"));
            assertTrue(cause(reply).detail().contains("application/json"));
          });
    }
  }

  @Test
  void saysSoIfTheReplyCannotBeRead() {
    try (Bench bench = new Bench().node("a", ok("not a number"))) {
      bench.run(
          () -> {
            Future<Integer> reply =
                bench.client().call(Request.of("greeter", "Greeter.Hello", "Ada", Integer.class));

            assertEquals(500, cause(reply).code());
            assertEquals(Processed.YES, cause(reply).processed());
            assertTrue(
                cause(reply).detail().contains("java.lang.Integer"), cause(reply).toString());
          });
    }
  }

  @Test
  void aCallFromOutsideVertxIsCarriedOverToAContext() {
    try (Bench bench = new Bench().node("a", ok("hello"))) {
      assertEquals("hello", Bench.await(bench.call()));
    }
  }

  @Test
  void aClosedClientCannotBeChanged() {
    try (Bench bench = new Bench()) {
      bench.run(
          () -> {
            bench.client().close();

            assertEquals(503, cause(bench.client().init(ClientOption.poolSize(3))).code());
            assertNotEquals(3, bench.client().options().getPoolSize());
          });
    }
  }

  @Test
  void withoutItsVertxCallsAndPublishesFailInsteadOfThrowing() {
    Vertx vertx = Vertx.vertx();
    RpcClient client = RpcClient.create(vertx);
    Bench.await(vertx.close());

    RpcCall<String> call = client.start(Request.of("greeter", "Greeter.Hello", "x", String.class));
    call.cancel("too late");

    for (Future<?> future :
        List.of(call.reply(), call.response(), client.publish(Publication.of("topic", "x")))) {
      assertEquals(503, cause(future).code());
      assertEquals(Processed.NOT_SENT, cause(future).processed());
    }
    assertTrue(client.close().succeeded());
  }

  @Test
  void theGoMicroPresetRetriesOnCode408AsGoMicroDoes() {
    RpcClientOptions options = Preset.GO_MICRO.options();

    assertEquals(5, options.getCalls().getRetries());
    assertEquals(Duration.ofMinutes(1), options.getPoolTtl());
    assertTrue(options.isProxyFromEnvironment());
    assertFalse(options.isRetryBudget());
    assertFalse(options.getCalls().isTransparentRetries());
  }
}
