// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One service seen through one list of filters and one of preferences. Calls with equal lists share
 * it: its balancers, one for each group of nodes, which outlive changes of the nodes, and the view
 * of the nodes of now.
 */
final class Route {

  private final ServiceEntry entry;
  private final List<Filter> filters;
  private final List<Filter> preferred;
  private final Tiering tiering;
  private volatile @Nullable View view;

  // Guarded by the lock of the entry.
  private final @Nullable Balancer[] balancers;

  Route(ServiceEntry entry, List<Filter> filters, List<Filter> preferred) {
    this.entry = entry;
    this.filters = filters;
    this.preferred = preferred;
    this.tiering = entry.selector().tiering().after(preferred);
    this.balancers = new Balancer[tiering.groups()];
  }

  ServiceEntry entry() {
    return entry;
  }

  List<Filter> filters() {
    return filters;
  }

  List<Filter> preferred() {
    return preferred;
  }

  Tiering tiering() {
    return tiering;
  }

  /** Returns the balancer of a group. Called under the lock of the entry. */
  Balancer balancer(int group) {
    Balancer known = balancers[group];
    if (known != null) {
      return known;
    }
    Balancer made = entry.selector().newBalancer();
    balancers[group] = made;
    return made;
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
    return "Route[" + entry.service() + ", " + filters + ", " + preferred + "]";
  }
}
