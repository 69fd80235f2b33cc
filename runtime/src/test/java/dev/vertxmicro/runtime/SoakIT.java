// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.runtime.retry.Hedge;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many calls while connections are cut, calls are cancelled, deadlines pass and the pool changes:
 * every call ends once, and nothing is left open. The number of calls is the system property {@code
 * soak.calls}, by default 1,000,000.
 */
@Tag("soak")
class SoakIT {

  private static final int CALLS = Integer.getInteger("soak.calls", 1_000_000);
  private static final int IN_FLIGHT_PER_LOOP = 100;
  private static final int LOOPS = 2;
  private static final int NODES = 4;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(LOOPS));
  private final Vertx others = Vertx.vertx();
  private final MemoryRegistry registry = MemoryRegistry.create(vertx);
  private final RpcCounters counters = new RpcCounters();
  private final RpcClient client =
      RpcClient.builder(vertx).withRegistry(registry).withObserver(counters).build();
  private final List<Cutter> cutters = new ArrayList<>();
  private final Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();
  private final LongAdder wrong = new LongAdder();

  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void everyCallEndsOnceAndNothingIsLeftOpen() throws Exception {
    List<RpcServer> servers = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      servers.add(serve(i));
    }
    long disturbing = others.setPeriodic(200, tick -> disturb(new Random(tick)));

    List<Future<Void>> loads = new ArrayList<>();
    for (int i = 0; i < LOOPS * IN_FLIGHT_PER_LOOP; i++) {
      loads.add(new Caller(i, CALLS / (LOOPS * IN_FLIGHT_PER_LOOP)).run());
    }
    Future.join(loads).toCompletionStage().toCompletableFuture().get(1, TimeUnit.HOURS);
    others.cancelTimer(disturbing);
    Bench.await(client.close());

    long ended = outcomes.values().stream().mapToLong(LongAdder::sum).sum();
    System.out.println("soak: " + new TreeMap<>(outcomes) + " " + counters);
    assertEquals((long) CALLS / (LOOPS * IN_FLIGHT_PER_LOOP) * LOOPS * IN_FLIGHT_PER_LOOP, ended);
    assertEquals(0, wrong.sum(), "replies that belong to another call");
    assertTrue(outcomes.containsKey("reply"), outcomes.toString());
    assertEquals(0, counters.openCalls());
    assertEquals(0, counters.openAttempts());
    assertEquals(0, counters.openLeases());
    assertEquals(0, counters.openTimers());
    assertEquals(0, counters.openStreams());
    assertEquals(0, counters.openConnections());
    assertEquals(0, counters.queued());
    for (RpcServer server : servers) {
      Bench.await(server.close());
    }
    Bench.await(vertx.close());
    Bench.await(others.close());
  }

  private RpcServer serve(int number) {
    RpcServer server = RpcServer.create(others, new ServerOptions("soak"));
    server.handle("Soak.Echo", String.class, this::answer);
    Bench.await(server.start());
    Cutter cutter = new Cutter(Integer.parseInt(server.node().address().split(":", -1)[1]));
    cutters.add(cutter);
    Node node =
        Node.builder("soak-" + number, "127.0.0.1:" + cutter.port()).protocol("grpc").build();
    Bench.await(
        registry.register(Service.builder("soak").node(node).build(), RegisterOptions.FOR_EVER));
    return server;
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
      this.random = new Random(number);
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
