// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who of one service is ejected, and for how long.
 *
 * <pre>
 *   HEALTHY --- fails ---> EJECTED for a time --- over ---> the next pick is the probe
 *     ^  \                      ^                             |        |        |
 *     |   too many are          `---- for a longer time ---- fails     |        |
 *     |        \                `---- for the shortest time ------- cancelled   |
 *     |         v                                                               |
 *     |      FAILING --- fails when there is room ---> EJECTED                  |
 *     |         |                                                               |
 *     `-- succeeds ------------------------------------------------------- succeeds
 * </pre>
 *
 * <p>In panic ejected nodes are picked as well: a success ends the ejection, and a failure once its
 * time is over begins a longer one.
 *
 * <p>Changes happen under the lock of the entry, and {@link Bulletin#publish} follows when it is
 * released. Picks and outcomes read without the lock.
 */
final class Ejections {

  private static final double JITTER = 0.2;
  private static final double ROUNDING = 1e-9;
  private static final int LONGEST_TEXT = 200;

  private final ServiceEntry entry;
  private final ReentrantLock lock;
  private final Bulletin bulletin;
  private final RandomGenerator random;
  private final long interval;
  private final long baseTime;
  private final long maxTime;
  private final double maxEjectedShare;
  private final double panicThreshold;

  // Guarded by the lock.
  private int ejected;
  private int withheld;

  // Written under the lock, read without it.
  private volatile NodeState[] nodes = {};
  private volatile boolean hasRoom;
  private volatile boolean isPanic;

  Ejections(ServiceEntry entry, ReentrantLock lock, RegistrySelector selector) {
    this.entry = entry;
    this.lock = lock;
    this.bulletin = new Bulletin(entry.service(), lock, selector.observer());
    this.random = selector.random();
    EjectionOptions options = selector.ejection();
    this.interval = options.getInterval().toNanos();
    this.baseTime = options.getBaseEjectionTime().toNanos();
    this.maxTime = options.getMaxEjectionTime().toNanos();
    this.maxEjectedShare = options.getMaxEjectedShare();
    this.panicThreshold = options.getPanicThreshold();
  }

  /** Returns the nodes of the topology; not to be changed. */
  NodeState[] nodes() {
    return nodes;
  }

  /** Tells whether one more node may be ejected. */
  boolean hasRoom() {
    return hasRoom;
  }

  /** Tells whether too few of all nodes are healthy. */
  boolean isPanic() {
    return isPanic;
  }

  double panicThreshold() {
    return panicThreshold;
  }

  Bulletin bulletin() {
    return bulletin;
  }

  /** Ejects a node that is not, or withholds it if there is no room. */
  void begin(NodeState node, EjectionCause cause, @Nullable RpcException failure, long now) {
    lock.lock();
    try {
      if (node.conduct().isPresent() && node.conduct().ejection() == null) {
        eject(node, cause, failure, !hasRoom, now);
      }
    } finally {
      lock.unlock();
    }
    bulletin.publish();
  }

  /** Ejects a node anew that failed again, unless its ejection is no longer {@code before}. */
  void renew(NodeState node, Ejection before, @Nullable RpcException failure, long now) {
    lock.lock();
    try {
      if (node.conduct().ejection() == before) {
        boolean isWithheld = before.isWithheld();
        EjectionCause cause = isWithheld ? before.cause() : EjectionCause.PROBE_FAILED;
        eject(node, cause, failure, isWithheld && !hasRoom, now);
      }
    } finally {
      lock.unlock();
    }
    bulletin.publish();
  }

  private void eject(
      NodeState node,
      EjectionCause cause,
      @Nullable RpcException failure,
      boolean isWithheld,
      long now) {
    Conduct conduct = node.conduct();
    boolean wasHealthy = conduct.ejection() == null;
    int steps = isWithheld ? conduct.steps() : conduct.nextSteps(now, interval);
    long nanos = jittered(steps > maxTime / baseTime ? maxTime : baseTime * Math.max(1, steps));
    conduct.eject(new Ejection(cause, text(failure), isWithheld, now, nanos), steps);
    set(node, isWithheld ? Health.FAILING : Health.EJECTED);
    if (!isWithheld) {
      bulletin.ejected(conduct.node(), cause, Duration.ofNanos(nanos));
    } else if (wasHealthy) {
      bulletin.ejectionWithheld(conduct.node(), cause);
    }
    settle();
  }

  private long jittered(long nanos) {
    return nanos - (long) (random.nextDouble() * JITTER * nanos);
  }

  private static String text(@Nullable RpcException failure) {
    if (failure == null) {
      return "";
    }
    String text = failure.grpcStatus() + ": " + failure.detail();
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "...";
  }

  /** Takes note of the end of a probe, and if it told nothing, has another one follow later. */
  void probed(NodeState node, Ejection probe, Outcome.Kind result, long now) {
    lock.lock();
    try {
      if (result == Outcome.Kind.CANCELLED) {
        probe.postpone(now + jittered(Math.min(baseTime, maxTime)));
      }
      bulletin.probed(node.conduct().node(), result);
    } finally {
      lock.unlock();
    }
    bulletin.publish();
  }

  /** Ends the ejection of a node that works, unless it is no longer {@code before}. */
  void end(NodeState node, Ejection before, long now) {
    lock.lock();
    try {
      if (node.conduct().ejection() == before) {
        acquit(node, now);
      }
    } finally {
      lock.unlock();
    }
    bulletin.publish();
  }

  /**
   * Ends the ejections of nodes whose probe has been due for a long time: no call asks for them,
   * and they take the place of others.
   */
  void endUnprobed(long now) {
    for (NodeState node : nodes) {
      Ejection ejection = node.conduct().ejection();
      if (ejection != null && now - ejection.probeFrom() >= maxTime) {
        end(node, ejection, now);
      }
    }
  }

  /**
   * What made the node look slow is over as well, so that its load begins anew. It starts slowly if
   * it has had no work meanwhile.
   */
  private void acquit(NodeState node, long now) {
    if (node.health() == Health.EJECTED && !isPanic) {
      node.startSlowly(now);
    }
    node.conduct().acquit(now);
    node.load().reset();
    set(node, Health.HEALTHY);
    bulletin.readmitted(node.conduct().node());
    settle();
  }

  private void set(NodeState node, Health health) {
    if (node.conduct().isPresent()) {
      count(node.health(), -1);
      count(health, 1);
    }
    node.health(health);
  }

  private void count(Health health, int change) {
    ejected += health == Health.EJECTED ? change : 0;
    withheld += health == Health.FAILING ? change : 0;
  }

  /** Draws the conclusions from how many are ejected. */
  private void settle() {
    int all = nodes.length;
    int healthy = all - ejected - withheld;
    hasRoom = ejected < mostEjected();
    boolean panics = Available.isPanic(all, healthy, all - ejected, panicThreshold);
    if (panics != isPanic) {
      isPanic = panics;
      if (panics) {
        bulletin.panicStarted(healthy, all);
      } else {
        bulletin.panicEnded();
      }
    }
    entry.outdated();
  }

  private int mostEjected() {
    int share = (int) (maxEjectedShare * nodes.length + ROUNDING);
    return Math.max(0, Math.min(Math.max(share, 1), nodes.length - 1));
  }

  /**
   * Takes note of what the registry says of a node now. Another address is another process, of
   * which nothing is known: it gets a new chance, and attempts that began at the old one do not
   * count for it. Called under the lock.
   */
  void seen(NodeState node, Node now, long instant) {
    Conduct conduct = node.conduct();
    if (conduct.isAtAnotherAddress(now)) {
      boolean wasEjected = conduct.ejection() != null;
      forget(node, instant);
      node.startSlowly(instant);
      if (wasEjected) {
        bulletin.readmitted(now);
      }
    }
    conduct.node(now);
  }

  /**
   * Takes over the nodes of a new topology. If they are so few that too many of them are ejected,
   * those whose time is over first are picked again. Called under the lock.
   */
  void takeOver(Collection<NodeState> present, long now) {
    for (NodeState gone : nodes) {
      gone.conduct().isPresent(false);
    }
    nodes = present.toArray(NodeState[]::new);
    ejected = 0;
    withheld = 0;
    for (NodeState node : nodes) {
      node.conduct().isPresent(true);
      count(node.health(), 1);
    }
    if (ejected > mostEjected()) {
      withholdFirst(ejected - mostEjected(), now);
    }
    settle();
  }

  private void withholdFirst(int count, long now) {
    List<NodeState> out = new ArrayList<>();
    for (NodeState node : nodes) {
      if (node.health() == Health.EJECTED) {
        out.add(node);
      }
    }
    out.sort(Comparator.comparingLong(node -> -overFor(node, now)));
    for (NodeState node : out.subList(0, count)) {
      Conduct conduct = node.conduct();
      Ejection ejection = Objects.requireNonNull(conduct.ejection(), "ejection");
      conduct.eject(ejection.withheld(), conduct.steps());
      count(Health.EJECTED, -1);
      count(Health.FAILING, 1);
      node.health(Health.FAILING);
      bulletin.ejectionWithheld(conduct.node(), ejection.cause());
    }
  }

  private static long overFor(NodeState node, long now) {
    Ejection ejection = node.conduct().ejection();
    return ejection == null ? 0 : ejection.overFor(now);
  }

  /** Forgets all that was learned about the nodes. Called under the lock. */
  void forget(long now) {
    for (NodeState node : nodes) {
      boolean wasEjected = node.conduct().ejection() != null;
      forget(node, now);
      if (wasEjected) {
        bulletin.readmitted(node.conduct().node());
      }
    }
    ejected = 0;
    withheld = 0;
    settle();
  }

  private static void forget(NodeState node, long now) {
    node.conduct().forget(now);
    node.reset();
  }
}
