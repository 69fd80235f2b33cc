// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Consistent hashing by a table (Eisenbud et al., "Maglev: a fast and reliable software network
 * load balancer", NSDI 2016) with bounded loads (Mirrokni, Thorup, Zadimoghaddam, arXiv
 * 1608.01350).
 *
 * <p>The table has M slots, M prime. Each node prefers the slots in an order of its own, (offset +
 * j * skip) mod M with offset and skip from the XXH64 of its id. The nodes take turns at claiming
 * the next free slot that they prefer, until none is free; a node of half the mean weight has every
 * second turn, one of twice the mean weight claims two at a time. They take their turns in the
 * order of a hash of their ids, so that the registry's order does not matter. A key belongs to the
 * node of the slot XXH64(key) mod M. When a node leaves, its keys move, and a few others: with
 * 65,537 slots a tenth as many for 20 nodes, 0.6 % of all keys for 1,000 nodes.
 *
 * <p>A node is passed over, and the next slots are probed, while it has at least ceil(c * (total +
 * 1) * w / W) attempts in flight; total is what is in flight on all nodes of the service, w the
 * node's weight, W the sum of all that can be picked. There is always a node below that, and
 * because the table is shuffled, the overflow of a busy node spreads over all others. Threads that
 * pick at the same moment may exceed the bound by one each. Calls that do not overlap always get
 * the node that the key belongs to. If all nodes that were probed are full, the first of them is
 * picked.
 *
 * <p>A call without a key gets a node at random, by weight. A pick costs O(1) on average, preparing
 * O(M log M). Kept are 4 bytes a slot: the table's size is fixed, so that no key moves because the
 * service grows. With M / n slots each, shares deviate by up to n / M: 1 % for 655 nodes and the
 * default of 65,537 slots. Of more than M nodes those left over get calls only without a key, or
 * when others were tried.
 *
 * @param tableSize M
 * @param loadFactor c
 */
record MaglevStrategy(int tableSize, double loadFactor) implements Strategy {

  private static final int SMALLEST = 251;
  private static final int LARGEST = 5_000_011;
  private static final double LEAST_FACTOR = 1.05;

  static final MaglevStrategy DEFAULT = new MaglevStrategy(65_537, 1.25);

  MaglevStrategy {
    if (tableSize < SMALLEST || tableSize > LARGEST || !isPrime(tableSize)) {
      throw new IllegalArgumentException(
          "tableSize: "
              + tableSize
              + " (expected: a prime number from "
              + SMALLEST
              + " to "
              + LARGEST
              + ")");
    }
    if (!(loadFactor >= LEAST_FACTOR)) {
      throw new IllegalArgumentException(
          "loadFactor: "
              + loadFactor
              + " (expected: "
              + LEAST_FACTOR
              + " or more, infinity for no bound)");
    }
  }

  private static boolean isPrime(int number) {
    for (int i = 2; i * i <= number; i++) {
      if (number % i == 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Balancer newBalancer(RandomGenerator random) {
    return candidates -> new Table(candidates, random);
  }

  @Override
  public String toString() {
    return "Strategy.maglev(tableSize=" + tableSize + ", loadFactor=" + loadFactor + ")";
  }

  /** The slots for certain nodes and weights. */
  private final class Table implements Picker {

    /**
     * With the least load factor one node in 21 or more is not full: 512 probes miss all of them
     * once in 10^11 times.
     */
    private static final int MAX_PROBES = 512;

    private final WeightedDraw draw;
    private final Candidate[] nodes;
    private final int[] slots;
    private final double[] shares;

    Table(List<Candidate> candidates, RandomGenerator random) {
      this.draw = new WeightedDraw(candidates, random);
      this.nodes = draw.nodes();
      this.shares = shares(nodes);
      this.slots = new Turns(nodes, shares).fill(new int[tableSize]);
    }

    private static double[] shares(Candidate[] nodes) {
      double[] shares = new double[nodes.length];
      double heaviest = 0;
      for (int i = 0; i < nodes.length; i++) {
        shares[i] = nodes[i].weight();
        heaviest = Math.max(heaviest, shares[i]);
      }
      double sum = 0;
      for (double weight : shares) {
        sum += weight / heaviest;
      }
      for (int i = 0; i < nodes.length; i++) {
        shares[i] = shares[i] / heaviest / sum;
      }
      return shares;
    }

    @Override
    public @Nullable Candidate pick(PickRequest request, long now) {
      String key = request.key();
      return key == null ? draw.untried(request) : probe(key, request);
    }

    private @Nullable Candidate probe(String key, PickRequest request) {
      double bound = loadFactor * (request.inFlight() + 1);
      long hash = XxHash.hash(Utf8.bytes(key), 0);
      int slot = (int) Long.remainderUnsigned(hash, slots.length);
      Candidate full = null;
      for (int i = 0; i < MAX_PROBES; i++, slot++) {
        slot = slot < slots.length ? slot : 0;
        int owner = slots[slot];
        Candidate node = nodes[owner];
        if (!request.tried(node)) {
          // A whole number is below the ceiling of a bound if it is below the bound.
          if (node.inFlight() < bound * shares[owner]) {
            return node;
          }
          full = full == null ? node : full;
        }
      }
      return full == null ? draw.untried(request) : full;
    }
  }

  /**
   * The nodes in the order of their turns, and how far each has come in the order of the slots that
   * it prefers.
   */
  private static final class Turns {

    private static final int INDEX_BITS = 24;
    private static final long INDEX_MASK = (1L << INDEX_BITS) - 1;
    private static final double ROUNDING = 1e-9;

    private final double[] shares;
    private final long[] hashes;
    private final int[] order;
    private final double[] credit;
    private final int[] next;

    Turns(Candidate[] nodes, double[] shares) {
      this.shares = shares;
      this.hashes = new long[nodes.length];
      this.order = new int[nodes.length];
      this.credit = new double[nodes.length];
      this.next = new int[nodes.length];
      long[] sorted = new long[nodes.length];
      for (int i = 0; i < nodes.length; i++) {
        hashes[i] = XxHash.hash(Utf8.bytes(nodes[i].id()), 0);
        sorted[i] = (hashes[i] & ~INDEX_MASK) | i;
      }
      Arrays.sort(sorted);
      for (int i = 0; i < order.length; i++) {
        order[i] = (int) (sorted[i] & INDEX_MASK);
      }
    }

    int[] fill(int[] slots) {
      Arrays.fill(slots, -1);
      for (int i = 0; i < next.length; i++) {
        next[i] = (int) Long.remainderUnsigned(hashes[i], slots.length);
      }
      int free = slots.length;
      while (true) {
        for (int node : order) {
          for (int claims = claims(node); claims > 0; claims--) {
            claim(slots, node);
            free--;
            if (free == 0) {
              return slots;
            }
          }
        }
      }
    }

    /** Returns how many slots the node may claim in this round: one on average of all nodes. */
    private int claims(int node) {
      credit[node] += shares[node] * order.length;
      int claims = (int) (credit[node] + ROUNDING);
      credit[node] -= claims;
      return claims;
    }

    /** Takes the first free slot in the order that the node prefers. */
    private void claim(int[] slots, int node) {
      int skip = 1 + (int) Long.remainderUnsigned(SplitMix.mixed(hashes[node]), slots.length - 1);
      int slot = next[node];
      while (slots[slot] >= 0) {
        slot += skip;
        slot -= slot < slots.length ? 0 : slots.length;
      }
      slots[slot] = node;
      next[node] = slot;
    }
  }
}
