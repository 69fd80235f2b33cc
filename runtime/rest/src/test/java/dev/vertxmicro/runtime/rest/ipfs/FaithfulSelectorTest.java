// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Pick;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FaithfulSelectorTest {

  private static FaithfulSelector selector(int peers, Balancing balancing, int firstTurn) {
    List<Node> nodes =
        IntStream.range(0, peers).mapToObj(i -> Node.of("" + i, "h:" + (i + 1))).toList();
    return new FaithfulSelector(nodes, balancing, firstTurn);
  }

  private static List<String> picks(Next next, int count) {
    List<String> picks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Pick pick = next.next();
      picks.add(pick.node().id());
      pick.done(Outcome.SUCCESS);
    }
    return picks;
  }

  @Test
  void failoverBeginsWithTheFirstPeerEachTimeAndWraps() {
    FaithfulSelector selector = selector(3, Balancing.FAILOVER, 0);

    assertEquals(List.of("0", "1", "2", "0", "1"), picks(selector.select("s").result(), 5));
    assertEquals(List.of("0"), picks(selector.select("s").result(), 1));
  }

  @Test
  void roundRobinBeginsWithTheSecondPeer() {
    FaithfulSelector selector = selector(5, Balancing.ROUND_ROBIN, 0);
    List<String> each = new ArrayList<>();
    for (int call = 0; call < 7; call++) {
      each.addAll(picks(selector.select("s").result(), 1));
    }

    assertEquals(List.of("1", "2", "3", "4", "0", "1", "2"), each);
  }

  @Test
  void aRetryTakesTheNextTurnOfAll() {
    FaithfulSelector selector = selector(5, Balancing.ROUND_ROBIN, 0);
    Next first = selector.select("s").result();
    Next second = selector.select("s").result();

    assertEquals(List.of("1"), picks(first, 1));
    assertEquals(List.of("2"), picks(second, 1));
    assertEquals(List.of("3", "4"), picks(first, 2));
  }

  @Test
  void theCounterWrapsAtThirtyTwoBits() {
    FaithfulSelector selector = selector(5, Balancing.ROUND_ROBIN, -3);

    // 4294967294 mod 5 = 4, 4294967295 mod 5 = 0, then 0 and 1.
    assertEquals(List.of("4", "0", "0", "1"), picks(selector.select("s").result(), 4));
  }

  @Test
  void countsPicksThatAreOpen() {
    FaithfulSelector selector = selector(2, Balancing.FAILOVER, 0);
    Pick pick = selector.select("s").result().next();

    assertEquals(1, selector.openPicks());
    pick.done(Outcome.CANCELLED);
    assertEquals(0, selector.openPicks());
    assertThrows(IllegalStateException.class, () -> pick.done(Outcome.SUCCESS));
  }
}
