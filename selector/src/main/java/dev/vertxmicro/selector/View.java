// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import org.jspecify.annotations.Nullable;

/**
 * What the calls of one route choose from, prepared from one topology in stages, one class each:
 *
 * <ol>
 *   <li>{@link Filtered}: the nodes that pass the filters. Nothing after it depends on a call.
 *   <li>{@link Tiering}: to which group each belongs.
 *   <li>{@link Subsetting}: if wanted, a part of each group, as if there were no other nodes.
 *   <li>{@link Available}: of these, the nodes that are not ejected.
 *   <li>{@link SlowStart}: with the part of their share that new nodes have now.
 *   <li>{@link Groups}: which part of the calls leaves the own zone.
 *   <li>{@link Picker}: prepared by the strategy for each group, and asked group by group.
 * </ol>
 *
 * <p>A change of health, or a step of a slow start, goes through the stages from {@code Available}
 * on. Immutable.
 */
final class View {

  private final Route route;
  private final Eligible eligible;
  private final Available available;
  private final Groups groups;
  private final @Nullable Picker picker;
  private final @Nullable Probes probes;

  private View(Route route, Eligible eligible, Available available, Groups groups) {
    this.route = route;
    this.eligible = eligible;
    this.available = available;
    this.groups = groups;
    this.picker = groups.candidates().isEmpty() ? null : groups.picker(route);
    this.probes =
        available.ejected().isEmpty() ? null : new Probes(available.ejected(), route.entry().now());
  }

  /**
   * Goes through all stages. Called under the lock of the entry.
   *
   * @throws RpcException if a filter throws
   */
  static View of(Route route, Topology topology) {
    Eligible eligible = Eligible.of(route, topology);
    Available available = available(route, eligible);
    return new View(route, eligible, available, groups(route, eligible, available));
  }

  /**
   * Goes through the stages from health on, or all of them if the subset is another, and returns a
   * view on the same topology: this one if it comes to the same. Called under the lock of the
   * entry.
   */
  View renewed() {
    if (eligible.isOutdated(route)) {
      return of(route, topology());
    }
    Available now = available(route, eligible);
    Groups groupsNow = groups(route, eligible, now);
    return now.isLike(available) && groupsNow.isLike(groups)
        ? this
        : new View(route, eligible, now, groupsNow);
  }

  private static Available available(Route route, Eligible eligible) {
    return Available.of(eligible.nodes(), route.entry().panicThreshold());
  }

  private static Groups groups(Route route, Eligible eligible, Available available) {
    RegistrySelector selector = route.entry().selector();
    Tiering tiering = route.tiering();
    return Groups.of(
        tiering,
        selector.spillOver(),
        eligible.nodes(),
        tiering.each(
            available.candidates(), group -> selector.slowStart().paced(group, selector.now())));
  }

  Topology topology() {
    return eligible.topology();
  }

  Available available() {
    return available;
  }

  Groups groups() {
    return groups;
  }

  int size() {
    return available.candidates().size();
  }

  boolean isEmpty() {
    return picker == null;
  }

  @Nullable Candidate pick(PickRequest request, long now) {
    return picker == null ? null : picker.pick(request, now);
  }

  /** Takes an ejected node whose time is over, to find out whether it works again. */
  @Nullable Probe probe(Choice call, @Nullable Lease latest, long now) {
    return probes == null ? null : probes.take(call, latest, now);
  }

  /** Says why no node is left; called only if none is. */
  RpcException failure() {
    String why = Filtered.whyNone(topology().candidates(), route.filters());
    return RpcException.client(
            GrpcStatus.UNAVAILABLE, "service " + route.entry().service() + ": " + why)
        .build();
  }

  @Override
  public String toString() {
    return "View[" + route + ", " + size() + " of " + topology().candidates().size() + "]";
  }
}
