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

/** The first stage of a {@link View}: the nodes that pass the filters of its route. */
final class Filtered {

  private static final int MAX_REASONS = 5;

  private Filtered() {}

  /**
   * Returns what all filters keep. A node id that several versions name counts once: the version
   * named first has it.
   *
   * @throws RpcException if a filter throws
   */
  static List<Candidate> of(List<Candidate> all, List<Filter> filters) {
    List<Candidate> kept = new ArrayList<>(all.size());
    Set<NodeState> seen = new HashSet<>(2 * all.size());
    for (Candidate candidate : all) {
      if (rejecting(filters, candidate) == null && seen.add(candidate.state())) {
        kept.add(candidate);
      }
    }
    return List.copyOf(kept);
  }

  private static @Nullable Filter rejecting(List<Filter> filters, Candidate candidate) {
    for (Filter filter : filters) {
      if (!keeps(filter, candidate)) {
        return filter;
      }
    }
    return null;
  }

  static boolean keeps(Filter filter, Candidate candidate) {
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

  /** Says for a person why the filters kept none. */
  static String whyNone(List<Candidate> all, List<Filter> filters) {
    if (all.isEmpty()) {
      return "has no node";
    }
    Map<String, Integer> reasons = new LinkedHashMap<>();
    for (Candidate candidate : all) {
      Filter filter = rejecting(filters, candidate);
      if (filter != null) {
        reasons.merge(filter.reason(candidate.service(), candidate.node()), 1, Integer::sum);
      }
    }
    StringBuilder text = new StringBuilder("no node left of ").append(all.size());
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
}
