// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static dev.vertxmicro.runtime.skynet.Waiting.await;
import static dev.vertxmicro.runtime.skynet.Waiting.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.RpcCounters;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole client with a node in Java. */
class SkynetClientIT {

  private final List<Object> noted = new CopyOnWriteArrayList<>();
  private final RpcCounters counters = new RpcCounters();
  private Vertx vertx;
  private SkynetServer server;
  private SkynetNodes nodes;
  private RpcClient client;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    server = SkynetServer.create(vertx);
    server.register("peer", this::serve);
    nodes = SkynetNodes.create(vertx);
    nodes.put("db", "127.0.0.1:" + await(server.open(0)));
    client =
        RpcClient.builder(vertx)
            .with(new RpcClientOptions().setProtocol("skynet"))
            .withRegistry(nodes)
            .withTransport(new SkynetTransports(new SkynetOptions(), nodes))
            .withObserver(counters)
            .build();
  }

  @AfterEach
  void stop() {
    await(client.close());
    await(server.close());
    await(nodes.close());
    await(vertx.close());
    assertEquals(0, counters.openCalls() + counters.openConnections() + counters.openStreams());
    assertEquals(0, counters.queued() + counters.openLeases() + counters.openTimers());
  }

  private Future<LuaValues> serve(SkynetCall call) {
    return switch (call.command()) {
      case "NOTE" -> {
        noted.add(call.arguments().get(1));
        yield Future.succeededFuture(LuaValues.NONE);
      }
      case "SILENT" -> Promise.<LuaValues>promise().future();
      case "FAIL" -> Future.failedFuture("secret");
      default -> Future.succeededFuture(call.arguments());
    };
  }

  @Test
  void callsWithAnyValues() {
    LuaValues sent = LuaValues.of("ECHO", 1, 2.5, true, null, Map.of("k", List.of(1)));

    assertEquals(sent, await(client.call(Request.of("db", "@peer", sent, LuaValues.class))));
    assertEquals(
        "ECHO", await(client.call(SkynetRequests.of("db", "@peer", String.class, "ECHO", 1))));
    assertEquals("X", await(client.call(Request.of("db", "@peer/X", 1, String.class))));
    assertEquals(
        Optional.of(7),
        await(client.call(Request.of("db", "@peer", 7, new TypeRef<Optional<Integer>>() {}))));
    assertEquals(1L, await(client.call(SkynetRequests.query("db", "peer"))));
    Buffer packed = LuaSeri.pack(LuaValues.of("raw"));
    assertEquals(packed, await(client.call(Request.of("db", "@peer", packed, Buffer.class))));
  }

  @Test
  void keepsTheOrderOfPushesAndCallsOfEachContext() {
    List<Context> contexts = List.of(vertx.getOrCreateContext(), other(), other());
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int context = i;
      Promise<Void> done = Promise.promise();
      all.add(done.future());
      contexts
          .get(i)
          .runOnContext(
              v -> {
                List<Future<?>> sent = new ArrayList<>();
                for (int n = 0; n < 200; n++) {
                  var request =
                      SkynetRequests.of(
                          "db", "@peer", Void.class, "NOTE", 1_000 * context + n, pad(n));
                  sent.add(n % 5 == 0 ? client.call(request) : client.send(request));
                }
                Future.all(sent).<Void>mapEmpty().onComplete(done);
              });
    }
    all.forEach(Waiting::await);
    await(client.call(SkynetRequests.of("db", "@peer", Void.class, "NOTE", -1)));

    assertEquals(601, noted.size());
    for (int context = 0; context < 3; context++) {
      long from = 1_000L * context;
      List<Object> own =
          noted.stream().filter(n -> (Long) n >= from && (Long) n < from + 1_000).toList();
      assertEquals(own.stream().sorted().toList(), own);
      assertEquals(200, own.size());
    }
    assertEquals(1, counters.connections());
  }

  private static String pad(int n) {
    return "x".repeat(n % 20 == 7 ? 100_000 : 3);
  }

  private Context other() {
    Promise<Context> made = Promise.promise();
    vertx.deployVerticle(
        new io.vertx.core.VerticleBase() {
          @Override
          public Future<?> start() {
            made.complete(Vertx.currentContext());
            return Future.succeededFuture();
          }
        });
    return await(made.future());
  }

  @Test
  void endsACallThatNobodyAnswersAtItsDeadline() {
    RpcException late =
        failure(
            client.call(
                SkynetRequests.of("db", "@peer", Void.class, "SILENT"),
                CallOption.timeout(Duration.ofMillis(500))));

    assertEquals(408, late.code());
    assertEquals(Processed.UNKNOWN, late.processed());
    assertEquals("x", await(client.call(SkynetRequests.of("db", "@peer", String.class, "x"))));
  }

  @Test
  void tellsThatAServiceFailedAndTriesNoMore() {
    RpcException failed =
        failure(client.call(SkynetRequests.of("db", "@peer", Void.class, "FAIL")));

    assertEquals(500, failed.code());
    assertEquals(GrpcStatus.UNKNOWN, failed.grpcStatus());
    assertEquals("vertx-micro: call failed", failed.detail());
    assertEquals(1, counters.attempts());
  }

  @Test
  void refusesValuesThatLuaDoesNotHaveBeforeAnythingIsSent() {
    RpcException refused =
        failure(client.call(Request.of("db", "@peer", List.of(new Object()), Void.class)));

    assertEquals(Processed.NOT_SENT, refused.processed());
    assertEquals(0, counters.connections());
  }

  @Test
  void waitsForANodeToBeNamedAndKeepsTheOrderMeanwhile() {
    List<Future<?>> sent = new ArrayList<>();
    Context context = vertx.getOrCreateContext();
    Promise<Void> started = Promise.promise();
    context.runOnContext(
        v -> {
          for (int n = 0; n < 10; n++) {
            var request = SkynetRequests.of("late", "@peer", Void.class, "NOTE", n);
            sent.add(n % 2 == 0 ? client.send(request) : client.call(request));
          }
          started.complete();
        });
    await(started.future());
    assertFalse(sent.get(0).isComplete());

    nodes.put("late", nodes.addressOf("db", ""));

    sent.forEach(Waiting::await);
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), noted);
  }

  @Test
  void failsAtOnceIfUnknownNodesAreNotWaitedFor() {
    RpcException late =
        failure(
            client.call(
                SkynetRequests.of("nowhere", "@peer", Void.class),
                CallOption.timeout(Duration.ofMillis(30))));
    nodes.reload(Map.of("__nowaiting", true));
    RpcException absent = failure(client.call(SkynetRequests.of("absent", "@peer", Void.class)));

    assertEquals(408, late.code());
    assertEquals(404, absent.code());
    assertEquals(Processed.NOT_SENT, absent.processed());
  }
}
