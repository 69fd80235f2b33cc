// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static dev.vertxmicro.runtime.websocket.Waits.await;
import static dev.vertxmicro.runtime.websocket.Waits.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.StreamExchange;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Peers that misbehave, vanish and come back, over real sockets. */
class WebSocketFaultsIT {

  private Vertx vertx;
  private RawCluster cluster;
  private Caller caller;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    cluster = RawCluster.start(vertx);
    caller = new Caller(vertx, new WebSocketOptions());
  }

  @AfterEach
  void stop() {
    caller.close();
    cluster.close();
    await(vertx.close());
  }

  private static JsonObject json(String key, Object value) {
    return new JsonObject().put(key, value);
  }

  private static void echo(RawCluster.Connection on, RawCluster.Asked asked) {
    asked.reply(json("echo", asked.request().getValue("a")));
  }

  private void assertWorks() {
    cluster.answer(WebSocketFaultsIT::echo);
    Message reply = await(caller.call(cluster.node(), "list", json("a", "fine")));
    assertEquals("fine", reply.body().toJsonObject().getString("echo"));
  }

  @Test
  void readsMessagesInParts() {
    Future<Message> list = caller.call(cluster.node(), "list");
    RawCluster.Asked asked = cluster.next();
    asked.on().sayInParts("", "{\"op_id\":\"" + asked.id(), "\",\"a\"", "", ":\"\u00e9\"}");

    assertEquals("{\"a\":\"\u00e9\"}", await(list).body().toString());
    asked.on().writeFrame(WebSocketFrame.binaryFrame(Buffer.buffer("{\"op_id\""), false));
    asked.on().writeFrame(WebSocketFrame.continuationFrame(Buffer.buffer(":\"x\"}"), true));
    assertWorks();
    assertEquals(1, caller.observer().ignoredMessages("binary"));
  }

  @Test
  void readsMessagesByteByByte() {
    cluster.answer(WebSocketFaultsIT::echo);
    try (Relay relay = Relay.start(vertx, cluster.port())) {
      Node far = RawCluster.at("far", "ws://127.0.0.1:" + relay.port());
      List<Future<Message>> replies =
          caller.onLoop(
              () ->
                  IntStream.range(0, 20)
                      .mapToObj(i -> caller.start(far, "list", json("a", i)).reply())
                      .toList());
      for (int i = 0; i < 20; i++) {
        assertEquals(i, await(replies.get(i)).body().toJsonObject().getInteger("echo"));
      }
    }
  }

  @Test
  void losesWhatIsUnderWayWhenThePeerClosesInTheMiddleOfAReply() {
    Future<Message> run = caller.call(cluster.node(), "run");
    RawCluster.Asked asked = cluster.next();
    asked.on().writeFrame(WebSocketFrame.textFrame("{\"op_id\":\"" + asked.id(), false));
    asked.on().close();

    RpcException lost = failure(run);
    assertEquals(Processed.UNKNOWN, lost.processed());
    assertTrue(lost.detail().contains("closed by the peer, 1000"), lost.detail());
    assertWorks();
  }

  @Test
  void losesWhatIsUnderWayWhenThePeerIsCutOff() {
    Future<Message> run = caller.call(cluster.node(), "run");
    RawCluster.Asked asked = cluster.next();
    asked.on().writeFrame(WebSocketFrame.textFrame("{\"op_id\":\"" + asked.id(), false));
    asked.on().cut();

    assertEquals(Processed.UNKNOWN, failure(run).processed());
    assertWorks();
    assertEquals(2, caller.observer().connectionsOpened());
  }

  @Test
  void endsAConnectionOnWhichAMessageIsTooLarge() {
    try (Caller small = new Caller(vertx, new WebSocketOptions().setMaxMessageBytes(1_024))) {
      for (boolean parts : new boolean[] {false, true}) {
        cluster.answer(
            (on, asked) -> {
              String half = "x".repeat(800);
              if (parts) {
                on.sayInParts("{\"a\":\"" + half, half + "\"}");
              } else {
                on.say("{\"a\":\"" + half + half + "\"}");
              }
            });
        RpcException lost = failure(small.call(cluster.node(), "list"));
        assertEquals(Processed.UNKNOWN, lost.processed());
        assertEquals(GrpcStatus.UNAVAILABLE, lost.grpcStatus());

        cluster.answer(WebSocketFaultsIT::echo);
        String large = "y".repeat(900);
        assertEquals(
            large,
            await(small.call(cluster.node(), "list", json("a", large)))
                .body()
                .toJsonObject()
                .getString("echo"));
      }
      Future<Message> longRequest =
          small.call(cluster.node(), "list", json("b", "z".repeat(100_000)));
      assertTrue(await(longRequest).body().toJsonObject().containsKey("echo"));
    }
  }

  @Test
  void survivesAFloodOfRepliesAndEventsThatNobodyAwaits() {
    cluster.answer(
        (on, asked) -> {
          if (asked.action().equals("stop_stream")) {
            return;
          }
          for (int i = 0; i < 20_000; i++) {
            on.say("{\"op_id\":\"" + (1_000 + i) + "\"}");
            on.say("{\"stream_id\":\"s" + (i % 3) + "\",\"msg\":\"flood\"}");
          }
          asked.reply(json("echo", "after"));
        });

    assertEquals(
        "after",
        await(caller.call(cluster.node(), "list")).body().toJsonObject().getString("echo"));
    assertEquals(20_000, caller.observer().ignoredMessages("unknown op_id"));
    assertWorks();
  }

  @Test
  void failsAndStopsAStreamThatFloodsWhileOthersGoOn() {
    List<String> stops = new ArrayList<>();
    Promise<Void> stopped = Promise.promise();
    cluster.answer(
        (on, asked) -> {
          switch (asked.action()) {
            case "start_stream" -> {
              asked.reply(json("stream", "s-1"));
              for (int i = 0; i < 2_000; i++) {
                on.say("{\"stream_id\":\"s-1\",\"msg\":\"no. " + i + "\"}");
              }
            }
            case "stop_stream" -> {
              stops.add(asked.request().getString("stream_id"));
              asked.reply(new JsonObject());
              stopped.complete();
            }
            default -> echo(on, asked);
          }
        });
    StreamExchange stream = caller.onLoop(() -> caller.follow(cluster.node(), "i-1"));

    RpcException slow = failure(stream.trailers());
    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, slow.grpcStatus());
    await(stopped.future());
    assertEquals(List.of("s-1"), stops);
    assertWorks();
    assertEquals(1, caller.observer().connectionsOpened());
  }

  @Test
  void letsRequestsWaitWhileThePeerDoesNotReadAndWritesThemInOrderWhenItDoes() {
    Future<Message> opened = caller.call(cluster.node(), "open");
    RawCluster.Asked first = cluster.next();
    first.reply(new JsonObject());
    await(opened);
    first.on().stopReading();
    String large = "x".repeat(30_000);
    List<Exchange> sent =
        caller.onLoop(
            () ->
                IntStream.range(0, 400)
                    .mapToObj(
                        i -> caller.start(cluster.node(), "run", json("a", i).put("b", large)))
                    .toList());
    Exchange last = sent.get(399);
    caller.onLoop(
        () -> {
          last.cancel();
          return true;
        });
    assertEquals(Processed.NOT_SENT, failure(last.reply()).processed());
    first.on().readOn();

    for (int i = 0; i < 399; i++) {
      RawCluster.Asked asked = cluster.next();
      assertEquals(i, asked.request().getInteger("a"));
      asked.reply(new JsonObject());
      await(sent.get(i).reply());
    }
    assertEquals(1, caller.observer().connectionsOpened());
  }

  @Test
  void reconnectsAfterEachOfManyLosses() {
    int[] taken = {0};
    cluster.answer(
        (on, asked) -> {
          taken[0]++;
          if (taken[0] % 3 == 0) {
            on.cut();
          } else if (taken[0] % 7 == 0) {
            on.close();
          } else {
            echo(on, asked);
          }
        });
    int fine = 0;
    int lost = 0;
    for (int i = 0; i < 200; i++) {
      Future<Message> reply = caller.call(cluster.node(), "list", json("a", i));
      try {
        assertEquals(i, await(reply).body().toJsonObject().getInteger("echo"));
        fine++;
      } catch (RpcException failed) {
        assertEquals(GrpcStatus.UNAVAILABLE, failed.grpcStatus());
        lost++;
      }
    }
    assertEquals(200, fine + lost);
    assertTrue(fine > 100, "fine: " + fine);
    assertTrue(caller.observer().connectionsOpened() > 30);
  }

  @Test
  void failsEverybodyInAStormAndMeetsAPeerThatComesBackOnce() {
    int port = cluster.port();
    cluster.close();
    Node gone = RawCluster.at("gone", "127.0.0.1:" + port);
    WebSocketOptions options =
        new WebSocketOptions().setBackoff(Duration.ofMillis(2)).setMaxBackoff(Duration.ofMillis(8));
    try (Caller quick = new Caller(vertx, options)) {
      for (int round = 0; round < 20; round++) {
        List<Future<Message>> storm =
            quick.onLoop(
                () ->
                    IntStream.range(0, 100)
                        .mapToObj(i -> quick.start(gone, "list", json("a", i)).reply())
                        .toList());
        for (Future<Message> each : storm) {
          assertEquals(Processed.NOT_SENT, failure(each).processed());
        }
      }
      cluster = RawCluster.start(vertx, new HttpServerOptions(), port);
      cluster.answer(WebSocketFaultsIT::echo);
      List<Future<Message>> back =
          quick.onLoop(
              () ->
                  IntStream.range(0, 100)
                      .mapToObj(i -> quick.start(gone, "list", json("a", i)).reply())
                      .toList());
      back.forEach(Waits::await);
      assertEquals(1, quick.observer().connectionsOpened());
    }
  }

  @Test
  void isNotConnectedToWhatSpeaksNoWebSocket() {
    HttpServer plain = vertx.createHttpServer();
    plain.requestHandler(request -> request.response().setStatusCode(404).end("no"));
    await(plain.listen(0, "127.0.0.1"));
    Node node = RawCluster.at("plain", "127.0.0.1:" + plain.actualPort());

    RpcException refused = failure(caller.call(node, "list"));

    assertEquals(GrpcStatus.UNAVAILABLE, refused.grpcStatus());
    assertEquals(Processed.NOT_SENT, refused.processed());
    await(plain.close());
  }

  @Test
  void boundsTheHandshake() {
    NetServer silent = vertx.createNetServer().connectHandler(socket -> {});
    await(silent.listen(0, "127.0.0.1"));
    Node node = RawCluster.at("silent", "127.0.0.1:" + silent.actualPort());

    Future<Void> connected =
        caller.onLoop(() -> caller.transport().connect(node, Duration.ofMillis(50)));

    assertTrue(failure(connected).detail().contains("no connection within 50 ms"));
    await(silent.close());
  }

  @Test
  void asksForThePathOfTheAddress() {
    cluster.answer(WebSocketFaultsIT::echo);
    Node node = RawCluster.at("path", "ws://127.0.0.1:" + cluster.port() + "/a/b?c=d");
    await(caller.call(node, "list"));

    assertEquals(List.of("/a/b"), cluster.paths());
  }

  @Test
  void saysGoodByeWhenItCloses() {
    Future<Message> list = caller.call(cluster.node(), "list");
    RawCluster.Asked asked = cluster.next();
    asked.reply(new JsonObject());
    await(list);
    caller.close();

    assertFalse(cluster.connections().isEmpty());
    assertEquals((short) 1000, cluster.connections().get(0).closeStatus());
  }
}
