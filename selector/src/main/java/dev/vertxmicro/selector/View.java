// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the calls of one route choose from, prepared from one topology in stages, one class each:
 *
 * <ol>
 *   <li>{@link Filtered}: the nodes that pass the filters. Nothing after it depends on a call.
 *   <li>{@link Available}: of these, the nodes that are not ejected.
 *   <li>{@link Picker}: prepared by the strategy for these.
 * </ol>
 *
 * <p>A change of health goes through the stages from {@code Available} on. Immutable.
 */
final class View {

  private final Route route;
  private final Topology topology;
  private final List<Candidate> eligible;
  private final Available available;
  private final @Nullable Picker picker;
  private final @Nullable Probes probes;

  private View(Route route, Topology topology, List<Candidate> eligible, Available available) {
    this.route = route;
    this.topology = topology;
    this.eligible = eligible;
    this.available = available;
    this.picker =
        available.candidates().isEmpty() ? null : route.balancer().picker(available.candidates());
    this.probes =
        available.ejected().isEmpty() ? null : new Probes(available.ejected(), route.entry().now());
  }

  /**
   * Goes through all stages. Called under the lock of the entry.
   *
   * @throws RpcException if a filter throws
   */
  static View of(Route route, Topology topology) {
    List<Candidate> eligible = Filtered.of(topology.candidates(), route.filters());
    return new View(route, topology, eligible, available(route, eligible));
  }

  /**
   * Goes through the stages from health on, and returns a view for the same nodes: this one if it
   * comes to the same. Called under the lock of the entry.
   */
  View renewed() {
    Available now = available(route, eligible);
    return now.isLike(available) ? this : new View(route, topology, eligible, now);
  }

  private static Available available(Route route, List<Candidate> eligible) {
    return Available.of(eligible, route.entry().panicThreshold());
  }

  Topology topology() {
    return topology;
  }

  Available available() {
    return available;
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
    String why = Filtered.whyNone(topology.candidates(), route.filters());
    return RpcException.client(
            GrpcStatus.UNAVAILABLE, "service " + route.entry().service() + ": " + why)
        .build();
  }

  @Override
  public String toString() {
    return "View[" + route + ", " + size() + " of " + topology.candidates().size() + "]";
  }
}
