// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every strategy must do that sends equal keys to the same node. */
abstract class KeyedStrategyContract extends StrategyContract {

  /** Returns how much more than its share of many keys a node may get, of 100 nodes. */
  protected abstract double mostOverMean();

  /** Returns which part of all keys may move beside those of a node that leaves. */
  protected double mostMovedBeside() {
    return 0;
  }

  /** Returns how many keys to ask for. */
  protected int keys() {
    return 20_000;
  }

  protected final Picker picker(List<Node> nodes) {
    return strategy().newBalancer(new SplittableRandom(4)).picker(Candidates.of(strategy(), nodes));
  }

  protected static List<Node> nodes(int count) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nodes.add(Node.of("greeter-" + i, "127.0.0.1:" + (9000 + i)));
    }
    return nodes;
  }

  protected static Node weighing(String id, double weight) {
    return Node.builder(id, "127.0.0.1:1").metadata(Node.WEIGHT, "" + weight).build();
  }

  protected static String owner(Picker picker, String key) {
    return picker.pick(Candidates.keyed(key), 0).id();
  }

  protected static List<String> owners(Picker picker, int keys) {
    List<String> owners = new ArrayList<>();
    for (int key = 0; key < keys; key++) {
      owners.add(owner(picker, "user-" + key));
    }
    return owners;
  }

  protected static Map<String, Integer> counts(List<String> owners) {
    Map<String, Integer> counts = new TreeMap<>();
    owners.forEach(owner -> counts.merge(owner, 1, Integer::sum));
    return counts;
  }

  protected static int moved(List<String> before, List<String> after) {
    int moved = 0;
    for (int i = 0; i < before.size(); i++) {
      moved += before.get(i).equals(after.get(i)) ? 0 : 1;
    }
    return moved;
  }

  @Test
  void ownersDependOnTheIdsOnly() {
    List<Node> nodes = nodes(50);
    List<String> owners = owners(picker(nodes), 2_000);
    List<Node> elsewhere = new ArrayList<>();
    nodes.forEach(node -> elsewhere.add(Node.of(node.id(), "127.0.0.2:1")));
    Collections.shuffle(elsewhere, new Random(7));

    assertEquals(owners, owners(picker(elsewhere), 2_000));
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 1_000})
  void nodeThatLeavesMovesHardlyMoreThanItsOwnKeys(int count) {
    List<Node> nodes = nodes(count);
    List<String> before = owners(picker(nodes), keys());
    for (int i = 0; i < 5; i++) {
      String gone = nodes.get(i * 3).id();
      List<Node> left = nodes.stream().filter(node -> !node.id().equals(gone)).toList();
      List<String> after = owners(picker(left), keys());

      int least = counts(before).getOrDefault(gone, 0);
      int most = least + (int) (mostMovedBeside() * keys());
      int moved = moved(before, after);
      assertTrue(least <= moved && moved <= most, moved + " moved, " + least + " to " + most);
    }
  }

  @Test
  void keysAreSpreadOverAllNodes() {
    Map<String, Integer> counts = counts(owners(picker(nodes(100)), 10 * keys()));

    int most = Collections.max(counts.values());
    assertEquals(100, counts.size());
    assertTrue(most <= mostOverMean() * keys() / 10, counts.toString());
  }

  @Test
  void retriesGoOnInTheOrderOfTheKey() {
    Picker picker = picker(nodes(8));
    Set<List<String>> orders = new HashSet<>();
    for (int key = 0; key < 200; key++) {
      Set<String> tried = new HashSet<>();
      List<String> order = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String id = picker.pick(Candidates.request("k" + key, tried, 0), 0).id();
        assertTrue(tried.add(id), "tried twice: " + id);
        order.add(id);
      }
      assertNull(picker.pick(Candidates.request("k" + key, tried, 0), 0));
      assertEquals(order.get(1), pickWithout(picker, "k" + key, order.get(0)));
      orders.add(order);
    }
    assertTrue(orders.size() > 50, "orders: " + orders.size());
  }

  private static String pickWithout(Picker picker, String key, String tried) {
    return picker.pick(Candidates.request(key, Set.of(tried), 0), 0).id();
  }

  @Test
  void callsWithoutAKeyAreSpreadEvenly() {
    Picker picker = picker(nodes(20));
    List<String> picked = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      picked.add(picker.pick(Candidates.FRESH, 0).id());
    }

    ChiSquare.assertEven(counts(picked), 20);
  }

  @Test
  void manyNodesFitInMemoryAndAreAllReached() {
    List<Node> nodes = nodes(100_000);
    Picker picker = picker(nodes);
    Set<String> tried = new HashSet<>();
    nodes.subList(0, 99_999).forEach(node -> tried.add(node.id()));

    assertEquals("greeter-99999", picker.pick(Candidates.request("user-1", tried, 0), 0).id());
  }

  @Test
  void keysBeyondAsciiAreKeptApart() {
    Picker picker = picker(nodes(100));

    assertEquals(owner(picker, "\u4e16\u754c"), owner(picker, "\u4e16\u754c"));
    Set<String> owners = new HashSet<>();
    for (char c = '\u4e00'; c < '\u4e80'; c++) {
      owners.add(owner(picker, "" + c));
    }
    assertTrue(owners.size() > 50, "owners: " + owners.size());
  }
}
