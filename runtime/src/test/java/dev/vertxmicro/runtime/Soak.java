// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.runtime.grpc.GrpcEngine;
import dev.vertxmicro.runtime.grpc.GrpcOptions;
import dev.vertxmicro.runtime.grpc.GrpcTransports;
import dev.vertxmicro.runtime.retry.Hedge;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A program that makes many calls while connections are cut, servers misbehave, calls are
 * cancelled, deadlines pass and the pool changes, and ends well if every call ended once and
 * nothing is left open. Half of the servers are {@link UnrulyNode}s. Run by {@link SoakIT}, so that
 * no other test shares its JVM and Netty's leak detector.
 */
final class Soak {

  private static final int IN_FLIGHT_PER_LOOP = 100;
  private static final int LOOPS = 2;
  private static final int NODES = 4;
  private static final int LARGE_BYTES = 200_000;
  private static final int LEAK_CHECKS = 10;

  private final int calls;
  private final long seed;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(LOOPS));
  private final Vertx others = Vertx.vertx();
  private final MemoryRegistry registry = MemoryRegistry.create(vertx);
  private final RpcCounters counters = new RpcCounters();
  private final RpcClient client;
  private final List<Cutter> cutters = new ArrayList<>();
  private final Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();
  private final LongAdder wrong = new LongAdder();

  private Soak(GrpcEngine engine, int calls, long seed) {
    this.calls = calls;
    this.seed = seed;
    client =
        RpcClient.builder(vertx)
            .withRegistry(registry)
            .withObserver(counters)
            .withTransport(new GrpcTransports(new GrpcOptions().setEngine(engine)))
            .build();
  }

  /**
   * Makes as many calls as the second argument says, through the engine that the first one names,
   * from the seed that is the third; a fourth has it forget a buffer. Prints what was seen.
   */
  public static void main(String[] args) {
    try {
      new Soak(GrpcEngine.valueOf(args[0]), Integer.parseInt(args[1]), Long.parseLong(args[2]))
          .run();
      if (args.length > 3) {
        PooledByteBufAllocator.DEFAULT.directBuffer(16).writeLong(1);
      }
      reportLeaks();
      System.exit(0);
    } catch (Exception | AssertionError wrong) {
      wrong.printStackTrace();
      System.exit(1);
    }
  }

  /** Netty tells of a buffer that was collected when it makes another. */
  private static void reportLeaks() {
    for (int i = 0; i < LEAK_CHECKS; i++) {
      System.gc();
      for (int k = 0; k < 1_000; k++) {
        PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
      }
    }
  }

  private void run() throws Exception {
    List<RpcServer> servers = new ArrayList<>();
    for (int i = 0; i < NODES / 2; i++) {
      servers.add(serve(i));
    }
    for (int i = NODES / 2; i < NODES; i++) {
      register(i, UnrulyNode.start(others, i).port());
    }
    long disturbing = others.setPeriodic(200, tick -> disturb(new Random(tick)));

    List<Future<Void>> loads = new ArrayList<>();
    int each = calls / (LOOPS * IN_FLIGHT_PER_LOOP);
    for (int i = 0; i < LOOPS * IN_FLIGHT_PER_LOOP; i++) {
      loads.add(new Caller(i, each).run());
    }
    Future.join(loads).toCompletionStage().toCompletableFuture().get(1, TimeUnit.HOURS);
    others.cancelTimer(disturbing);
    Bench.await(client.close());

    System.out.println("soak: " + new TreeMap<>(outcomes) + " " + counters);
    long ended = outcomes.values().stream().mapToLong(LongAdder::sum).sum();
    assertEquals((long) each * LOOPS * IN_FLIGHT_PER_LOOP, ended);
    assertEquals(ended, counters.calls());
    assertEquals(0, wrong.sum(), "replies that belong to another call");
    assertNothingIsLeft();
    for (RpcServer server : servers) {
      Bench.await(server.close());
    }
    Bench.await(vertx.close());
    Bench.await(others.close());
    System.out.println("calls=" + ended + " open=0");
  }

  private void assertNothingIsLeft() {
    assertTrue(outcomes.containsKey("reply"), outcomes.toString());
    assertEquals(0, counters.openCalls());
    assertEquals(0, counters.openAttempts());
    assertEquals(0, counters.openLeases());
    assertEquals(0, counters.openTimers());
    assertEquals(0, counters.openStreams());
    assertEquals(0, counters.openConnections());
    assertEquals(0, counters.queued());
  }

  private RpcServer serve(int number) {
    RpcServer server = RpcServer.create(others, new ServerOptions("soak"));
    server.handle("Soak.Echo", String.class, this::answer);
    Bench.await(server.start());
    register(number, Integer.parseInt(server.node().address().split(":", -1)[1]));
    return server;
  }

  private void register(int number, int port) {
    Cutter cutter = new Cutter(port);
    cutters.add(cutter);
    Node node =
        Node.builder("soak-" + number, "127.0.0.1:" + cutter.port()).protocol("grpc").build();
    Bench.await(
        registry.register(Service.builder("soak").node(node).build(), RegisterOptions.FOR_EVER));
  }

  /** Some answers take a while, so that there is something to cancel and to hedge. */
  private Future<String> answer(String text) {
    if (text.hashCode() % 50 != 0) {
      return Future.succeededFuture(text);
    }
    Promise<String> later = Promise.promise();
    others.setTimer(20, tick -> later.complete(text));
    return later.future();
  }

  private void disturb(Random random) {
    cutters.get(random.nextInt(NODES)).cut();
    client.init(
        ClientOption.poolSize(1 + random.nextInt(8)),
        ClientOption.poolTtl(Duration.ofMillis(random.nextInt(2_000))));
  }

  /** Makes one call after the other. */
  private final class Caller {
    private final Random random;
    private final Context context = vertx.getOrCreateContext();
    private final Promise<Void> done = Promise.promise();
    private final int number;
    private int left;

    Caller(int number, int calls) {
      this.number = number;
      this.random = new Random(seed * LOOPS * IN_FLIGHT_PER_LOOP + number);
      this.left = calls;
    }

    Future<Void> run() {
      context.runOnContext(here -> next());
      return done.future();
    }

    private void next() {
      if (left-- == 0) {
        done.complete();
        return;
      }
      String text = number + "-" + left;
      if (random.nextInt(200) == 0) {
        text += "x".repeat(LARGE_BYTES);
      }
      call(text);
    }

    private void call(String text) {
      RpcCall<String> call =
          client.start(Request.of("soak", "Soak.Echo", text, String.class), options());
      if (random.nextInt(50) == 0) {
        long cancel = vertx.setTimer(1 + random.nextInt(5), tick -> call.cancel("soak"));
        call.reply().onComplete(ended -> vertx.cancelTimer(cancel));
      }
      call.reply()
          .onComplete(
              ended -> {
                count(text, ended.result(), ended.cause());
                next();
              });
    }

    private CallOption[] options() {
      List<CallOption> options = new ArrayList<>();
      if (random.nextInt(2) == 0) {
        options.add(CallOption.idempotent());
      }
      if (random.nextInt(5) == 0) {
        options.add(CallOption.hedge(new Hedge.After(Duration.ofMillis(5), 2)));
      }
      if (random.nextInt(20) == 0) {
        options.add(CallOption.timeout(Duration.ofMillis(1 + random.nextInt(10))));
      }
      return options.toArray(new CallOption[0]);
    }

    private void count(String sent, String reply, Throwable failure) {
      String outcome = "reply";
      if (failure instanceof RpcException rpc) {
        outcome = rpc.code() + " " + rpc.processed();
      } else if (!sent.equals(reply)) {
        wrong.increment();
      }
      outcomes.computeIfAbsent(outcome, fresh -> new LongAdder()).increment();
    }
  }

  /** Forwards connections to a port, and cuts those that are open when told to. */
  private final class Cutter {
    private final NetClient forward = others.createNetClient();
    private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
    private final int port;

    Cutter(int target) {
      port =
          Bench.await(
                  others
                      .createNetServer()
                      .connectHandler(client -> join(client, target))
                      .listen(0, "127.0.0.1"))
              .actualPort();
    }

    int port() {
      return port;
    }

    void cut() {
      open.forEach(NetSocket::close);
    }

    private void join(NetSocket from, int target) {
      from.pause();
      forward
          .connect(target, "127.0.0.1")
          .onFailure(refused -> from.close())
          .onSuccess(
              to -> {
                open.add(from);
                from.closeHandler(
                    gone -> {
                      open.remove(from);
                      to.close();
                    });
                to.closeHandler(gone -> from.close());
                // A cut socket refuses what is still under way to it; that is the point of the cut.
                from.handler(bytes -> to.write(bytes));
                to.handler(bytes -> from.write(bytes));
                from.exceptionHandler(lost -> from.close());
                to.exceptionHandler(lost -> to.close());
                from.resume();
              });
    }
  }
}
