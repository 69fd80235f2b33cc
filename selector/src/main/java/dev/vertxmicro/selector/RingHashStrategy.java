// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Consistent hashing on a ring (Karger et al., STOC 1997; ketama; gRFC A42): each node has many
 * points on a ring of hashes, and a key belongs to the node of the first point clockwise from its
 * own hash. A call that has tried that node goes on clockwise to the next other one.
 *
 * <p>A node has 128 points for each unit of weight. If that makes fewer than {@code minSize} or
 * more than {@code maxSize} points, all nodes have as many more or fewer as are needed, at least
 * one each, so that there are never more than maxSize + n. Points are a SplitMix64 sequence that
 * begins at the XXH64 of the node's id: a node keeps its points whatever the others do, whatever
 * its address, and those of a lower weight are the first of those of a higher one. So when a node
 * comes or goes only its own keys move, which is the least possible. (A42 and Envoy derive the
 * number of points of each node from the lightest weight, which moves other keys as well. This one
 * does only while minSize or maxSize is what counts.) Keys are hashed by XXH64.
 *
 * <p>With p points a node's share deviates by about 1 / sqrt(p) of itself: 9 % for 128. Beyond
 * maxSize / 128 nodes, 1,024 by default, shares become less even: {@link MaglevStrategy} is better
 * there.
 *
 * <p>A call without a key gets a node at random, by weight. A pick costs O(1) on average; preparing
 * costs O(points), and 10 to 12 bytes a point are kept.
 *
 * @param minSize the least number of points
 * @param maxSize the largest number of points
 */
record RingHashStrategy(int minSize, int maxSize) implements Strategy {

  static final int POINTS = 128;
  private static final int SMALLEST = 1;
  private static final int LARGEST = 8_388_608;

  static final RingHashStrategy DEFAULT = new RingHashStrategy(1_024, 131_072);

  RingHashStrategy {
    if (maxSize < SMALLEST || maxSize > LARGEST) {
      throw new IllegalArgumentException(
          "maxSize: " + maxSize + " (expected: " + SMALLEST + " to " + LARGEST + ")");
    }
    if (minSize < SMALLEST || minSize > maxSize) {
      throw new IllegalArgumentException(
          "minSize: " + minSize + " (expected: " + SMALLEST + " to maxSize, " + maxSize + ")");
    }
  }

  @Override
  public Balancer newBalancer(RandomGenerator random) {
    return candidates -> new Ring(candidates, random);
  }

  @Override
  public String toString() {
    return "Strategy.ringHash(minSize=" + minSize + ", maxSize=" + maxSize + ")";
  }

  /** Returns how many points each node gets. */
  private int[] points(List<Candidate> nodes) {
    double weights = 0;
    for (Candidate node : nodes) {
      weights += node.weight();
    }
    double perWeight = Math.min(Math.max(POINTS, minSize / weights), maxSize / weights);
    int[] points = new int[nodes.size()];
    for (int i = 0; i < points.length; i++) {
      points[i] = (int) Math.max(1, Math.round(nodes.get(i).weight() * perWeight));
    }
    return points;
  }

  /** Returns how many points a ring of these nodes has. */
  int size(List<Candidate> nodes) {
    return Arrays.stream(points(nodes)).sum();
  }

  /**
   * The points in ascending order. Each is one long: the upper 40 bits of the point, and below them
   * the index of its node. Points are as good as random, so that their upper bits alone put them
   * into buckets of one or two: that sorts them without comparing, and finds them without
   * searching.
   */
  private final class Ring implements Picker {

    private static final int INDEX_BITS = 24;
    private static final long INDEX_MASK = (1L << INDEX_BITS) - 1;

    private final WeightedDraw draw;
    private final Candidate[] nodes;
    private final long[] ring;
    private final int[] starts;
    private final int shift;

    Ring(List<Candidate> candidates, RandomGenerator random) {
      this.draw = new WeightedDraw(candidates, random);
      this.nodes = draw.nodes();
      long[] unsorted = unsorted(points(candidates));
      this.ring = new long[unsorted.length];
      this.shift =
          Math.min(Long.SIZE - 1, Integer.SIZE + 1 + Integer.numberOfLeadingZeros(ring.length));
      this.starts = new int[(1 << (Long.SIZE - shift)) + 1];
      sort(unsorted);
    }

    private long[] unsorted(int[] points) {
      long[] unsorted = new long[Arrays.stream(points).sum()];
      int filled = 0;
      for (int i = 0; i < nodes.length; i++) {
        long seed = XxHash.hash(Utf8.bytes(nodes[i].id()), 0);
        for (int point = 0; point < points[i]; point++) {
          seed += SplitMix.STEP;
          unsorted[filled++] = (SplitMix.mixed(seed) & ~INDEX_MASK) | i;
        }
      }
      return unsorted;
    }

    /** Counts what goes into each bucket, puts it there, and sorts the few in each. */
    private void sort(long[] unsorted) {
      for (long point : unsorted) {
        starts[bucket(point)]++;
      }
      int end = 0;
      for (int i = 0; i < starts.length; i++) {
        end += starts[i];
        starts[i] = end;
      }
      for (long point : unsorted) {
        ring[--starts[bucket(point)]] = point;
      }
      for (int i = 1; i < ring.length; i++) {
        long point = ring[i];
        int at = i;
        for (; at > starts[bucket(point)] && ring[at - 1] > point; at--) {
          ring[at] = ring[at - 1];
        }
        ring[at] = point;
      }
    }

    private int bucket(long point) {
      return (int) (point >>> shift);
    }

    @Override
    public @Nullable Candidate pick(PickRequest request, long now) {
      String key = request.key();
      return key == null ? draw.untried(request) : clockwise(key, request);
    }

    private @Nullable Candidate clockwise(String key, PickRequest request) {
      int at = first(XxHash.hash(Utf8.bytes(key), 0) & ~INDEX_MASK);
      for (int i = 0; i < ring.length; i++, at++) {
        at = at < ring.length ? at : 0;
        Candidate owner = nodes[(int) (ring[at] & INDEX_MASK)];
        if (!request.tried(owner)) {
          return owner;
        }
      }
      return null;
    }

    /** Returns where the first point that is not below {@code hash} is, or the end. */
    private int first(long hash) {
      int bucket = bucket(hash);
      int at = starts[bucket];
      int end = starts[bucket + 1];
      while (at < end && ring[at] < hash) {
        at++;
      }
      return at;
    }
  }
}
