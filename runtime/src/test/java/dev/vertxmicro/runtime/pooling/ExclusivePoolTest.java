// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.runtime.pooling.PoolsByHand.Call;
import dev.vertxmicro.runtime.pooling.PoolsByHand.Connection;
import dev.vertxmicro.runtime.pooling.PoolsByHand.Dialling;
import dev.vertxmicro.runtime.pooling.PoolsByHand.Loop;
import io.vertx.core.Future;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExclusivePoolTest {

  private static final int A = 0;
  private static final int B = 1;

  private static Call running(PoolsByHand world, int loop) {
    Call call = world.call(loop);
    if (!call.isRunning()) {
      world.dials.get(world.dials.size() - 1).succeed();
    }
    assertTrue(call.isRunning(), world.toString());
    return call;
  }

  @Test
  void allWhoWaitAreServedWhenTheirLoopHasNoConnectionLeft() {
    PoolsByHand world = new PoolsByHand(2, 2);
    Call onA = running(world, A);
    Call onB = running(world, B);
    for (int i = 0; i < 10; i++) {
      world.call(A);
    }
    world.limit(1);
    world.settle();

    onB.end(true);
    onA.end(true);
    world.loops.get(A).turn();
    world.loops.get(A).turn();

    finish(world, () -> false);
  }

  @Test
  void aPlaceThatOneLoopGivesBackIsTakenByAnotherWhoseConnectionsAreBusy() {
    PoolsByHand world = new PoolsByHand(2, 2);
    Call slow = running(world, A);
    Call last = running(world, B);
    Call waits = world.call(A);

    last.end(false);
    world.settle();

    assertEquals(1, world.dials.size(), world.toString());
    world.dials.get(0).succeed();
    assertTrue(waits.isRunning());
    assertTrue(slow.isRunning());
  }

  @Test
  void aLoopWhoseNewConnectionIsOneTooManyIsNotTakenForIdle() {
    PoolsByHand world = new PoolsByHand(2, 2);
    Call cancelled = world.call(A);
    Call onB = world.call(B);
    world.limit(1);
    world.settle();
    cancelled.cancel();
    world.dials.get(0).succeed();
    world.dials.get(0).succeed();
    world.settle();

    Call waits = world.call(B);

    assertTrue(waits.waitsAt(world.loops.get(B)), "passed on to a loop without connections");
    onB.end(true);
    assertTrue(waits.isRunning(), world.toString());
  }

  @Test
  void aDialThatFailsAtOnceIsNotRepeatedForWhoeverWaitsBesideABusyConnection() {
    PoolsByHand world = new PoolsByHand(1, 3);
    Call busy = running(world, A);
    world.refusing = true;

    Call waits = world.call(A);

    assertEquals(1, world.refused);
    busy.end(true);
    assertTrue(waits.isRunning(), world.toString());
  }

  @Test
  void oneThatThrowsWhenItIsServedDoesNotKeepTheOthersWaiting() {
    PoolsByHand world = new PoolsByHand(1, 1);
    Call busy = running(world, A);
    Call clumsy = world.call(A);
    clumsy.throwing = true;
    Call last = world.call(A);

    assertThrows(IllegalStateException.class, () -> busy.end(true));
    clumsy.end(true);

    assertTrue(last.isRunning(), world.toString());
  }

  // ---- any order

  /** What happens next is drawn; the seed is in the message of what fails. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nobodyWaitsForEver(boolean dialsFail) {
    for (int seed = 0; seed < 2_000; seed++) {
      try {
        play(new Random(seed), dialsFail);
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
      }
    }
  }

  private static void play(Random random, boolean dialsFail) {
    int loops = 1 + random.nextInt(4);
    PoolsByHand world = new PoolsByHand(loops, 1 + random.nextInt(4));
    for (int step = 0; step < 120; step++) {
      step(world, random, dialsFail);
      if (step % 20 == 19) {
        world.settle();
        if (!dialsFail) {
          assertNobodyWaitsInVain(world);
        }
      }
    }
    finish(world, random::nextBoolean);
    assertNoPlaceIsLost(world);
    world.time.advance(PoolsByHand.IDLE.multipliedBy(2));
    world.settle();
    assertEquals(List.of(), world.connections, "unused for long");
    List<Future<Void>> closed = world.loops.stream().map(Loop::close).toList();
    world.settle();
    closed.forEach(gone -> assertTrue(gone.succeeded()));
  }

  private static void step(PoolsByHand world, Random random, boolean dialsFail) {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> world.call(random.nextInt(world.loops.size()));
      case 3, 4, 5 -> world.loops.get(random.nextInt(world.loops.size())).turn();
      case 6, 7 -> {
        if (!world.dials.isEmpty()) {
          Dialling dial = world.dials.get(random.nextInt(world.dials.size()));
          if (dialsFail && random.nextInt(3) == 0) {
            dial.fail();
          } else {
            dial.succeed();
          }
        }
      }
      case 8, 9 -> {
        List<Call> running = world.calls.stream().filter(Call::isRunning).toList();
        if (!running.isEmpty()) {
          running.get(random.nextInt(running.size())).end(random.nextInt(3) > 0);
        }
      }
      case 10 -> {
        List<Call> waiting = world.calls.stream().filter(call -> !call.isRunning()).toList();
        if (!world.connections.isEmpty() && random.nextBoolean()) {
          world.connections.get(random.nextInt(world.connections.size())).lose();
        } else if (!waiting.isEmpty()) {
          waiting.get(random.nextInt(waiting.size())).cancel();
        }
      }
      default -> world.limit(1 + random.nextInt(4));
    }
  }

  /** Called when nothing is on its way but dials and calls. */
  private static void assertNobodyWaitsInVain(PoolsByHand world) {
    int idle = 0;
    int taken = world.dials.size();
    for (Connection connection : world.connections) {
      taken += connection.isSurplus() ? 0 : 1;
      idle += connection.user == null ? 1 : 0;
    }
    for (Loop loop : world.loops) {
      long dials = world.dials.stream().filter(dial -> dial.pool().home == loop).count();
      long waiting = world.calls.stream().filter(call -> call.waitsAt(loop)).count();
      if (waiting > dials) {
        assertEquals(0, idle, "idle connections beside those who wait: " + world);
        assertTrue(taken >= world.pools.limits().size(), "places beside those who wait: " + world);
      }
    }
  }

  /** Goes on until nothing goes on. */
  private static void finish(PoolsByHand world, BooleanSupplier reusable) {
    world.settle();
    while (!world.dials.isEmpty() || world.calls.stream().anyMatch(Call::isRunning)) {
      List.copyOf(world.dials).forEach(Dialling::succeed);
      List<Call> running = world.calls.stream().filter(Call::isRunning).toList();
      running.forEach(call -> call.end(reusable.getAsBoolean()));
      world.settle();
    }
    assertEquals(List.of(), world.calls, "nobody comes for those who wait");
  }

  private static void assertNoPlaceIsLost(PoolsByHand world) {
    int size = world.pools.limits().size();
    for (int i = 0; i < size; i++) {
      world.call(i % world.loops.size());
    }
    world.settle();
    List.copyOf(world.dials).forEach(Dialling::succeed);
    world.settle();
    assertEquals(size, world.calls.stream().filter(Call::isRunning).count(), world.toString());
    List.copyOf(world.calls).forEach(call -> call.end(true));
    world.settle();
  }
}
