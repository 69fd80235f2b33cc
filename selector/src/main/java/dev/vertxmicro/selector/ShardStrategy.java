// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Highest random weight (Thaler, Ravishankar, "Using name-based mappings to increase hit rates",
 * 1998), node for node as go-micro's plugin {@code selector/shard} does it, so that its clients and
 * these send a key to the same node.
 *
 * <p>A node's score is HighwayHash-64 of its id under the HighwayHash-256 of the key, which in turn
 * is taken under a key of zeros. The highest score wins, seen as an unsigned number; a call that
 * has tried the best gets the second best, and so on. When a node leaves only its own keys move.
 *
 * <p>All nodes are alike: weights have no effect, as they have none in go-micro. A node whose share
 * is less than 1 gets that part of its keys, and the others go to the next best meanwhile: which of
 * them is decided by the lower half of the score, so that each key moves once as the share grows.
 *
 * <p>Several keys of go-micro are one here, joined by colons. A call without a key gets a node at
 * random (go-micro: the node of the empty key).
 *
 * <p>A pick costs O(n), about 0.1 us for each node; preparing costs O(n), and about 100 bytes for
 * each node are kept.
 */
enum ShardStrategy implements Strategy {
  INSTANCE;

  @Override
  public Balancer newBalancer(RandomGenerator random) {
    return candidates -> new Scores(candidates, random);
  }

  @Override
  public String toString() {
    return "Strategy.shard()";
  }

  private static final class Scores implements Picker {

    private static final long[] ZEROS = new long[4];
    private static final ThreadLocal<long[]> KEY = ThreadLocal.withInitial(() -> new long[4]);

    private final Candidate[] nodes;
    private final HighwayHash.Packets[] ids;
    private final RandomGenerator random;

    Scores(List<Candidate> candidates, RandomGenerator random) {
      this.nodes = candidates.toArray(Candidate[]::new);
      this.ids = new HighwayHash.Packets[nodes.length];
      for (int i = 0; i < nodes.length; i++) {
        ids[i] = HighwayHash.Packets.of(Utf8.bytes(nodes[i].id()));
      }
      this.random = random;
    }

    @Override
    public @Nullable Candidate pick(PickRequest request, long now) {
      String key = request.key();
      return key == null
          ? UniformDraw.untried(nodes, request, null, random)
          : highest(key, request);
    }

    private @Nullable Candidate highest(String key, PickRequest request) {
      HighwayHash hash = HighwayHash.ofThread();
      long[] hashed = KEY.get();
      hash.hash256(Utf8.bytes(key), ZEROS, hashed);
      Candidate best = null;
      long bestScore = 0;
      boolean bestTakes = false;
      for (int i = 0; i < nodes.length; i++) {
        Candidate node = nodes[i];
        if (request.tried(node)) {
          continue;
        }
        long score = hash.hash64(ids[i], hashed);
        boolean takes = takes(node, score);
        if (best == null
            || (takes == bestTakes ? Long.compareUnsigned(score, bestScore) >= 0 : takes)) {
          best = node;
          bestScore = score;
          bestTakes = takes;
        }
      }
      return best;
    }

    private static boolean takes(Candidate node, long score) {
      return node.share() == 1 || (score & 0xffff_ffffL) * 0x1p-32 < node.share();
    }
  }
}
