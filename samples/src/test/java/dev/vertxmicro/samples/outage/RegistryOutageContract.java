// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.outage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.CachingOptions;
import dev.vertxmicro.registry.CachingRegistry;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Selector;
import dev.vertxmicro.selector.SelectorObserver;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An outage of the registry is none of the service: under load the registry is killed, a node dies
 * and another starts, and the registry comes back, with what it knew or without. No idempotent call
 * fails meanwhile; the new node gets its share soon, the dead one is left alone.
 */
@Timeout(180)
abstract class RegistryOutageContract {

  private static final int NODES = 4;
  private static final int MOST_FAILED_PICKS = 5;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Vertx vertx = Vertx.vertx();
  private final List<OutageNode> nodes = new ArrayList<>();
  private final OutageLoad load = new OutageLoad();
  private final AtomicInteger probes = new AtomicInteger();

  /**
   * Starts the registry.
   *
   * @param durable whether it has its data when it comes back
   */
  abstract void startRegistry(boolean durable);

  /** Returns a new client of the registry. */
  abstract Registry open(Vertx vertx);

  /** Ends the registry as {@code kill -9} does. */
  abstract void killRegistry();

  /** Starts the registry again, on the same port. */
  abstract void bringRegistryBack();

  @AfterEach
  void endAll() {
    vertx.close().await();
    nodes.forEach(OutageNode::die);
  }

  @Test
  void callsGoOnUntilTheRegistryIsBackWithItsData() {
    outage(true);
  }

  @Test
  void callsGoOnUntilTheRegistryIsBackEmpty() {
    outage(false);
  }

  private void outage(boolean durable) {
    startRegistry(durable);
    for (int i = 0; i < NODES; i++) {
      start("node-" + i).register().await();
    }
    CountingRegistry counting = new CountingRegistry(open(vertx));
    CachingRegistry cache =
        CachingRegistry.create(
            vertx,
            counting,
            new CachingOptions()
                .setTtl(Duration.ofSeconds(1))
                .setLookUpTimeout(Duration.ofSeconds(1)));
    TimeSource time = TimeSource.of(vertx);
    Selector selector = Selector.builder(cache, time).observer(new ProbesOfTheDead()).build();
    RpcClient client = RpcClient.builder(vertx).withSelector(selector).withObserver(load).build();
    load.start(vertx, client).await();
    nodes.forEach(node -> awaitAnswers(node.node(), 20));

    killRegistry();
    await("the outage is noticed", () -> cache.isStale(OutageNode.SERVICE));
    awaitMoreAnswers();

    OutageNode dead = nodes.get(0);
    dead.die();
    int attemptsOfTheDead = load.attempts("node-0");
    OutageNode fresh = start("node-new");
    Future<Registration> registered = fresh.register();
    awaitMoreAnswers();
    assertEquals(0, load.answers("node-new"), "answers of a node that nobody can know of");

    bringRegistryBack();
    registered.await();
    int lookUps = counting.lookUps().get();
    awaitAnswers(fresh.node(), 1);
    int refreshes = counting.lookUps().get() - lookUps;
    nodes.subList(1, NODES).forEach(node -> awaitAnswers(node.node(), 20));
    await("the registry is believed again", () -> !cache.isStale(OutageNode.SERVICE));
    awaitMoreAnswers();
    load.stop().await();

    assertEquals(List.of(), load.failures());
    assertTrue(refreshes <= 2, () -> "the new node was picked after look-ups: " + refreshes);
    int picks = load.attempts("node-0") - attemptsOfTheDead;
    int most = MOST_FAILED_PICKS + OutageLoad.AT_A_TIME + probes.get();
    assertTrue(
        picks <= most,
        () -> "picks of the dead node: %d (%d probes)".formatted(picks, probes.get()));
    client.close().await();
    assertEquals(0, selector.openPicks());
    selector.close().await();
    cache.close().await();
    counting.close().await();
  }

  private OutageNode start(String id) {
    OutageNode node = OutageNode.start(id, this::open);
    nodes.add(node);
    return node;
  }

  /** Waits for that many further answers of a node. */
  private void awaitAnswers(Node node, int answers) {
    int enough = load.answers(node.id()) + answers;
    await(
        node.id() + " answers " + answers + " more calls", () -> load.answers(node.id()) >= enough);
  }

  private void awaitMoreAnswers() {
    int enough = load.answers() + 500;
    await("calls are answered", () -> load.answers() >= enough);
  }

  private void await(String what, BooleanSupplier reached) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!reached.getAsBoolean()) {
      assertTrue(
          System.nanoTime() - end < 0,
          () ->
              "not reached: %s; answers: %d, failures: %s"
                  .formatted(what, load.answers(), load.failures()));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private final class ProbesOfTheDead implements SelectorObserver {
    @Override
    public void probed(String service, Node node, Outcome.Kind result) {
      if (node.id().equals("node-0")) {
        probes.incrementAndGet();
      }
    }
  }
}
