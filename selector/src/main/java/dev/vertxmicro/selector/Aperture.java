// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The subset of one of several clients that know of each other (Finagle, {@code
 * DeterministicAperture}): clients and nodes are laid out evenly on the same circle, and a client
 * uses the nodes in the slice of the circle that begins at its own place.
 *
 * <p>With P clients, N nodes and k nodes wanted, client i has the slice from i / P, of the width w
 * = ceil(k * P / N) / P, at most 1. A node that lies in the slice with a part of its 1 / N only
 * gets that part of a share. As w is a multiple of 1 / P, each point of the circle lies in the
 * slices of exactly w * P clients: if all clients make as many calls, and each sends them to its
 * nodes by their shares, all nodes of the same weight get exactly the same. A client has up to
 * ceil(w * N) + 1 nodes, which is more than k where P is small: few clients need many nodes each
 * for that.
 *
 * <p>When clients or nodes come or go, all places on the circle move a little, and with them the
 * edges of the slice: more nodes are exchanged than by {@link Rendezvous}.
 *
 * <p>Nodes lie on the circle in the order of a hash of their ids, so that those that were made
 * together, or stand in one rack, are not neighbours. Positions are counted in units of 1 / (P * N)
 * of the circle, so that nothing is rounded.
 *
 * @param position i, from 0 to P - 1
 * @param clients P, at least 1
 */
record Aperture(int position, int clients) implements Subset {

  private static final Comparator<Placed> ORDER =
      Comparator.comparingLong(Placed::hash).thenComparing(placed -> placed.candidate().id());

  @Override
  public List<Candidate> of(List<Candidate> nodes, int size) {
    if (size >= nodes.size()) {
      return nodes;
    }
    List<Placed> circle = new ArrayList<>(nodes.size());
    for (Candidate node : nodes) {
      circle.add(new Placed(XxHash.hash(Utf8.bytes(node.id()), 0), node));
    }
    circle.sort(ORDER);
    Map<NodeState, Double> shares = new HashMap<>();
    for (int i = 0; i < circle.size(); i++) {
      double share = share(i, nodes.size(), size);
      if (share > 0) {
        shares.put(circle.get(i).candidate().state(), share);
      }
    }
    List<Candidate> subset = new ArrayList<>(shares.size());
    for (Candidate node : nodes) {
      Double share = shares.get(node.state());
      if (share != null) {
        subset.add(node.withPartOfShare(share));
      }
    }
    return List.copyOf(subset);
  }

  /**
   * Returns how much of a node lies in the slice, 0 to 1.
   *
   * @param node its place among the nodes on the circle, from 0
   * @param nodes N
   * @param size k, from 1 to N
   */
  double share(int node, int nodes, int size) {
    long circle = (long) clients * nodes;
    long slices = Math.min(clients, -Math.floorDiv(-(long) size * clients, nodes));
    long start = (long) position * nodes;
    long end = start + slices * nodes;
    long nodeStart = (long) node * clients;
    long covered =
        overlap(start, end, nodeStart, nodeStart + clients)
            + overlap(start, end, nodeStart + circle, nodeStart + circle + clients);
    return covered / (double) clients;
  }

  private static long overlap(long start, long end, long otherStart, long otherEnd) {
    return Math.max(0, Math.min(end, otherEnd) - Math.max(start, otherStart));
  }

  private record Placed(long hash, Candidate candidate) {}
}
