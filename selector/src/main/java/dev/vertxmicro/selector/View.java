// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of one topology that pass the filters of one route, with the picker prepared for them.
 * Immutable.
 */
final class View {

  private static final int MAX_REASONS = 5;

  private final Route route;
  private final Topology topology;
  private final int size;
  private final @Nullable Picker picker;

  private View(Route route, Topology topology, int size, @Nullable Picker picker) {
    this.route = route;
    this.topology = topology;
    this.size = size;
    this.picker = picker;
  }

  /**
   * Filters the nodes. A node id that several versions name counts once: the version named first
   * has it.
   */
  static View of(Route route, Topology topology) {
    List<Candidate> kept = new ArrayList<>();
    Set<NodeState> seen = new HashSet<>();
    for (Candidate candidate : topology.candidates()) {
      if (rejecting(route.filters(), candidate) == null && seen.add(candidate.state())) {
        kept.add(candidate);
      }
    }
    Picker picker = kept.isEmpty() ? null : route.balancer().picker(List.copyOf(kept));
    return new View(route, topology, kept.size(), picker);
  }

  private static @Nullable Filter rejecting(List<Filter> filters, Candidate candidate) {
    for (Filter filter : filters) {
      if (!keeps(filter, candidate)) {
        return filter;
      }
    }
    return null;
  }

  private static boolean keeps(Filter filter, Candidate candidate) {
    try {
      return filter.keeps(candidate.service(), candidate.node());
    } catch (RuntimeException failure) {
      throw RpcException.client(
              GrpcStatus.INTERNAL,
              "filter " + filter + " failed for " + candidate.node() + ": " + failure)
          .cause(failure)
          .build();
    }
  }

  Topology topology() {
    return topology;
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return picker == null;
  }

  @Nullable Candidate pick(PickRequest request, long now) {
    return picker == null ? null : picker.pick(request, now);
  }

  /** Says why no node is left; called only if none is. */
  RpcException failure() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, why()).build();
  }

  private String why() {
    String service = "service " + route.entry().service() + ": ";
    int all = topology.candidates().size();
    if (all == 0) {
      return service + "has no node";
    }
    Map<String, Integer> reasons = new LinkedHashMap<>();
    for (Candidate candidate : topology.candidates()) {
      Filter filter = rejecting(route.filters(), candidate);
      if (filter != null) {
        reasons.merge(filter.reason(candidate.service(), candidate.node()), 1, Integer::sum);
      }
    }
    StringBuilder text = new StringBuilder(service).append("no node left of ").append(all);
    String separator = ", filtered out: ";
    int left = MAX_REASONS;
    for (Map.Entry<String, Integer> reason : reasons.entrySet()) {
      if (left-- == 0) {
        return text.append(" and ")
            .append(reasons.size() - MAX_REASONS)
            .append(" more reasons")
            .toString();
      }
      text.append(separator).append(reason.getValue()).append(" by ").append(reason.getKey());
      separator = ", ";
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return "View[" + route + ", " + size + " of " + topology.candidates().size() + "]";
  }
}
