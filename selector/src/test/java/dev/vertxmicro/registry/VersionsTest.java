// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.RegistryEvent.Action;
import java.util.List;
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
}
