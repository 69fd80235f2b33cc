// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubsetTest {

  private static List<Candidate> nodes(int from, int to) {
    List<Node> nodes = new ArrayList<>();
    for (int i = from; i < to; i++) {
      nodes.add(Node.of("n" + i, "127.0.0.1:" + (9_000 + i)));
    }
    return Candidates.of(Strategy.random(), nodes);
  }

  private static Set<String> ids(List<Candidate> nodes) {
    return nodes.stream().map(Candidate::id).collect(Collectors.toSet());
  }

  @ParameterizedTest
  @CsvSource({"0, 12", "1, 12", "144, 12", "145, 13", "1000, 32", "10000, 100", "10001, 101"})
  void sizeIsTheSquareRootButAtLeastTwelve(int nodes, int size) {
    assertEquals(size, Subset.sizeFor(nodes));
  }

  @ParameterizedTest
  @CsvSource({
    // clients, nodes, size
    "1, 100, 12", "2, 100, 12", "3, 100, 12", "7, 100, 12", "10, 100, 12", "64, 100, 12",
    "100, 100, 12", "101, 100, 12", "997, 100, 12", "10, 13, 12", "13, 10, 9", "5, 1000, 32",
    "1000, 1000, 32", "50, 1009, 32", "3, 2, 1", "1, 2, 1"
  })
  void slicesCoverAllNodesExactlyEvenly(int clients, int nodes, int size) {
    double[] load = new double[nodes];
    int mostConnections = 0;
    for (int client = 0; client < clients; client++) {
      Aperture aperture = new Aperture(client, clients);
      double width = 0;
      int connections = 0;
      for (int node = 0; node < nodes; node++) {
        double share = aperture.share(node, nodes, size);
        assertTrue(share >= 0 && share <= 1, "share " + share);
        width += share;
        connections += share > 0 ? 1 : 0;
      }
      assertTrue(width > size - 1e-6, "client " + client + " has " + width + " of " + size);
      for (int node = 0; node < nodes; node++) {
        load[node] += aperture.share(node, nodes, size) / width;
      }
      mostConnections = Math.max(mostConnections, connections);
    }

    for (double each : load) {
      assertEquals((double) clients / nodes, each, 1e-9);
    }
    double width = Math.min(1, Math.ceil((double) size * clients / nodes) / clients) * nodes;
    assertTrue(
        mostConnections <= Math.min(nodes, Math.ceil(width) + 1), mostConnections + " of " + width);
  }

  @Test
  void apertureIsTheSameWhateverTheOrderOfTheNodes() {
    List<Candidate> nodes = nodes(0, 100);
    List<Candidate> shuffled = new ArrayList<>(nodes);
    SplittableRandom random = new SplittableRandom(8);
    for (int i = shuffled.size() - 1; i > 0; i--) {
      Collections.swap(shuffled, i, random.nextInt(i + 1));
    }
    Aperture aperture = new Aperture(3, 17);

    assertEquals(shares(aperture.of(nodes, 12)), shares(aperture.of(shuffled, 12)));
  }

  private static Map<String, Double> shares(List<Candidate> nodes) {
    return nodes.stream().collect(Collectors.toMap(Candidate::id, Candidate::share));
  }

  @Test
  void aperturesOfAllClientsGiveEachNodeTheSame() {
    List<Candidate> nodes = nodes(0, 200);
    Map<String, Double> load = new TreeMap<>();
    Map<String, Integer> connections = new TreeMap<>();
    for (int client = 0; client < 30; client++) {
      List<Candidate> subset = new Aperture(client, 30).of(nodes, 15);
      double width = subset.stream().mapToDouble(Candidate::share).sum();
      assertTrue(subset.size() >= 15 && subset.size() <= 22, "subset of " + subset.size());
      for (Candidate node : subset) {
        load.merge(node.id(), node.share() / width, Double::sum);
        connections.merge(node.id(), 1, Integer::sum);
      }
    }

    assertEquals(200, load.size());
    load.forEach((id, each) -> assertEquals(30.0 / 200, each, 1e-9, id));
    connections.forEach((id, each) -> assertTrue(each >= 3 && each <= 4, id + ": " + each));
  }

  @Test
  void subsetsKeepTheOrderOfTheNodes() {
    List<Candidate> nodes = nodes(0, 100);
    for (Subset subset : List.of(new Aperture(5, 9), new Rendezvous(4))) {
      List<Integer> places =
          subset.of(nodes, 12).stream()
              .map(node -> Integer.parseInt(node.id().substring(1)))
              .toList();

      assertEquals(places.stream().sorted().toList(), places);
    }
  }

  @Test
  void subsetOfNoMoreThanWantedIsAll() {
    List<Candidate> nodes = nodes(0, 12);

    assertSame(nodes, new Aperture(5, 9).of(nodes, 12));
    assertSame(nodes, new Rendezvous(5).of(nodes, 12));
    assertEquals(List.of(), new Rendezvous(5).of(List.of(), 12));
    assertEquals(List.of(), new Aperture(5, 9).of(List.of(), 12));
  }

  @Test
  void rendezvousChangesAtMostOneNodeForOneThatComesOrGoes() {
    for (int seed = 0; seed < 20; seed++) {
      Rendezvous subset = new Rendezvous(seed);
      Set<String> before = ids(subset.of(nodes(0, 100), 12));
      assertEquals(12, before.size());

      Set<String> without = ids(subset.of(nodes(1, 100), 12));
      Set<String> with = ids(subset.of(nodes(0, 101), 12));

      assertEquals(before.contains("n0") ? 11 : 12, common(before, without));
      assertEquals(with.contains("n100") ? 11 : 12, common(before, with));
    }
  }

  private static int common(Set<String> one, Set<String> other) {
    Set<String> both = new HashSet<>(one);
    both.retainAll(other);
    return both.size();
  }

  @Test
  void rendezvousSpreadsClientsOverTheNodes() {
    List<Candidate> nodes = nodes(0, 100);
    Map<String, Integer> connections = new TreeMap<>();
    SplittableRandom seeds = new SplittableRandom(9);
    for (int client = 0; client < 1_000; client++) {
      List<Candidate> subset = new Rendezvous(seeds.nextLong()).of(nodes, 12);
      assertEquals(12, subset.size());
      subset.forEach(
          node -> {
            assertEquals(1, node.share());
            connections.merge(node.id(), 1, Integer::sum);
          });
    }

    // Binomial: 120 give or take 10.3.
    double chiSquare =
        connections.values().stream()
            .mapToDouble(each -> (each - 120.0) * (each - 120) / (120 * 0.88))
            .sum();
    assertEquals(100, connections.size());
    assertTrue(chiSquare < 149, "chi-square " + chiSquare + " with 99 degrees of freedom");
  }

  @Test
  void rendezvousGoesByTheSeed() {
    List<Candidate> nodes = nodes(0, 100);

    assertEquals(ids(new Rendezvous(1).of(nodes, 12)), ids(new Rendezvous(1).of(nodes, 12)));
    assertNotEquals(ids(new Rendezvous(1).of(nodes, 12)), ids(new Rendezvous(2).of(nodes, 12)));
  }
}
