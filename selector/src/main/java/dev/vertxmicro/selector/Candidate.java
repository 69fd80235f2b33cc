// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;

/**
 * One node as a {@link Strategy} sees it. Weight, health and load change while picks go on; each
 * read gives what holds now.
 */
public final class Candidate {

  private final Service service;
  private final Node node;
  private final NodeState state;

  Candidate(Service service, Node node, NodeState state) {
    this.service = service;
    this.node = node;
    this.state = state;
  }

  /** Returns the id of the node: unique in the service, the same after a change of the node. */
  public String id() {
    return node.id();
  }

  /**
   * Returns how much work the node should get in relation to others: above 0, 1 by default. May
   * change over time; a {@link Balancer} that prepares tables from it is asked for a new {@link
   * Picker} when they are out of date.
   */
  public double weight() {
    return node.weight();
  }

  /** Returns whether the node should be picked. */
  public Health health() {
    return state.health();
  }

  /** Returns how many attempts are open on the node now, of this process. */
  public int inFlight() {
    return state.inFlight();
  }

  /**
   * Returns what one more attempt would cost by the {@link Load} of the strategy, at least 0.
   *
   * @param now the instant that the {@link Picker} was given
   */
  public double load(long now) {
    return state.load(now);
  }

  Service service() {
    return service;
  }

  Node node() {
    return node;
  }

  NodeState state() {
    return state;
  }

  @Override
  public String toString() {
    return "Candidate[" + node.id() + ", weight=" + weight() + ", " + health() + "]";
  }
}
