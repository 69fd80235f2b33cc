// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Pick;
import dev.vertxmicro.selector.SelectOption;
import dev.vertxmicro.selector.Selector;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Picks as the strategies of ipfs-cluster's own client do ({@code api/rest/client/lbclient.go}):
 * failover takes peer {@code attempt mod n}, round robin counts all attempts of all calls in 32
 * bits, adds first, and takes peer {@code count mod n}, so that the first of all goes to the second
 * peer. Both know nothing of peers that are down.
 */
final class FaithfulSelector implements Selector {

  private final List<Node> peers;
  private final Balancing balancing;
  private final AtomicInteger turn;
  private final AtomicLong open = new AtomicLong();

  /**
   * Makes a selector.
   *
   * @param firstTurn how many attempts round robin counts as made
   */
  FaithfulSelector(List<Node> peers, Balancing balancing, int firstTurn) {
    this.peers = List.copyOf(peers);
    this.balancing = balancing;
    this.turn = new AtomicInteger(firstTurn);
  }

  /** Returns the place of the peer that an attempt goes to, and counts it. */
  int take(int attempt) {
    int count =
        switch (balancing) {
          case FAILOVER -> attempt;
          case ROUND_ROBIN -> turn.incrementAndGet();
        };
    return Integer.remainderUnsigned(count, peers.size());
  }

  @Override
  public Future<Next> select(String service, SelectOption... options) {
    return Future.succeededFuture(new Choice());
  }

  @Override
  public void reset(String service) {}

  @Override
  public long openPicks() {
    return open.get();
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }

  @Override
  public String toString() {
    return "FaithfulSelector[" + balancing + ", " + peers + "]";
  }

  /** The picks of one call. */
  private final class Choice implements Next {
    private int attempts;

    @Override
    public Pick next() {
      open.incrementAndGet();
      return new Lease(peers.get(take(attempts++)));
    }

    @Override
    public int size() {
      return peers.size();
    }
  }

  /** One pick. */
  private final class Lease implements Pick {
    private final Node node;
    private boolean done;

    Lease(Node node) {
      this.node = node;
    }

    @Override
    public Node node() {
      return node;
    }

    @Override
    public void done(Outcome outcome) {
      if (done) {
        throw new IllegalStateException("pick of " + node.id() + ": done twice");
      }
      done = true;
      open.decrementAndGet();
    }
  }
}
