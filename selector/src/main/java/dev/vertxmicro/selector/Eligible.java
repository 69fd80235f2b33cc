// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the stages of a {@link View} leave that mind neither health nor time.
 *
 * @param topology where the nodes come from
 * @param subsetting how a part of them was chosen; null if all are used
 * @param nodes each with its group and its share
 */
record Eligible(Topology topology, @Nullable Subsetting subsetting, List<Candidate> nodes) {

  /**
   * Goes through the stages.
   *
   * @throws dev.vertxmicro.errors.RpcException if a filter throws
   */
  static Eligible of(Route route, Topology topology) {
    Tiering tiering = route.tiering();
    List<Candidate> filtered = Filtered.of(topology.candidates(), route.filters());
    List<Candidate> grouped = tiering.grouped(filtered);
    Subsetting subsetting = subsettingNow(route);
    return new Eligible(
        topology, subsetting, subsetting == null ? grouped : subsetting.of(grouped, tiering));
  }

  /** Tells whether the stages would leave other nodes now although the topology is the same. */
  boolean isOutdated(Route route) {
    return !Objects.equals(subsetting, subsettingNow(route));
  }

  private static @Nullable Subsetting subsettingNow(Route route) {
    RegistrySelector selector = route.entry().selector();
    return selector.subsetting(selector.now());
  }
}
