// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One service seen through one list of filters. Calls with equal filters share it: its balancer,
 * which outlives changes of the nodes, and the view of the nodes of now.
 */
final class Route {

  private final ServiceEntry entry;
  private final List<Filter> filters;
  private final Balancer balancer;
  private volatile @Nullable View view;

  Route(ServiceEntry entry, List<Filter> filters, Balancer balancer) {
    this.entry = entry;
    this.filters = filters;
    this.balancer = balancer;
  }

  ServiceEntry entry() {
    return entry;
  }

  List<Filter> filters() {
    return filters;
  }

  Balancer balancer() {
    return balancer;
  }

  /** Returns the view of what the registry says now. */
  View live() {
    entry.refresh();
    return view();
  }

  /** Returns the view of what the registry said last. */
  View view() {
    View view = this.view;
    return view != null && view.topology() == entry.topology() ? view : entry.prepare(this);
  }

  /** Minds the health of now, if there is a view. Called by the entry, under its lock. */
  void renew() {
    View view = this.view;
    if (view != null) {
      this.view = view.renewed();
    }
  }

  /** Called by the entry, under its lock. */
  View prepare(Topology topology) {
    View view = this.view;
    if (view == null || view.topology() != topology) {
      view = View.of(this, topology);
      this.view = view;
    }
    return view;
  }

  @Override
  public String toString() {
    return "Route[" + entry.service() + ", " + filters + "]";
  }
}
