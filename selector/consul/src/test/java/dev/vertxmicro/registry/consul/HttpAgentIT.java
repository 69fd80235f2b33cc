// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import static dev.vertxmicro.registry.consul.Seen.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Agents that do what a real Consul does on bad days only. */
class HttpAgentIT {

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  private String serve(Handler<HttpServerRequest> handler) {
    return "127.0.0.1:"
        + await(vertx.createHttpServer().requestHandler(handler).listen(0, "127.0.0.1"))
            .actualPort();
  }

  private String accept(Handler<NetSocket> handler) {
    NetServer server = vertx.createNetServer().connectHandler(handler);
    return "127.0.0.1:" + await(server.listen(0, "127.0.0.1")).actualPort();
  }

  private ConsulRegistry registry(String... addresses) {
    return registry(new ConsulOptions().setAddresses(List.of(addresses)));
  }

  private ConsulRegistry registry(ConsulOptions options) {
    return ConsulRegistry.create(vertx, options);
  }

  private static void answer(HttpServerRequest request, String body) {
    request.response().putHeader("X-Consul-Index", "7").end(body);
  }

  private static String entries(int count, String tag) {
    JsonArray entries = new JsonArray();
    for (int i = 0; i < count; i++) {
      entries.add(
          new JsonObject()
              .put("Node", new JsonObject().put("Address", "10.0.0.1"))
              .put(
                  "Service",
                  new JsonObject()
                      .put("ID", "n" + i)
                      .put("Service", "greeter")
                      .put("Tags", new JsonArray().add(tag).add("x".repeat(100)))
                      .put("Port", 1 + i)
                      .put("CreateIndex", 10 + i)));
    }
    return entries.encode();
  }

  @Test
  void anAgentThatIsSilentIsPassedOverFromThenOn() {
    AtomicInteger connections = new AtomicInteger();
    String silent = accept(socket -> connections.incrementAndGet());
    String good = serve(request -> answer(request, entries(1, "v=1")));
    ConsulRegistry registry =
        registry(
            new ConsulOptions()
                .setAddresses(List.of(silent, good))
                .setTimeout(Duration.ofSeconds(1)));

    assertEquals(Set.of("n0"), Seen.ids(await(registry.get("greeter"))));
    assertEquals(Set.of("n0"), Seen.ids(await(registry.get("greeter"))));

    assertEquals(1, connections.get());
    await(registry.close());
  }

  @Test
  void anAgentWithAFailureOfItsOwnIsPassedOverWhenReading() {
    String failing =
        serve(request -> request.response().setStatusCode(500).end("No cluster leader"));
    String good = serve(request -> answer(request, entries(1, "v=1")));

    ConsulRegistry registry = registry(failing, good);
    assertEquals(Set.of("n0"), Seen.ids(await(registry.get("greeter"))));
    await(registry.close());

    ConsulRegistry alone = registry(failing);
    RpcException failure = assertThrows(RpcException.class, () -> await(alone.get("greeter")));
    assertEquals(503, failure.code());
    assertTrue(failure.detail().contains("500 No cluster leader"), failure.detail());
    await(alone.close());
  }

  @Test
  void anAgentThatIsBackIsToldOfTheEndAndNotUsedAgain() {
    AtomicInteger deregistered = new AtomicInteger();
    AtomicInteger read = new AtomicInteger();
    AtomicBoolean down = new AtomicBoolean();
    String first =
        serve(
            request -> {
              if (down.get()) {
                request.connection().close();
                return;
              }
              (request.path().contains("/deregister/") ? deregistered : read).incrementAndGet();
              request.response().end();
            });
    AtomicBoolean moved = new AtomicBoolean();
    String second =
        serve(
            request -> {
              boolean registers = request.path().endsWith("/register");
              moved.compareAndSet(false, registers);
              request.response().setStatusCode(registers || moved.get() ? 200 : 500).end("[]");
            });
    ConsulRegistry registry = registry(first, second);
    Registration registration =
        await(
            registry.register(
                Service.builder("greeter").node(Node.of("a", "127.0.0.1:1")).build(),
                new RegisterOptions(Duration.ofSeconds(10), Duration.ofMillis(100))));
    down.set(true);
    Seen.until(moved::get, "it has moved");
    down.set(false);
    int before = read.get();

    await(registration.close());
    assertEquals(List.of(), await(registry.get("greeter")));

    assertEquals(1, deregistered.get());
    assertEquals(before, read.get());
    await(registry.close());
  }

  @Test
  void noneLeftIsUnavailableAndNamesTheAgent() {
    String cuts = accept(NetSocket::close);
    String cutsLater =
        accept(
            socket -> {
              socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{");
              socket.close();
            });
    for (String address : List.of(cuts, cutsLater, "127.0.0.1:1")) {
      ConsulRegistry registry = registry(address);

      RpcException failure = assertThrows(RpcException.class, () -> await(registry.get("greeter")));

      assertEquals(503, failure.code(), failure.getMessage());
      assertTrue(failure.detail().contains(address), failure.detail());
      await(registry.close());
    }
  }

  @Test
  void anEmptyAnswerWithoutALeaderIsNone() {
    String leaderless =
        serve(
            request -> {
              request.response().putHeader("X-Consul-KnownLeader", "false");
              answer(request, request.path().endsWith("greeter") ? "[]" : entries(1, "v=1"));
            });
    ConsulRegistry registry = registry(leaderless);

    RpcException failure = assertThrows(RpcException.class, () -> await(registry.get("greeter")));

    assertEquals(503, failure.code());
    assertTrue(failure.detail().contains("no leader"), failure.detail());
    await(registry.close());
  }

  /** It may be another Consul by then, whose index is far below that of the one before. */
  @Test
  void aQueryOverANewConnectionIsNotHeldBack() {
    Queue<String> asked = new ConcurrentLinkedQueue<>();
    String restarts =
        serve(
            request -> {
              if (request.path().endsWith("greeter")) {
                asked.add(String.valueOf(request.getParam("index")));
                if (asked.size() == 3) {
                  request.response().putHeader("Connection", "close");
                }
              }
              if (asked.size() < 6) {
                answer(request, entries(1, "v=1"));
              }
            });
    ConsulRegistry registry = registry(restarts);
    Watch watch = registry.watch("greeter", event -> {});
    await(watch.ready());

    Seen.until(() -> asked.size() == 6, asked);

    assertEquals(List.of("null", "7", "7", "null", "7", "7"), List.copyOf(asked));
    watch.close();
    await(registry.close());
  }

  @Test
  void anAnswerWithoutEndIsCutOff() {
    AtomicInteger closed = new AtomicInteger();
    Buffer part = Buffer.buffer(new byte[16 * 1024]);
    String endless =
        serve(
            request -> {
              request.connection().closeHandler(end -> closed.incrementAndGet());
              request.response().setChunked(true);
              for (int i = 0; i < 1_000; i++) {
                request.response().write(part);
              }
            });
    ConsulRegistry registry =
        registry(new ConsulOptions().setAddresses(List.of(endless)).setMaxAnswerBytes(1_000_000));

    RpcException failure = assertThrows(RpcException.class, () -> await(registry.get("greeter")));

    assertTrue(failure.detail().contains("exceeds 1000000 bytes"), failure.detail());
    Seen.until(() -> closed.get() == 1, "the connection is closed");
    await(registry.close());
  }

  @Test
  void aLargeAnswerIsReadAsASmallOne() {
    String large = serve(request -> answer(request, entries(5_000, "v=1")));
    ConsulRegistry registry = registry(large);

    List<Service> found = await(registry.get("greeter"));

    assertEquals(1, found.size());
    assertEquals(5_000, found.get(0).nodes().size());
    await(registry.close());
  }

  @Test
  void garbageIsAnInternalFailure() {
    String garbage = serve(request -> answer(request, "<html>" + "x".repeat(100_000)));
    ConsulRegistry registry = registry(garbage);

    for (var answer : List.of(registry.get("greeter"), registry.list())) {
      RpcException failure = assertThrows(RpcException.class, () -> await(answer));
      assertEquals(500, failure.code());
      assertFalse(failure.getMessage().contains("<html>"), failure.getMessage());
    }
    await(registry.close());
  }

  @Test
  void theTokenIsSentAndToldToNobody() {
    Queue<String> tokens = new ConcurrentLinkedQueue<>();
    String refuses =
        serve(
            request -> {
              tokens.add(String.valueOf(request.getHeader("X-Consul-Token")));
              request.response().setStatusCode(403).end("Permission denied");
            });
    ConsulRegistry registry =
        registry(new ConsulOptions().setAddresses(List.of(refuses)).setToken("c0ffee"));

    RpcException failure = assertThrows(RpcException.class, () -> await(registry.get("greeter")));

    assertEquals(403, failure.code());
    assertEquals(List.of("c0ffee"), List.copyOf(tokens));
    assertFalse(failure.getMessage().contains("c0ffee"));
    assertFalse(registry.toString().contains("c0ffee"));
    await(registry.close());
  }

  @Test
  void closingAWatchEndsItsQueryAndItsConnection() {
    Set<Object> held = ConcurrentHashMap.newKeySet();
    AtomicInteger queries = new AtomicInteger();
    String holds =
        serve(
            request -> {
              if (request.getParam("index") == null) {
                answer(request, entries(1, "v=1"));
              } else {
                held.add(request);
                queries.incrementAndGet();
                request.connection().closeHandler(end -> held.remove(request));
              }
            });
    ConsulRegistry registry = registry(holds);
    Watch one = registry.watch("greeter", event -> {});
    Watch other = registry.watch("greeter", event -> {});
    Seen.until(() -> held.size() == 2, "both are held");

    one.close();
    Seen.until(() -> held.size() == 1, "one has ended");
    await(registry.close());
    Seen.until(() -> held.isEmpty(), "both have ended");

    assertEquals(2, queries.get());
    assertTrue(other.ready().succeeded());
  }

  @Test
  void aQueryMayTakeItsWaitAndTheTimeout() {
    AtomicInteger queries = new AtomicInteger();
    AtomicInteger resyncs = new AtomicInteger();
    String slow =
        serve(
            request -> {
              if (request.getParam("index") == null) {
                resyncs.incrementAndGet();
                answer(request, entries(1, "v=1"));
              } else {
                assertEquals("30000ms", request.getParam("wait"));
                queries.incrementAndGet();
                vertx.setTimer(2_500, late -> answer(request, entries(1, "v=1")));
              }
            });
    ConsulRegistry registry =
        registry(
            new ConsulOptions()
                .setAddresses(List.of(slow))
                .setTimeout(Duration.ofSeconds(2))
                .setWait(Duration.ofSeconds(30)));
    Seen seen = new Seen(registry, "greeter");

    Seen.until(() -> queries.get() == 2, "two queries in a row");

    // The servers and the first query; one that had failed would be followed by one more.
    assertEquals(2, resyncs.get());
    assertEquals(List.of(), seen.events());
    await(registry.close());
  }

  @Test
  void aHundredWatchesLeaveRoomForSignsOfLife() {
    AtomicInteger held = new AtomicInteger();
    String holds =
        serve(
            request -> {
              if (request.getParam("index") == null) {
                answer(request, "[]");
              } else {
                held.incrementAndGet();
              }
            });
    ConsulRegistry registry = registry(holds);
    for (int i = 0; i < 100; i++) {
      registry.watch("s" + i, event -> {});
    }
    Seen.until(() -> held.get() == 100, "all are held");

    assertEquals(List.of(), await(registry.get("greeter")));
    RpcException full =
        assertThrows(RpcException.class, () -> await(registry.watch("more", event -> {}).ready()));
    assertTrue(full.detail().contains("maxWatches"), full.detail());
    await(registry.close());
  }
}
