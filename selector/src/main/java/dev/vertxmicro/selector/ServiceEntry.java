// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the selector knows about one service.
 *
 * <p>Calls read the topology and the routes without a lock; both are replaced as a whole. Whoever
 * first sees that the registry's answer is another list builds the new topology, under the lock. A
 * thread that read an older answer may then put that back for a moment: every select and every pick
 * compares again, so it does not last.
 *
 * <p>The state of a node that leaves is kept aside for a while, at most {@link #MAX_DEPARTED} of
 * them, so that a node that comes and goes is recognised.
 */
final class ServiceEntry {

  static final int MAX_ROUTES = 16;
  static final int MAX_DEPARTED = 256;

  /** After a renewal of the views there is none for so many times as long as it took. */
  private static final int RENEWAL_SHARE = 9;

  private final RegistrySelector selector;
  private final String service;
  private final LongAdder inFlight = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock();
  private final Ejections ejections;
  private final Ejector ejector;

  // Guarded by the lock.
  private final LinkedHashMap<String, NodeState> departed = new LinkedHashMap<>();
  private Map<String, NodeState> states = Map.of();
  private int nextEvicted;

  // Written under the lock, read without it.
  private volatile Topology topology = Topology.EMPTY;
  private volatile Route[] routes = {};
  private volatile boolean outdated;
  private volatile long renewFrom;
  private volatile boolean starting;
  private volatile long nextStep;
  private volatile @Nullable Subsetting subsetting;

  ServiceEntry(RegistrySelector selector, String service) {
    this.selector = selector;
    this.service = service;
    this.renewFrom = selector.now();
    this.ejections = new Ejections(this, lock, selector);
    this.ejector = new Ejector(this, ejections, selector.ejection());
  }

  String service() {
    return service;
  }

  RegistrySelector selector() {
    return selector;
  }

  Topology topology() {
    return topology;
  }

  double panicThreshold() {
    return ejections.panicThreshold();
  }

  long now() {
    return selector.now();
  }

  void opened() {
    inFlight.increment();
    selector.opened();
  }

  void closed() {
    inFlight.decrement();
    selector.closed();
  }

  /** Returns how many attempts are open on all nodes. */
  long inFlight() {
    return inFlight.sum();
  }

  /** Asks the registry once more; what it cannot tell at once changes nothing. */
  void refresh() {
    Future<List<Service>> answer = selector.ask(service);
    if (answer.succeeded()) {
      see(answer.result());
    }
  }

  void see(List<Service> services) {
    if (!topology.isOf(services)) {
      rebuild(services);
    }
  }

  private void rebuild(List<Service> services) {
    lock.lock();
    try {
      if (!topology.isOf(services)) {
        Map<String, NodeState> before = states;
        states = new HashMap<>(2 * before.size());
        long now = now();
        List<Candidate> candidates = new ArrayList<>();
        for (Service version : services) {
          for (Node node : version.nodes()) {
            candidates.add(new Candidate(version, node, state(node, before, now)));
          }
        }
        keepDeparted(before);
        ejections.takeOver(states.values(), now);
        startAllAtOnceIfAllAreNew(now);
        topology = new Topology(services, List.copyOf(candidates));
      }
    } finally {
      lock.unlock();
    }
    ejections.bulletin().publish();
  }

  private NodeState state(Node node, Map<String, NodeState> before, long now) {
    return states.computeIfAbsent(
        node.id(),
        id -> {
          NodeState known = before.get(id);
          NodeState returned = known != null ? known : departed.remove(id);
          NodeState state = returned != null ? returned : newState(now);
          ejections.seen(state, node, now);
          return state;
        });
  }

  private NodeState newState(long now) {
    NodeState state = new NodeState(this, selector.strategy().newLoad());
    state.startSlowly(now);
    return state;
  }

  /** There is none then that could do their work meanwhile. */
  private void startAllAtOnceIfAllAreNew(long now) {
    if (states.values().stream().allMatch(state -> selector.slowStart().isStarting(state, now))) {
      states.values().forEach(NodeState::startAtOnce);
    }
  }

  private void keepDeparted(Map<String, NodeState> before) {
    before.forEach(
        (id, state) -> {
          if (!states.containsKey(id)) {
            departed.put(id, state);
          }
        });
    Iterator<String> oldest = departed.keySet().iterator();
    while (departed.size() > MAX_DEPARTED) {
      oldest.next();
      oldest.remove();
    }
  }

  /** Returns the route for both lists: found by identity, else by equality, else made. */
  Route route(List<Filter> filters, List<Filter> preferred) {
    Route[] routes = this.routes;
    for (Route route : routes) {
      if (route.filters() == filters && route.preferred() == preferred) {
        return route;
      }
    }
    Route equal = find(routes, filters, preferred);
    return equal != null ? equal : addRoute(filters, preferred);
  }

  private static @Nullable Route find(
      Route[] routes, List<Filter> filters, List<Filter> preferred) {
    for (Route route : routes) {
      if (route.filters().equals(filters) && route.preferred().equals(preferred)) {
        return route;
      }
    }
    return null;
  }

  private Route addRoute(List<Filter> filters, List<Filter> preferred) {
    lock.lock();
    try {
      Route known = find(routes, filters, preferred);
      if (known != null) {
        return known;
      }
      Route route = new Route(this, filters, preferred);
      List<Route> more = new ArrayList<>(List.of(routes));
      if (more.size() < MAX_ROUTES) {
        more.add(route);
      } else {
        more.set(nextEvicted, route);
        nextEvicted = (nextEvicted + 1) % MAX_ROUTES;
      }
      routes = more.toArray(Route[]::new);
      return route;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the view of {@code route} on the topology of now. */
  View prepare(Route route) {
    lock.lock();
    try {
      return route.prepare(topology);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Judges an attempt that has ended, or that was answered.
   *
   * @param start when it began
   * @param probe the ejection that it is the probe of, if any
   */
  void judge(NodeState state, Outcome outcome, long start, @Nullable Ejection probe, long now) {
    ejector.judge(state, outcome, start, probe, now);
    renewViews(now);
  }

  /** Says that health or weights have changed, so that the views need to be renewed. */
  void outdated() {
    outdated = true;
  }

  /** Says that a node starts slowly from {@code now} on. */
  void starts(long now) {
    nextStep = selector.slowStart().nextStep(now);
    starting = true;
  }

  private boolean isRenewalDue(long now) {
    return outdated
        || (starting && now - nextStep >= 0)
        || !Objects.equals(subsetting, selector.subsetting(now));
  }

  /**
   * Renews the views if health, weights or the subset have changed. Called where attempts end, so
   * that picks need not wait for it: they go on with the views before, and avoid what is ejected.
   * When changes come thick and fast a tenth of the time is spent on this, not more; whoever finds
   * the lock taken leaves it to the next.
   */
  void renewViews(long now) {
    if (!isRenewalDue(now) || now - renewFrom < 0 || !lock.tryLock()) {
      return;
    }
    try {
      outdated = false;
      subsetting = selector.subsetting(now);
      step(now);
      for (Route route : routes) {
        route.renew();
      }
      long end = now();
      renewFrom = end + RENEWAL_SHARE * Math.max(0, end - now);
    } finally {
      lock.unlock();
    }
  }

  /** Decides when, and whether, shares change next. */
  private void step(long now) {
    if (starting) {
      nextStep = selector.slowStart().nextStep(now);
      // First, so that a node that starts meanwhile is not passed over.
      starting = false;
      if (states.values().stream().anyMatch(state -> selector.slowStart().isStarting(state, now))) {
        starting = true;
      }
    }
  }

  void reset() {
    lock.lock();
    try {
      departed.clear();
      ejections.forget(now());
    } finally {
      lock.unlock();
    }
    ejections.bulletin().publish();
    renewViews(now());
  }

  /**
   * As calls without filters and preferences of their own see the service. Under the lock, so that
   * who is ejected is told as of one moment.
   */
  ServiceDescription describe() {
    lock.lock();
    try {
      return described(now());
    } finally {
      lock.unlock();
    }
  }

  private ServiceDescription described(long now) {
    Tiering tiering = selector.tiering();
    Subsetting subsetting = selector.subsetting(now);
    List<Candidate> all = tiering.grouped(Filtered.of(topology.candidates(), List.of()));
    List<Candidate> subset = subsetting == null ? all : subsetting.of(all, tiering);
    Map<NodeState, Candidate> used = new HashMap<>();
    tiering
        .each(subset, group -> selector.slowStart().paced(group, now))
        .forEach(each -> used.put(each.state(), each));
    List<NodeDescription> nodes = new ArrayList<>();
    for (Candidate candidate : all) {
      nodes.add(
          new NodeDescription(
              used.getOrDefault(candidate.state(), candidate),
              used.containsKey(candidate.state()),
              tiering,
              now));
    }
    return new ServiceDescription(service, ejections.isPanic(), nodes);
  }
}
