// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.registry.Node;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShardStrategyTest extends KeyedStrategyContract {

  @Override
  protected Strategy strategy() {
    return Strategy.shard();
  }

  @Override
  protected double mostOverMean() {
    return 1.25;
  }

  @Override
  protected int keys() {
    return 3_000;
  }

  /** The nodes that the vectors were computed for. */
  private static List<Node> goNodes() {
    List<Node> nodes = nodes(12);
    String uuid = "7f1d0ae2-6f0a-4a7e-9d3c-0c2b6a5f4e11";
    for (String id :
        List.of(uuid, "go.micro.server.greeter-" + uuid, "n\u00f6del-\u4e16\u754c", "x")) {
      nodes.add(Node.of(id, "127.0.0.1:1"));
    }
    return nodes;
  }

  @Test
  void orderOfNodesIsThatOfGoMicro() {
    List<Node> nodes = goNodes();
    Picker picker = picker(nodes);
    List<String> vectors = Lines.of("shards.csv").toList();
    for (String vector : vectors) {
      String[] fields = vector.split(",", -1);
      String key = new String(HexFormat.of().parseHex(fields[0]), StandardCharsets.UTF_8);
      Set<String> tried = new HashSet<>();
      for (int i = 1; i < fields.length; i++) {
        String expected = nodes.get(Integer.parseInt(fields[i])).id();
        assertEquals(expected, picker.pick(Candidates.request(key, tried, 0), 0).id(), key);
        tried.add(expected);
      }
      assertEquals(nodes.size(), tried.size());
    }
    assertEquals(40, vectors.size());
  }

  @Test
  void weightsMoveNoKey() {
    List<Node> nodes = new ArrayList<>(nodes(20));
    List<String> before = owners(picker(nodes), 1_000);
    nodes.set(3, weighing("greeter-3", 0.1));

    assertEquals(before, owners(picker(nodes), 1_000));
  }
}
