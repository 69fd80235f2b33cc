// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.greeter.HelloReply;
import dev.vertxmicro.greeter.HelloRequest;
import dev.vertxmicro.peers.ConsulServer;
import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.consul.ConsulOptions;
import dev.vertxmicro.registry.consul.ConsulRegistry;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three real go-micro servers, found in a real Consul, are restarted one after the other while 500
 * calls a second run: no idempotent call fails, and no server sees a call twice that is not.
 */
class RollingRestartIT {

  private static final String SERVICE = "rolling";
  private static final int SERVERS = 3;
  private static final int CALLS_A_SECOND = 500;
  private static final int SECONDS_BETWEEN_RESTARTS = 8;

  /** Each of so many restarts is a kill -9, the others let the server say goodbye. */
  private static final int ONE_KILL_IN = 3;

  private static final String ID = "load-id";
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Vertx vertx = Vertx.vertx();
  private final List<GoPeer> peers = new ArrayList<>();
  private final List<GoPeer> gone = new ArrayList<>();
  private final Map<String, Integer> seen = new HashMap<>();
  private ConsulServer consul;

  @BeforeEach
  void startRegistry() {
    consul = ConsulServer.forgetful();
  }

  @AfterEach
  void endAll() {
    vertx.close().await();
    peers.forEach(GoPeer::close);
    gone.forEach(GoPeer::close);
    consul.close();
  }

  @Test
  @Timeout(400)
  void noIdempotentCallFailsInTwoMinutes() throws Exception {
    roll(120 / SECONDS_BETWEEN_RESTARTS);
  }

  @Test
  @Tag("soak")
  @Timeout(1_500)
  void norInTenMinutes() throws Exception {
    roll(600 / SECONDS_BETWEEN_RESTARTS);
  }

  private void roll(int restarts) throws Exception {
    for (int i = 0; i < SERVERS; i++) {
      peers.add(startServer());
    }
    Registry registry =
        ConsulRegistry.create(vertx, new ConsulOptions().setAddresses(List.of(consul.address())));
    RpcClient client = RpcClient.builder(vertx).withRegistry(registry).build();
    client.warmUp(SERVICE).await();
    Load load = new Load(client);
    vertx.deployVerticle(load).await();

    for (int restart = 1; restart <= restarts; restart++) {
      awaitCalls(load, restart * CALLS_A_SECOND * SECONDS_BETWEEN_RESTARTS);
      GoPeer old = peers.remove(0);
      if (restart % ONE_KILL_IN == 0) {
        old.kill();
      } else {
        old.close();
      }
      gone.add(old);
      peers.add(startServer());
    }
    awaitCalls(load, load.ended() + CALLS_A_SECOND * SECONDS_BETWEEN_RESTARTS);
    load.finish().await();
    client.close().await();
    registry.close().await();

    peers.forEach(GoPeer::close);
    gone.addAll(peers);
    noteWhatWasSeen();
    System.out.printf(
        "rolling restart: %d restarts, %d calls; idempotent: %d failed; others: %d failed%n",
        restarts, load.ended(), load.failures.size(), load.otherFailures.size());
    assertEquals(List.of(), List.copyOf(load.failures));
    assertEquals(
        Map.of(),
        seen.entrySet().stream()
            .filter(call -> call.getValue() > 1)
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)),
        "calls that servers have seen more than once");
    int answered = load.others.get() - load.otherFailures.size();
    assertTrue(
        seen.size() >= answered && answered > 0,
        () -> "answered %d, seen by servers %d".formatted(answered, seen.size()));
  }

  private GoPeer startServer() throws InterruptedException {
    return GoPeer.start(
        GoPeer.V5, SERVICE, "-registry", "consul", "-registry-address", consul.address());
  }

  private void awaitCalls(Load load, int calls) {
    int from = load.ended();
    await(
        () -> {
          noteWhatWasSeen();
          return load.ended() >= calls;
        },
        () -> "calls: %d of %d, from %d on".formatted(load.ended(), calls, from));
  }

  private void noteWhatWasSeen() {
    for (List<GoPeer> some : List.of(peers, gone)) {
      for (GoPeer peer : some) {
        for (JsonObject event : peer.takeEvents()) {
          String id =
              event.getJsonObject("metadata", new JsonObject()).getString(ID); // Of calls only.
          if (id != null) {
            seen.merge(id, 1, Integer::sum);
          }
        }
      }
    }
  }

  private static void await(BooleanSupplier reached, Supplier<String> what) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!reached.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** Calls at a steady rate, every second one idempotent, however long the answers take. */
  private static final class Load extends VerticleBase {

    private static final int TICK_MILLIS = 10;
    private static final int CALLS_A_TICK = CALLS_A_SECOND * TICK_MILLIS / 1_000;

    private static final Request<HelloRequest, HelloReply> REQUEST =
        Request.of(
            SERVICE,
            "Greeter.Hello",
            HelloRequest.newBuilder().setName("you").build(),
            HelloReply.class);

    final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Throwable> otherFailures = new ConcurrentLinkedQueue<>();
    final AtomicInteger others = new AtomicInteger();
    private final RpcClient client;
    private final AtomicInteger ended = new AtomicInteger();
    private final Promise<Void> idle = Promise.promise();
    private volatile boolean stopping;
    private int started;

    Load(RpcClient client) {
      this.client = client;
    }

    @Override
    public Future<?> start() {
      vertx.setPeriodic(TICK_MILLIS, this::tick);
      return Future.succeededFuture();
    }

    private void tick(long timer) {
      if (stopping) {
        vertx.cancelTimer(timer);
        completeIfIdle();
        return;
      }
      for (int i = 0; i < CALLS_A_TICK; i++) {
        boolean idempotent = started++ % 2 == 0;
        if (!idempotent) {
          others.incrementAndGet();
        }
        client
            .call(
                REQUEST,
                idempotent ? CallOption.idempotent() : CallOption.metadata(ID, "call-" + started))
            .onFailure((idempotent ? failures : otherFailures)::add)
            .onComplete(
                done -> {
                  ended.incrementAndGet();
                  completeIfIdle();
                });
      }
    }

    private void completeIfIdle() {
      if (stopping && ended.get() == started) {
        idle.tryComplete();
      }
    }

    int ended() {
      return ended.get();
    }

    /** Starts no more calls; completes when those under way have ended. */
    Future<Void> finish() {
      stopping = true;
      return idle.future();
    }
  }
}
