// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Consistent hashing by a table (Eisenbud et al., "Maglev: a fast and reliable software network
 * load balancer", NSDI 2016) with bounded loads (Mirrokni, Thorup, Zadimoghaddam, arXiv
 * 1608.01350).
 *
 * <p>The table has M slots, M prime. Each node prefers the slots in an order of its own, (offset +
 * j * skip) mod M with offset and skip from XXH64 of its id under two seeds. The nodes take turns
 * at claiming the next free slot that they prefer, until none is free; a node of half the mean
 * weight has every second turn, one of twice the mean weight claims two at a time. They take their
 * turns in the order of a hash of their ids, so that the registry's order does not matter. A key
 * belongs to the node of the slot XXH64(key) mod M. When a node leaves, its keys move, and a few
 * others: with 65,537 slots about as many again of 20 nodes, 0.5 % of all keys of 1,000 nodes.
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
      this.slots = filled(Preferences.of(nodes, shares));
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

    private int[] filled(Preferences[] turns) {
      int[] filled = new int[tableSize];
      Arrays.fill(filled, -1);
      int free = tableSize;
      while (true) {
        for (Preferences node : turns) {
          for (int claims = node.claims(); claims > 0; claims--) {
            node.claim(filled);
            free--;
            if (free == 0) {
              return filled;
            }
          }
        }
      }
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

  /** The order in which one node prefers the slots, and how far it has come. */
  private static final class Preferences {

    private static final long OTHER_SEED = 1;
    private static final double ROUNDING = 1e-9;

    private final int node;
    private final long hash;
    private final String id;
    private final long otherHash;
    private final double claimsPerRound;
    private double credit;
    private int next = -1;
    private int skip;

    private Preferences(int node, String id, double claimsPerRound) {
      String bytes = Utf8.bytes(id);
      this.node = node;
      this.id = id;
      this.hash = XxHash.hash(bytes, 0);
      this.otherHash = XxHash.hash(bytes, OTHER_SEED);
      this.claimsPerRound = claimsPerRound;
    }

    /** Returns those of all nodes in the order of their turns. */
    static Preferences[] of(Candidate[] nodes, double[] shares) {
      Preferences[] all = new Preferences[nodes.length];
      for (int i = 0; i < nodes.length; i++) {
        all[i] = new Preferences(i, nodes[i].id(), shares[i] * nodes.length);
      }
      Arrays.sort(
          all, Comparator.comparingLong((Preferences p) -> p.hash).thenComparing(p -> p.id));
      return all;
    }

    /** Returns how many slots the node may claim in this round. */
    int claims() {
      credit += claimsPerRound;
      int claims = (int) (credit + ROUNDING);
      credit -= claims;
      return claims;
    }

    /** Takes the first free slot in the order of the preferences. */
    void claim(int[] slots) {
      if (next < 0) {
        next = (int) Long.remainderUnsigned(hash, slots.length);
        skip = 1 + (int) Long.remainderUnsigned(otherHash, slots.length - 1);
      }
      while (slots[next] >= 0) {
        next += skip;
        next -= next < slots.length ? 0 : slots.length;
      }
      slots[next] = node;
    }
  }
}
