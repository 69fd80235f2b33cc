// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.time.Duration;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * How one node is chosen among those that may be picked. A strategy is a description: stateless,
 * immutable, usable for any number of services and selectors, equal to what chooses the same way,
 * with a {@code toString} that can be pasted into a bug report. Implemented by plug-ins.
 *
 * <p>What changes lives in three objects that it makes, each with its own lifetime:
 *
 * <ul>
 *   <li>{@link Load}, one per node id: what picks have taught about the node. Survives every change
 *       of the service while the node stays, and is shared by all calls.
 *   <li>{@link Balancer}, one per service, list of filters, and group of nodes that are preferred
 *       alike: a turn, a schedule. Survives changes of the nodes.
 *   <li>{@link Picker}, one per {@link Balancer} and list of nodes: whatever is worth preparing for
 *       these nodes, such as a hash ring. Replaced when the nodes, their weights or their health
 *       change.
 * </ul>
 *
 * <p>Strategies see weights, health and loads, and of the call its affinity key and what it has
 * tried, nothing else. Versions, labels, protocols, zones, subsets and ejection compose around
 * them: the selector leaves out of the list what must not be picked, and asks several lists in turn
 * where some nodes come before others.
 */
public interface Strategy {

  /**
   * Returns the state for one service, one list of filters, and one group of nodes.
   *
   * @param random the only source of randomness to use; safe for use from several threads
   */
  Balancer newBalancer(RandomGenerator random);

  /** Returns what will measure one node; measures nothing by default. */
  default Load newLoad() {
    return Load.none();
  }

  /**
   * Picks each node equally often, whatever its weight, without regard to earlier picks; one that
   * starts slowly less often. Cost O(1).
   */
  static Strategy random() {
    return RandomStrategy.INSTANCE;
  }

  /**
   * Picks the nodes in turn, across all calls with the same filters, whatever their weight; one
   * that starts slowly passes over most of its turns. Cost O(1).
   */
  static Strategy roundRobin() {
    return RoundRobinStrategy.INSTANCE;
  }

  /**
   * The default: picks the better of two nodes drawn at random, by latency and by how much is in
   * flight (peak EWMA), in relation to the weight. What was learned fades over 10 s; a failure
   * counts as 4 times the latency before, so that failures in a row soon count as 5 s, the most.
   * Cost O(1).
   */
  static Strategy powerOfTwo() {
    return PowerOfTwoStrategy.DEFAULT;
  }

  /**
   * Picks as {@link #powerOfTwo()} does.
   *
   * @param decay how fast what was learned fades: the share of an old latency falls to 37 % in that
   *     time; 1 ms to 1 h
   * @param failurePenalty the most that a failure counts as if it took less; 0 to 1 h, and 0 means
   *     the time that it took
   * @throws IllegalArgumentException if one is out of its range
   */
  static Strategy powerOfTwo(Duration decay, Duration failurePenalty) {
    return new PowerOfTwoStrategy(decay, failurePenalty);
  }

  /**
   * Picks the nodes in turn, across all calls with the same filters, each as often as its weight
   * says and evenly spaced. Weights above 100 times the mean, which are possible with more than 100
   * nodes, count as that. Cost O(max weight / mean weight) on average.
   */
  static Strategy weightedRoundRobin() {
    return WeightedRoundRobinStrategy.INSTANCE;
  }

  /**
   * Picks the node with the fewest attempts in flight in relation to its weight, one at random
   * among equals. Knows the attempts of this process only. Cost O(n): meant for some hundreds of
   * nodes.
   */
  static Strategy leastRequests() {
    return LeastRequestsStrategy.INSTANCE;
  }

  /**
   * Picks the one with fewer attempts in flight, in relation to its weight, of two nodes drawn at
   * random by weight. Cost O(1).
   */
  static Strategy powerOfTwoLeastRequests() {
    return PowerOfTwoLeastRequestsStrategy.INSTANCE;
  }

  /**
   * Sends equal keys to the same node by consistent hashing on a ring of 1,024 to 131,072 points;
   * when a node comes or goes hardly a key moves but its own. Calls without a key go to a node at
   * random, by weight. Keys beyond ASCII cost an allocation. Cost O(1); about 12 bytes a point.
   *
   * @see SelectOption#key
   */
  static Strategy ringHash() {
    return RingHashStrategy.DEFAULT;
  }

  /**
   * Picks as {@link #ringHash()} does.
   *
   * @param minSize the least number of points: 1 to {@code maxSize}
   * @param maxSize the largest number of points, not counting that each node has at least one: 1 to
   *     8,388,608
   * @throws IllegalArgumentException if one is out of its range
   */
  static Strategy ringHash(int minSize, int maxSize) {
    return new RingHashStrategy(minSize, maxSize);
  }

  /**
   * Sends equal keys to the same node by Maglev hashing with a table of 65,537 slots, as long as
   * the node has less than 1.25 times its share of what is in flight; else to another. Shares are
   * more even than those of {@link #ringHash()}; when a node comes or goes a few keys of others
   * move as well. Calls without a key go to a node at random, by weight. Keys beyond ASCII cost an
   * allocation. Cost O(1).
   *
   * @see SelectOption#key
   */
  static Strategy maglev() {
    return MaglevStrategy.DEFAULT;
  }

  /**
   * Picks as {@link #maglev()} does.
   *
   * @param tableSize the number of slots, 4 bytes each: a prime number from 251 to 5,000,011, which
   *     should be at least 10 times the number of nodes
   * @param loadFactor how many times its share of what is in flight a node may have: 1.05 or more;
   *     {@link Double#POSITIVE_INFINITY} for no bound
   * @throws IllegalArgumentException if one is out of its range
   */
  static Strategy maglev(int tableSize, double loadFactor) {
    return new MaglevStrategy(tableSize, loadFactor);
  }

  /**
   * Sends equal keys to the same node, the one that go-micro's selector plugin {@code shard}
   * chooses, weights set aside; several keys of go-micro are one here, joined by colons. When a
   * node comes or goes only its own keys move; one that starts slowly gets them bit by bit. Calls
   * without a key go to a node at random. Keys beyond ASCII cost an allocation. Cost O(n), about
   * 0.1 us for each node: meant for up to some hundreds.
   *
   * @see SelectOption#key
   */
  static Strategy shard() {
    return ShardStrategy.INSTANCE;
  }

  /**
   * Picks the first healthy node in the order of the registry; calls that have tried it get the
   * next one, and so do most calls while it starts slowly. Cost O(1) as long as few have been
   * tried.
   */
  static Strategy first() {
    return FirstStrategy.INSTANCE;
  }

  /**
   * Returns the strategy of that name, with its defaults.
   *
   * @param name one of {@link #names()}
   * @throws IllegalArgumentException if there is none
   */
  static Strategy named(String name) {
    Strategy named = NamedStrategies.ALL.get(name);
    if (named == null) {
      throw new IllegalArgumentException(
          "strategy: " + name + " (expected one of: " + names() + ")");
    }
    return named;
  }

  /**
   * Returns the names that {@link #named} knows: random, round-robin, weighted-round-robin,
   * least-requests, power-of-two, power-of-two-least-requests, ring-hash, maglev, shard and first.
   */
  static Set<String> names() {
    return NamedStrategies.ALL.keySet();
  }
}
