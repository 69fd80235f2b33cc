// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens, what must hold of ejections does. */
class EjectionPropertyTest {

  private static final List<Outcome> OUTCOMES =
      List.of(
          Outcome.SUCCESS,
          Outcome.SUCCESS,
          Outcome.CANCELLED,
          Fleet.LOST,
          Fleet.LOST,
          Fleet.REFUSED,
          Fleet.UNIMPLEMENTED,
          Fleet.INVALID,
          Fleet.failed(GrpcStatus.DEADLINE_EXCEEDED, Processed.UNKNOWN));

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void randomOutcomesBreakNothing(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double share = random.nextDouble();
    EjectionOptions options =
        new EjectionOptions()
            .setMaxEjectedShare(share)
            .setPanicThreshold(random.nextDouble())
            .setConsecutiveFailures(random.nextInt(4) + 1);
    List<Strategy> strategies =
        List.of(Strategy.random(), Strategy.roundRobin(), Strategy.powerOfTwo());
    int nodes = 1 + random.nextInt(12);
    Fleet fleet = new Fleet(strategies.get((int) (seed % 3)), options, nodes, seed);
    List<Pick> open = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      ids.add("n" + i);
    }
    for (int step = 0; step < 20_000; step++) {
      switch (random.nextInt(40)) {
        case 0 -> fleet.answers(any(ids, random), any(OUTCOMES, random));
        case 1 -> fleet.pass(Duration.ofMillis(random.nextInt(3_000)));
        case 2 -> {
          if (random.nextInt(20) == 0 && ids.size() < 14) {
            String id = "m" + step;
            ids.add(id);
            fleet.join(id, "127.0.0.1:" + (10_000 + step));
          }
        }
        case 3 -> {
          if (random.nextInt(20) == 0 && ids.size() > 1) {
            fleet.leave(ids.remove(random.nextInt(ids.size())));
          }
        }
        case 4 -> {
          if (random.nextInt(50) == 0) {
            fleet.join(any(ids, random), "127.0.0.1:" + (20_000 + step));
          }
        }
        default -> {
          if (open.size() < 20 || random.nextBoolean()) {
            open.add(fleet.pick());
          } else {
            fleet.end(open.remove(random.nextInt(open.size())));
          }
        }
      }
      assertNotTooManyAreOut(fleet, share);
    }
    open.forEach(fleet::end);
    assertEquals(0, fleet.selector.openPicks());
    assertEveryEjectedNodeIsProbedOrPicked(fleet, ids);
    assertAllComeBack(fleet, ids);
  }

  private static <T> T any(List<T> list, SplittableRandom random) {
    return list.get(random.nextInt(list.size()));
  }

  private static void assertNotTooManyAreOut(Fleet fleet, double share) {
    List<NodeDescription> nodes = fleet.selector.describe("greeter").nodes();
    long out = nodes.stream().filter(node -> node.health() == Health.EJECTED).count();
    long most = Math.min(Math.max(1, (long) (share * nodes.size() + 1e-9)), nodes.size() - 1);
    assertTrue(out <= Math.max(0, most), () -> fleet.selector.describe("greeter").toString());
  }

  private static void assertEveryEjectedNodeIsProbedOrPicked(Fleet fleet, List<String> ids) {
    ids.forEach(id -> fleet.answers(id, Fleet.LOST));
    fleet.calls(1_000);
    for (int round = 0; round < 5; round++) {
      Set<String> out = Set.copyOf(fleet.out());
      Map<String, Integer> before = new HashMap<>();
      out.forEach(id -> before.put(id, fleet.picks(id)));
      fleet.pass(EjectionOptions.DEFAULT_MAX_EJECTION_TIME);
      fleet.calls(300);
      out.stream()
          .filter(ids::contains)
          .forEach(id -> assertTrue(fleet.picks(id) > before.get(id), id + " " + fleet));
    }
  }

  private static void assertAllComeBack(Fleet fleet, List<String> ids) {
    ids.forEach(id -> fleet.answers(id, Outcome.SUCCESS));
    for (int round = 0; round < 3; round++) {
      fleet.pass(EjectionOptions.DEFAULT_MAX_EJECTION_TIME);
      fleet.calls(300);
    }
    fleet
        .selector
        .describe("greeter")
        .nodes()
        .forEach(node -> assertEquals(Health.HEALTHY, node.health(), node::toString));
    assertTrue(!fleet.selector.describe("greeter").isPanic());
  }
}
