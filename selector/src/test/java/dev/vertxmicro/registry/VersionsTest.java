// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.time.FakeTimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class VersionsTest {

  private static final Node A = Node.of("a", "127.0.0.1:1");
  private static final Node B = Node.of("b", "127.0.0.1:2");
  private static final Node C = Node.of("c", "127.0.0.1:3");

  private static Service greeter(String version, Node... nodes) {
    return Service.builder("greeter").version(version).build().withNodes(List.of(nodes));
  }

  private static List<Service> after(Action action, Service changed, Service... before) {
    return Versions.apply(List.of(before), new RegistryEvent(action, changed));
  }

  @Test
  void createAndUpdateAddAndReplaceNodesInPlace() {
    Node moved = Node.of("a", "127.0.0.1:9");

    for (Action action : List.of(Action.CREATE, Action.UPDATE)) {
      assertEquals(
          List.of(greeter("1", moved, B, C), greeter("2", A)),
          after(action, greeter("1", moved, C), greeter("1", A, B), greeter("2", A)));
    }
  }

  @Test
  void createAddsAVersion() {
    assertEquals(
        List.of(greeter("1", A), greeter("2", B)),
        after(Action.CREATE, greeter("2", B), greeter("1", A)));
    assertEquals(List.of(), after(Action.CREATE, greeter("2")));
  }

  @Test
  void updateBringsNewMetadataAndEndpoints() {
    Service head = Service.builder("greeter").version("1").endpoint("Greeter.Hello").build();

    assertEquals(List.of(head.withNodes(List.of(A))), after(Action.UPDATE, head, greeter("1", A)));
  }

  @Test
  void deleteTakesItsNodesAway() {
    assertEquals(
        List.of(greeter("1", B)), after(Action.DELETE, greeter("1", A, C), greeter("1", A, B)));
  }

  @Test
  void deleteOfTheLastNodeOrOfNoneTakesTheVersionAway() {
    assertEquals(
        List.of(greeter("2", B)),
        after(Action.DELETE, greeter("1", A), greeter("1", A), greeter("2", B)));
    assertEquals(
        List.of(greeter("2", B)),
        after(Action.DELETE, greeter("1"), greeter("1", A), greeter("2", B)));
    assertEquals(List.of(), after(Action.DELETE, greeter("1", A)));
  }

  @Test
  void orderMakesNoDifference() {
    assertTrue(
        Versions.same(
            List.of(greeter("1", A, B), greeter("2", C)),
            List.of(greeter("2", C), greeter("1", B, A))));
  }

  @Test
  void everyPartMakesADifference() {
    List<Service> base = List.of(greeter("1", A, B));
    Service one = base.get(0);

    for (List<Service> other :
        List.of(
            List.<Service>of(),
            List.of(greeter("2", A, B)),
            List.of(greeter("1", A)),
            List.of(greeter("1", A, C)),
            List.of(greeter("1", A, Node.of("b", "127.0.0.1:9"))),
            List.of(greeter("1", A, B), greeter("2", C)),
            List.of(one.toBuilder().metadata("team", "a").build()),
            List.of(one.toBuilder().endpoint("Greeter.Hello").build()))) {
      assertFalse(Versions.same(base, other), other.toString());
      assertFalse(Versions.same(other, base), other.toString());
    }
  }

  // Merging and comparing

  private final RecordedLog log = new RecordedLog();
  private final Complaints complaints = new Complaints(log, new FakeTimeSource());

  @Test
  void entriesAreMergedByVersionUnderTheFirstHead() {
    Service first = Service.builder("greeter").version("1").endpoint("G.H").node(A).build();
    Service second = Service.builder("greeter").version("1").metadata("k", "v").node(C).build();

    assertEquals(
        List.of(first.withNodes(List.of(A, C)), greeter("2", B)),
        Versions.merge(List.of(first, greeter("2", B), second), "etcd greeter", complaints));
    assertEquals(List.of(), log.warnings());
  }

  @Test
  void nodeThatComesTwiceIsUsedOnceWithAComplaint() {
    List<Service> entries = List.of(greeter("1", A), greeter("2", Node.of("a", "127.0.0.1:9")));

    assertEquals(
        List.of(greeter("1", A), greeter("2")),
        Versions.merge(entries, "etcd greeter", complaints));
    Versions.merge(entries, "etcd greeter", complaints);

    assertEquals(
        List.of(
            "etcd greeter: node a comes twice, at 127.0.0.1:1, which is used, and at"
                + " 127.0.0.1:9"),
        log.warnings());
  }

  @Test
  void differenceIsDeletesThenUpdatesThenCreates() {
    Node moved = Node.of("a", "127.0.0.1:9");

    assertEquals(
        List.of(
            new RegistryEvent(Action.DELETE, greeter("1", B)),
            new RegistryEvent(Action.DELETE, greeter("3", C)),
            new RegistryEvent(Action.UPDATE, greeter("1", moved)),
            new RegistryEvent(Action.CREATE, greeter("2", B, C))),
        Versions.diff(
            List.of(greeter("1", A, B), greeter("3", C)),
            List.of(greeter("2", B, C), greeter("1", moved))));
  }

  @Test
  void changedHeadIsAnUpdateOfAllNodes() {
    Service after = Service.builder("greeter").version("1").endpoint("G.H").node(A).node(B).build();

    assertEquals(
        List.of(new RegistryEvent(Action.UPDATE, after)),
        Versions.diff(List.of(greeter("1", A, B)), List.of(after)));
  }

  @Test
  void nothingOrAnotherOrderIsNoDifference() {
    assertEquals(
        List.of(),
        Versions.diff(
            List.of(greeter("1", A, B), greeter("2", C)),
            List.of(greeter("2", C), greeter("1", B, A))));
    assertEquals(List.of(), Versions.diff(List.of(greeter("1")), List.of()));
  }

  @Test
  void differenceAppliedToTheOneStateIsTheOther() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 2_000; round++) {
      List<Service> before = randomState(random);
      List<Service> after = randomState(random);
      List<Service> applied = before;
      for (RegistryEvent event : Versions.diff(before, after)) {
        applied = Versions.apply(applied, event);
      }
      assertTrue(Versions.same(after, applied), after + " but " + applied);
    }
  }

  private static List<Service> randomState(SplittableRandom random) {
    Map<String, List<Node>> nodes = new TreeMap<>();
    for (String id : List.of("a", "b", "c", "d")) {
      if (random.nextInt(3) > 0) {
        nodes
            .computeIfAbsent("" + random.nextInt(3), version -> new ArrayList<>())
            .add(Node.of(id, "127.0.0.1:" + (1 + random.nextInt(2))));
      }
    }
    List<Service> state = new ArrayList<>();
    nodes.forEach(
        (version, list) ->
            state.add(
                Service.builder("greeter")
                    .version(version)
                    .metadata("k", "" + random.nextInt(2))
                    .build()
                    .withNodes(list)));
    return state;
  }
}
