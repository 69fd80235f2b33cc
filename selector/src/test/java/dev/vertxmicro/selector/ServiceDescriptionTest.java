// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServiceDescriptionTest {

  private final Fleet fleet = Fleet.of(3);

  private NodeDescription node(String id) {
    return fleet.selector.describe("greeter").nodes().stream()
        .filter(node -> node.id().equals(id))
        .findAny()
        .orElseThrow();
  }

  @Test
  void serviceThatNobodyAskedForHasNoNodes() {
    ServiceDescription nothing = fleet.selector.describe("greeter");

    assertEquals("greeter", nothing.service());
    assertEquals(List.of(), nothing.nodes());
    assertEquals("service greeter: 0 of 0 nodes healthy", nothing.toString());
    assertEquals(0, fleet.registry.lookUps());
  }

  @Test
  void tellsWhatIsKnownOfEachNode() {
    fleet.registry.answer(
        Service.builder("greeter")
            .version("2")
            .node(Node.builder("n0", "127.0.0.1:9000").metadata(Node.WEIGHT, "2.5").build())
            .node(Node.of("n1", "127.0.0.1:9001"))
            .build());
    fleet.calls(9);
    fleet.answers("n0", Fleet.LOST);
    fleet.callsTo("n0", 1);
    Pick open = fleet.picksOf("n0", 1).get(0);

    NodeDescription node = node("n0");

    assertEquals("127.0.0.1:9000", node.address());
    assertEquals("2", node.version());
    assertEquals(2.5, node.weight());
    assertEquals(2.5, node.weightInEffect());
    assertEquals(Health.HEALTHY, node.health());
    assertNull(node.cause());
    assertEquals("", node.failure());
    assertEquals(Duration.ZERO, node.probeIn());
    assertEquals(1, node.failuresInARow());
    assertEquals((node.attempts() - 1.0) / node.attempts(), node.successRate());
    assertEquals(1, node.inFlight());
    open.done(Outcome.SUCCESS);
    assertEquals(0, node("n0").inFlight());
    assertEquals(0, node("n0").failuresInARow());
  }

  @Test
  void tellsWhyANodeIsEjectedAndWhenItIsProbed() {
    fleet.answers("n1", Fleet.REFUSED);
    fleet.callsTo("n1", 2);
    fleet.pass(Duration.ofSeconds(1));

    NodeDescription node = node("n1");

    assertEquals(Health.EJECTED, node.health());
    assertEquals(EjectionCause.CONNECTION_FAILURES, node.cause());
    assertEquals("UNAVAILABLE: as told", node.failure());
    assertEquals(fleet.lastTime.minusSeconds(1), node.probeIn());
    assertFalse(node.isProbing());
    assertEquals(0, node.probes());

    fleet.pass(Duration.ofSeconds(4));
    assertEquals(Duration.ZERO, node("n1").probeIn());
    Pick probe = fleet.pick();
    assertTrue(node("n1").isProbing());
    assertEquals(1, node("n1").probes());
    probe.done(Outcome.SUCCESS);
    assertEquals(Health.HEALTHY, node("n1").health());
    assertEquals(1, node("n1").probes());
  }

  @Test
  void longFailuresAreCutShort() {
    Outcome verbose =
        Outcome.failed(RpcException.client(GrpcStatus.UNAVAILABLE, "x".repeat(10_000)).build());
    fleet.answers("n1", verbose);
    fleet.callsTo("n1", 2);

    assertEquals(203, node("n1").failure().length());
  }

  @Test
  void printsATable() {
    fleet.calls(30);
    fleet.answers("n1", Fleet.REFUSED);
    fleet.callsTo("n1", 2);
    fleet.pass(Duration.ofMillis(fleet.lastTime.toMillis() - 1_500));

    assertEquals(
        String.join(
            "\n",
            "service greeter: 2 of 3 nodes healthy",
            "id  address         version  zone  tier  subset  share  weight  in effect  in flight "
                + " load  succeeded      failed in a row  probes  health",
            "n0  127.0.0.1:9000  latest   -     0     in      1      1       1          0         "
                + " 0     100.0 % of 11  0                0       HEALTHY",
            "n1  127.0.0.1:9001  latest   -     0     in      1      1       1          0         "
                + " 0     83.3 % of 12   2                0       EJECTED: CONNECTION_FAILURES,"
                + " UNAVAILABLE: as told, probe in 1.5 s",
            "n2  127.0.0.1:9002  latest   -     0     in      1      1       1          0         "
                + " 0     100.0 % of 11  0                0       HEALTHY"),
        fleet.selector.describe("greeter").toString());
  }

  @Test
  void tellsZoneTierSubsetAndShare() {
    Cluster cluster =
        new Cluster(
                Strategy.random(),
                new SelectorOptions()
                    .setZone("east")
                    .setPreferred(List.of("tier=gold", "tier=silver"))
                    .setSubsetting(true)
                    .setSubsetSize(3))
            .with("east", 2, "zone", "east", Node.WEIGHT, "4")
            .with("silver", 2, "zone", "west", "tier", "silver")
            .with("gold", 5, "tier", "gold");
    cluster.call();
    cluster.with("new", 1, "zone", "east").call();
    cluster.pass(Duration.ofSeconds(4));
    List<NodeDescription> nodes = cluster.selector().describe("greeter").nodes();

    assertEquals(
        List.of("east", "east", "west", "west", "", "", "", "", "", "east"),
        nodes.stream().map(NodeDescription::zone).toList());
    assertEquals(
        List.of(2, 2, 1, 1, 0, 0, 0, 0, 0, 2), nodes.stream().map(NodeDescription::tier).toList());
    assertEquals(3, nodes.subList(4, 9).stream().filter(NodeDescription::isInSubset).count());
    for (NodeDescription node : nodes) {
      double share = !node.isInSubset() ? 0 : node.id().equals("new0") ? 0.4 : 1;
      assertEquals(share, node.share(), 1e-9, node.id());
      assertEquals(node.weight() * share, node.weightInEffect(), 1e-9, node.id());
    }
  }

  @Test
  void saysWhetherItIsPanic() {
    fleet.answers("n0", Fleet.LOST);
    fleet.answers("n1", Fleet.LOST);
    fleet.calls(30);

    ServiceDescription panic = fleet.selector.describe("greeter");

    assertTrue(panic.isPanic());
    assertTrue(
        panic.toString().startsWith("service greeter: 1 of 3 nodes healthy, panic: "),
        panic::toString);
  }

  @Test
  void describingChangesNothing() {
    fleet.eject("n1");
    fleet.pass(EjectionOptions.DEFAULT_BASE_EJECTION_TIME);
    int lookUps = fleet.registry.lookUps();
    String before = fleet.selector.describe("greeter").toString();

    assertEquals(before, fleet.selector.describe("greeter").toString());
    assertEquals(lookUps, fleet.registry.lookUps());
  }
}
