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
  private final int group;
  private final boolean isOverlooked;

  Candidate(Service service, Node node, NodeState state) {
    this.service = service;
    this.node = node;
    this.state = state;
    this.share = 1;
    this.group = 0;
    this.isOverlooked = false;
  }

  private Candidate(Candidate other, double share, int group, boolean isOverlooked) {
    this.service = other.service;
    this.node = other.node;
    this.state = other.state;
    this.share = share;
    this.group = group;
    this.isOverlooked = isOverlooked;
  }

  /** Returns this node as one of a group, see {@link Tiering}. */
  Candidate inGroup(int group) {
    return new Candidate(this, share, group, isOverlooked);
  }

  /** Returns this node with {@code part} of its share, above 0 and at most 1. */
  Candidate withPartOfShare(double part) {
    return part == 1 ? this : new Candidate(this, share * part, group, isOverlooked);
  }

  /** Returns this node for a panic: whatever its health, it counts as healthy. */
  Candidate overlooked() {
    return new Candidate(this, share, group, true);
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
   * Returns what one more attempt would cost by the {@link Load} of the strategy, at least 0; in
   * relation to the share, not to the weight.
   *
   * @param now the instant that the {@link Picker} was given
   */
  public double load(long now) {
    return state.load(share, now);
  }

  /** Returns the weight as if the share were 1. */
  double fullWeight() {
    return node.weight();
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

  int group() {
    return group;
  }

  /** Tells whether a picker that was prepared with the other does with this one as well. */
  boolean isLike(Candidate other) {
    return this == other
        || (state == other.state
            && share == other.share
            && group == other.group
            && isOverlooked == other.isOverlooked);
  }

  @Override
  public String toString() {
    return "Candidate[" + node.id() + ", weight=" + weight() + ", " + health() + "]";
  }
}
