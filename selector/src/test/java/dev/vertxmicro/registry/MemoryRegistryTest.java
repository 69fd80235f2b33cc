// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.time.FakeTimeSource;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryRegistryTest extends RegistryContract {

  private static final RegisterOptions SILENT =
      new RegisterOptions(Duration.ofSeconds(10), Duration.ZERO);

  private final FakeTimeSource time = new FakeTimeSource();
  private final MemoryRegistry first = MemoryRegistry.immediate(time);
  private final List<RegistryEvent> events = new ArrayList<>();

  @Override
  protected Registry open() {
    return first.another();
  }

  @Override
  protected void pass(Duration duration) {
    time.advance(duration);
  }

  private static Service greeter(String version, Node... nodes) {
    return Service.builder("greeter").version(version).build().withNodes(List.of(nodes));
  }

  private static Node node(String id, int port) {
    return Node.of(id, "127.0.0.1:" + port);
  }

  @Test
  void eventsSayCreateUpdateAndDeleteInOrder() {
    first.watch("greeter", events::add);

    Registration registration =
        await(first.register(greeter("1", node("a", 1)), RegisterOptions.DEFAULT));
    await(first.register(greeter("1", node("a", 2), node("b", 3)), RegisterOptions.DEFAULT));
    await(registration.close());

    assertEquals(
        List.of(
            new RegistryEvent(Action.CREATE, greeter("1", node("a", 1))),
            new RegistryEvent(Action.UPDATE, greeter("1", node("a", 2))),
            new RegistryEvent(Action.CREATE, greeter("1", node("b", 3)))),
        events);
  }

  @Test
  void nodeThatMovesToAnotherVersionLeavesTheOldOne() {
    first.watch("greeter", events::add);
    await(first.register(greeter("1", node("a", 1)), RegisterOptions.DEFAULT));

    await(first.register(greeter("2", node("a", 1)), RegisterOptions.DEFAULT));

    assertEquals(
        List.of(
            new RegistryEvent(Action.CREATE, greeter("1", node("a", 1))),
            new RegistryEvent(Action.DELETE, greeter("1", node("a", 1))),
            new RegistryEvent(Action.CREATE, greeter("2", node("a", 1)))),
        events);
    assertEquals(List.of(greeter("2", node("a", 1))), await(first.get("greeter")));
  }

  @Test
  void repeatingWhatIsKnownIsNoEventAndNoNewAnswer() {
    await(first.register(greeter("1", node("a", 1)), RegisterOptions.DEFAULT));
    var before = first.get("greeter");
    first.watch("greeter", events::add);

    await(first.register(greeter("1", node("a", 1)), RegisterOptions.DEFAULT));
    time.advance(Duration.ofMinutes(10));

    assertEquals(List.of(), events);
    assertSame(before, first.get("greeter"));
  }

  @Test
  void changeOfEndpointsIsAnUpdate() {
    await(first.register(greeter("1", node("a", 1)), RegisterOptions.DEFAULT));
    first.watch("greeter", events::add);
    Service more = greeter("1", node("a", 1)).toBuilder().endpoint("Greeter.Hello").build();

    await(first.register(more, RegisterOptions.DEFAULT));

    assertEquals(List.of(new RegistryEvent(Action.UPDATE, more)), events);
    assertEquals(List.of(more), await(first.get("greeter")));
  }

  @Test
  void nodeTakenOverOutlivesItsFormerOwner() {
    Registration former = await(first.register(greeter("1", node("a", 1)), SILENT));
    await(first.register(greeter("1", node("a", 2)), RegisterOptions.FOR_EVER));

    time.advance(Duration.ofHours(1));
    await(former.close());

    assertEquals(List.of(greeter("1", node("a", 2))), await(first.get("greeter")));
  }

  @Test
  void formerOwnerDoesNotTakeTheNodeBackBySignsOfLife() {
    await(first.register(greeter("1", node("a", 1)), RegisterOptions.DEFAULT));
    await(first.register(greeter("1", node("a", 2)), RegisterOptions.DEFAULT));
    first.watch("greeter", events::add);

    time.advance(Duration.ofMinutes(5));

    assertEquals(List.of(), events);
    assertEquals(List.of(greeter("1", node("a", 2))), await(first.get("greeter")));
  }

  @Test
  void lateSignOfLifeBringsTheNodeBack() {
    // given a registration whose timers were held up for longer than its TTL
    HeldUpTimers heldUp = new HeldUpTimers();
    MemoryRegistry registry = MemoryRegistry.immediate(heldUp);
    await(registry.register(greeter("1", node("a", 1)), RegisterOptions.DEFAULT));
    heldUp.clock.advance(Duration.ofMinutes(2));
    assertEquals(List.of(), await(registry.list()));
    registry.watch("greeter", events::add);

    heldUp.tasks.get(0).run();

    assertEquals(List.of(new RegistryEvent(Action.CREATE, greeter("1", node("a", 1)))), events);
    assertEquals(List.of(greeter("1", node("a", 1))), await(registry.get("greeter")));
  }

  @Test
  void nodeExpiresOnReadWhenItsTimersAreLost() {
    HeldUpTimers lost = new HeldUpTimers();
    MemoryRegistry registry = MemoryRegistry.immediate(lost);
    registry.watch("greeter", events::add);
    await(registry.register(greeter("1", node("a", 1)), RegisterOptions.DEFAULT));

    lost.clock.advance(Duration.ofSeconds(59));
    assertEquals(List.of("greeter"), await(registry.list()));
    lost.clock.advance(Duration.ofSeconds(1));
    assertEquals(List.of(), await(registry.list()));

    assertEquals(Action.DELETE, events.get(1).action());
  }

  @Test
  void nodeExpiresByLookUpsAsWellWhenItsTimersAreLost() {
    HeldUpTimers lost = new HeldUpTimers();
    MemoryRegistry registry = MemoryRegistry.immediate(lost);
    await(registry.register(greeter("1", node("a", 1)), RegisterOptions.DEFAULT));
    lost.clock.advance(Duration.ofSeconds(60));

    int lookUps = 0;
    while (!await(registry.get("greeter")).isEmpty()) {
      lookUps++;
      assertTrue(lookUps < 20 * MemoryStore.LOOK_UPS_PER_CHECK, "still there");
    }
  }

  @Test
  void nothingIsCheckedForExpiryOnceNothingCanExpire() {
    HeldUpTimers counting = new HeldUpTimers();
    MemoryRegistry registry = MemoryRegistry.immediate(counting);
    Registration closed =
        await(registry.register(greeter("1", node("a", 1)), RegisterOptions.DEFAULT));
    await(registry.register(greeter("1", node("b", 1)), SILENT));
    await(registry.register(greeter("1", node("c", 1)), RegisterOptions.FOR_EVER));
    await(closed.close());
    counting.clock.advance(Duration.ofSeconds(10));
    await(registry.list());
    int before = counting.readings;

    await(registry.list());

    assertEquals(before, counting.readings);
    assertEquals(List.of(greeter("1", node("c", 1))), await(registry.get("greeter")));
  }

  @Test
  void closedRegistrationLeavesNoTimer() {
    Registration registration =
        await(first.register(greeter("1", node("a", 1)), RegisterOptions.DEFAULT));
    assertTrue(time.armed() > 0);

    await(registration.close());

    assertEquals(0, time.armed());
  }

  @Test
  void vertxInstancesShareOneRegistryEachUnlessAskedForAnother() throws Exception {
    Vertx vertx = Vertx.vertx();
    Vertx other = Vertx.vertx();
    try {
      MemoryRegistry shared = MemoryRegistry.shared(vertx);
      await(shared.register(greeter("1", node("a", 1)), RegisterOptions.FOR_EVER));

      assertEquals(1, await(MemoryRegistry.shared(vertx).get("greeter")).size());
      assertEquals(0, await(MemoryRegistry.shared(other).get("greeter")).size());
      assertEquals(0, await(MemoryRegistry.create(vertx).get("greeter")).size());
    } finally {
      await(vertx.close());
      await(other.close());
    }
  }

  @Test
  void eventsRunOnTheContextOfTheWatcher() {
    Vertx vertx = Vertx.vertx();
    try {
      MemoryRegistry registry = MemoryRegistry.create(vertx);
      Promise<Context> watching = Promise.promise();
      Promise<Context> told = Promise.promise();
      vertx.runOnContext(
          start -> {
            registry.watch("greeter", event -> told.complete(Vertx.currentContext()));
            watching.complete(Vertx.currentContext());
          });
      Context watcher = await(watching.future());

      await(registry.register(greeter("1", node("a", 1)), RegisterOptions.FOR_EVER));

      assertSame(watcher, await(told.future()));
      assertNotSame(watcher, vertx.getOrCreateContext());
    } finally {
      await(vertx.close());
    }
  }

  /** A clock whose timers only run when the test says so. */
  private static final class HeldUpTimers implements TimeSource {
    private final FakeTimeSource clock = new FakeTimeSource();
    private final List<Runnable> tasks = new ArrayList<>();
    private int readings;

    @Override
    public long nanoTime() {
      readings++;
      return clock.nanoTime();
    }

    @Override
    public long epochMillis() {
      return clock.epochMillis();
    }

    @Override
    public Timer timer(long delayNanos, Runnable task) {
      tasks.add(task);
      return () -> tasks.remove(task);
    }
  }
}
