// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcClientOptions;
import dev.vertxmicro.runtime.RpcCounters;
import dev.vertxmicro.runtime.skynet.LuaValues;
import dev.vertxmicro.runtime.skynet.SkynetCall;
import dev.vertxmicro.runtime.skynet.SkynetNodes;
import dev.vertxmicro.runtime.skynet.SkynetOptions;
import dev.vertxmicro.runtime.skynet.SkynetRequests;
import dev.vertxmicro.runtime.skynet.SkynetServer;
import dev.vertxmicro.runtime.skynet.SkynetTransports;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls the nodes of a skynet cluster, two of which run in this process: {@code ./micro skynet
 * demo}. A real cluster is called in the same way, with its own table of nodes.
 */
public final class SkynetDemo {

  private static final int LARGE = 1_000_000;
  private static final long PATIENCE_SECONDS = 20;

  private final PrintStream out;
  private final Vertx vertx = Vertx.vertx();
  private final RpcCounters counters = new RpcCounters();
  private final List<String> noted = new CopyOnWriteArrayList<>();

  private SkynetDemo(PrintStream out) {
    this.out = out;
  }

  // tag::skynet[]
  /** A node with one service: {@code cluster.register("sdb")} and {@code cluster.open()}. */
  static SkynetServer serve(Vertx vertx) {
    Map<String, String> values = new ConcurrentHashMap<>();
    SkynetServer server = SkynetServer.create(vertx);
    server.register(
        "sdb",
        call -> {
          String key = call.arguments().get(1, String.class);
          return Future.succeededFuture(
              switch (call.command()) {
                case "SET" -> {
                  values.put(key, call.arguments().get(2, String.class));
                  yield LuaValues.NONE;
                }
                default -> LuaValues.of(values.get(key));
              });
        });
    return server;
  }

  /** A client of all nodes in a table, which may change while calls run. */
  static RpcClient connect(Vertx vertx, SkynetNodes nodes, RpcCounters counters) {
    return RpcClient.builder(vertx)
        .with(new RpcClientOptions().setProtocol("skynet"))
        .withRegistry(nodes)
        .withTransport(new SkynetTransports(new SkynetOptions(), nodes))
        .withObserver(counters)
        .build();
  }

  /** Sets a key without an answer, then reads it: the node sees them in this order. */
  static Future<Optional<String>> setAndGet(RpcClient client, String key, String value) {
    client.send(SkynetRequests.of("db", "@sdb", Void.class, "SET", key, value));
    return client
        .call(Request.of("db", "@sdb/GET", LuaValues.of(key), LuaValues.class))
        .map(reply -> reply.isEmpty() ? Optional.empty() : Optional.of(reply.get(0, String.class)));
  }

  // end::skynet[]

  /** Plays the demo and exits: 0 if all of it worked, 1 if not. */
  public static void main(String[] args) {
    System.exit(run(System.out));
  }

  /** Plays the demo and returns its exit code. */
  static int run(PrintStream out) {
    SkynetDemo demo = new SkynetDemo(out);
    try {
      demo.play();
      out.printf("%nAll of it worked.%n");
      return Demo.HELD;
    } catch (Exception failure) { // of any kind: await throws what the future fails with
      out.printf("%nNot all of it worked: %s%n", failure.getMessage());
      return Demo.FAILED;
    } finally {
      demo.vertx.close().await();
    }
  }

  private void play() throws TimeoutException {
    SkynetServer first = serve(vertx);
    SkynetServer second = serve(vertx);
    first.register("log", this::log);
    SkynetNodes nodes = SkynetNodes.create(vertx);
    RpcClient client = connect(vertx, nodes, counters);
    try {
      out.println("1. A call that waits for its node to be named");
      Future<Optional<String>> waiting = setAndGet(client, "greeting", "Hello Lua");
      Check.that(!waiting.isComplete(), "a call that waits", waiting);
      nodes.put("db", "127.0.0.1:" + await(first.open(0)));
      Check.that(await(waiting).equals(Optional.of("Hello Lua")), "Hello Lua", waiting);
      out.printf(
          "   %s, read over the node's one connection after a push had set it%n", "Hello Lua");
      pushInOrder(client);
      callLarge(client);
      failOnTheNode(client);
      move(client, nodes, second);
    } finally {
      await(client.close());
      await(first.close());
      await(second.close());
      await(nodes.close());
    }
    Check.that(counters.openCalls() == 0, "no open calls", counters);
    Check.that(counters.openConnections() == 0, "no open connections", counters);
    out.printf(
        "   %,d calls and pushes on %d connections%n", counters.calls(), counters.connections());
  }

  private Future<LuaValues> log(SkynetCall call) {
    switch (call.command()) {
      case "NOTE" -> noted.add(call.arguments().get(1, String.class));
      case "REPEAT" -> {
        String text = call.arguments().get(1, String.class);
        return Future.succeededFuture(
            LuaValues.of(text.repeat(call.arguments().get(2, Integer.class))));
      }
      default -> throw new IllegalArgumentException("no command " + call.command());
    }
    return Future.succeededFuture(LuaValues.of(noted.size()));
  }

  private void pushInOrder(RpcClient client) throws TimeoutException {
    out.println("2. Pushes and calls reach the node in the order in which they were made");
    List<String> expected = new ArrayList<>();
    List<Future<?>> sent = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      String note = i % 10 == 3 ? "large " + "x".repeat(40_000) + i : "note " + i;
      expected.add(note);
      var request = SkynetRequests.of("db", "@log", Void.class, "NOTE", note);
      sent.add(i % 7 == 0 ? client.call(request) : client.send(request));
    }
    await(Future.all(sent));
    await(client.call(SkynetRequests.of("db", "@log", Long.class, "NOTE", "end")));
    expected.add("end");
    Check.that(noted.equals(expected), "100 notes in order", noted.size());
    out.println("   100 notes, 10 of them in parts of 32 KB, came in order");
  }

  private void callLarge(RpcClient client) throws TimeoutException {
    out.println("3. Replies may be large");
    var request = SkynetRequests.of("db", "@log", String.class, "REPEAT", "y", LARGE);
    int length = await(client.call(request)).length();
    Check.that(length == LARGE, LARGE + " bytes", length);
    out.printf("   %,d bytes came back%n", length);
  }

  private void failOnTheNode(RpcClient client) throws TimeoutException {
    out.println("4. A service fails, a name is unknown, a call finds no node");
    for (var request :
        List.of(
            SkynetRequests.of("db", "@log", Void.class, "NOSUCH"),
            SkynetRequests.of("db", "@nosuch", Void.class),
            SkynetRequests.of("nowhere", "@sdb", Void.class, "GET", "x"))) {
      try {
        await(client.call(request, CallOption.timeout(Duration.ofMillis(200))));
        throw new Check.Failed("expected a failure of " + request);
      } catch (RpcException failure) {
        out.printf("   %d, %s: %s%n", failure.code(), failure.processed(), failure.detail());
      }
    }
  }

  private void move(RpcClient client, SkynetNodes nodes, SkynetServer second)
      throws TimeoutException {
    out.println("5. The table is loaded again: the node is elsewhere, and then nowhere");
    nodes.put("db", "127.0.0.1:" + await(second.open(0)));
    var get = Request.of("db", "@sdb/GET", LuaValues.of("greeting"), LuaValues.class);
    LuaValues there = await(client.call(get));
    Check.that(there.get(0) == null, "another node, without the key", there);
    nodes.remove("db");
    try {
      await(client.call(get));
      throw new Check.Failed("expected a failure");
    } catch (RpcException failure) {
      out.printf("   %d, %s: %s%n", failure.code(), failure.processed(), failure.detail());
    }
  }

  private static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
