// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The subset of a client that knows of no others (gRFC A68, "Random subsetting with rendezvous
 * hashing"): the k nodes with the lowest hashes under the client's own seed. When a node comes or
 * goes at most one node of the subset is another. Balanced in the mean only: with C clients a node
 * is used by C * k / N of them, give or take the square root of that.
 *
 * @param seed different for each client, the same for its life
 */
record Rendezvous(long seed) implements Subset {

  @Override
  public List<Candidate> of(List<Candidate> nodes, int size) {
    if (size >= nodes.size()) {
      return nodes;
    }
    long[] hashes = new long[nodes.size()];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = XxHash.hash(Utf8.bytes(nodes.get(i).id()), seed);
    }
    long[] sorted = hashes.clone();
    Arrays.sort(sorted);
    long highest = sorted[size - 1];
    List<Candidate> subset = new ArrayList<>(size);
    for (int i = 0; i < hashes.length; i++) {
      if (hashes[i] <= highest) {
        subset.add(nodes.get(i));
      }
    }
    return List.copyOf(subset);
  }
}
