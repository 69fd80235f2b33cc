// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Service;
import java.util.List;

/** All nodes of one service as the registry named them once. Immutable; equal only to itself. */
final class Topology {

  static final Topology EMPTY = new Topology(List.of(), List.of());

  private final List<Service> source;
  private final List<Candidate> candidates;

  /**
   * Makes a topology.
   *
   * @param source the registry's answer; another list means another topology
   * @param candidates the nodes of all versions
   */
  Topology(List<Service> source, List<Candidate> candidates) {
    this.source = source;
    this.candidates = candidates;
  }

  boolean isOf(List<Service> services) {
    return source == services;
  }

  List<Candidate> candidates() {
    return candidates;
  }
}
