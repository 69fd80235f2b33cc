// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;

/**
 * One node as a {@link Strategy} sees it. Health and load change while picks go on; each read gives
 * what holds now. Weight and share stay: when they change, the {@link Balancer} is asked for a new
 * {@link Picker} with other candidates.
 */
public final class Candidate {

  private final Service service;
  private final Node node;
  private final NodeState state;
  private final double share;
  private final boolean isOverlooked;

  Candidate(Service service, Node node, NodeState state) {
    this(service, node, state, 1, false);
  }

  private Candidate(
      Service service, Node node, NodeState state, double share, boolean isOverlooked) {
    this.service = service;
    this.node = node;
    this.state = state;
    this.share = share;
    this.isOverlooked = isOverlooked;
  }

  /** Returns this node with {@code part} of its share, above 0 and at most 1. */
  Candidate withPartOfShare(double part) {
    return part == 1 ? this : new Candidate(service, node, state, share * part, isOverlooked);
  }

  /** Returns this node for a panic: whatever its health, it counts as healthy. */
  Candidate overlooked() {
    return new Candidate(service, node, state, share, true);
  }

  /** Returns the id of the node: unique in the service, the same after a change of the node. */
  public String id() {
    return node.id();
  }

  /**
   * Returns how much work the node should get in relation to others: above 0, 1 by default. What
   * its metadata says times its {@link #share()}.
   */
  public double weight() {
    return node.weight() * share;
  }

  /**
   * Returns the part of its usual work that the node should get now: 1, or less, but above 0, while
   * it starts slowly, or if it is shared with other clients at the edge of the subset. A strategy
   * that goes by {@link #weight()} has it in there; one that does not should pass the node over in
   * the other part of its turns.
   */
  public double share() {
    return share;
  }

  /**
   * Returns whether the node should be picked. In panic, when too many nodes are ejected, all count
   * as healthy.
   */
  public Health health() {
    return isOverlooked ? Health.HEALTHY : state.health();
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
