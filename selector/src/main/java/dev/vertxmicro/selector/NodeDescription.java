// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a selector knows about one node, as of one moment, for people to read. Immutable. */
public final class NodeDescription {

  private final Node node;
  private final String version;
  private final String zone;
  private final int tier;
  private final boolean isInSubset;
  private final double share;
  private final double weightInEffect;
  private final Health health;
  private final @Nullable EjectionCause cause;
  private final String failure;
  private final boolean isProbing;
  private final Duration probeIn;
  private final int probes;
  private final int failuresInARow;
  private final Rate rate;
  private final int inFlight;
  private final double load;

  /** Reads the state of a node; changes nothing. */
  NodeDescription(Candidate candidate, boolean isInSubset, Tiering tiering, long now) {
    NodeState state = candidate.state();
    Conduct conduct = state.conduct();
    Ejection ejection = conduct.ejection();
    this.node = candidate.node();
    this.version = candidate.service().version();
    this.zone = candidate.node().metadata().getOrDefault(tiering.zoneKey(), "");
    this.tier = tiering.tierOf(candidate.group());
    this.isInSubset = isInSubset;
    this.share = isInSubset ? candidate.share() : 0;
    this.weightInEffect = isInSubset ? candidate.weight() : 0;
    this.health = state.health();
    this.cause = ejection == null ? null : ejection.cause();
    this.failure = ejection == null ? "" : ejection.failure();
    this.isProbing = ejection != null && ejection.isProbing(now);
    this.probeIn =
        ejection == null || isProbing
            ? Duration.ZERO
            : Duration.ofNanos(Math.max(0, ejection.probeFrom() - now));
    this.probes = conduct.probes();
    this.failuresInARow = conduct.tally().failuresInARow();
    this.rate = conduct.tally().rate();
    this.inFlight = state.inFlight();
    this.load = candidate.load(now);
  }

  /** Returns the id of the node. */
  public String id() {
    return node.id();
  }

  /** Returns the address of the node. */
  public String address() {
    return node.address();
  }

  /** Returns the version of the service that the node runs. */
  public String version() {
    return version;
  }

  /** Returns the zone that the node's metadata names; empty if none. */
  public String zone() {
    return zone;
  }

  /**
   * Returns how many of {@link SelectorOptions#getPreferred} come before this node: 0 if it has the
   * first of these labels, or if there are none.
   */
  public int tier() {
    return tier;
  }

  /** Tells whether this process uses the node, see {@link SelectorOptions#setSubsetting}. */
  public boolean isInSubset() {
    return isInSubset;
  }

  /**
   * Returns the part of its usual work that the node should get now: less than 1 while it starts
   * slowly or if it is shared at the edge of the subset, 0 if it is not in the subset.
   */
  public double share() {
    return share;
  }

  /** Returns the weight that the node's metadata gives it. */
  public double weight() {
    return node.weight();
  }

  /** Returns the weight that counts now: its own times {@link #share()}. */
  public double weightInEffect() {
    return weightInEffect;
  }

  /** Returns whether the node should be picked. */
  public Health health() {
    return health;
  }

  /** Returns why the node is ejected, or ought to be; null if it is healthy. */
  public @Nullable EjectionCause cause() {
    return cause;
  }

  /** Returns the failure that brought the ejection about; empty if it was no single one. */
  public String failure() {
    return failure;
  }

  /** Tells whether an attempt that is to find out whether the node works again is under way. */
  public boolean isProbing() {
    return isProbing;
  }

  /** Returns how long until the ejected node is probed; zero if that is due, or not ejected. */
  public Duration probeIn() {
    return probeIn;
  }

  /** Returns how often the node was probed since the selector knows it. */
  public int probes() {
    return probes;
  }

  /** Returns how many attempts have failed since the last success, at most 255. */
  public int failuresInARow() {
    return failuresInARow;
  }

  /** Returns the share of attempts that succeeded lately, or NaN if there were none. */
  public double successRate() {
    return rate.value();
  }

  /** Returns how many attempts the success rate is of. */
  public long attempts() {
    return rate.attempts();
  }

  /** Returns how many attempts are open on the node now, of this process. */
  public int inFlight() {
    return inFlight;
  }

  /** Returns what one more attempt would cost by the {@link Load} of the strategy. */
  public double load() {
    return load;
  }

  /** Returns health, and what there is to say about it. */
  String verdict() {
    if (cause == null) {
      return health.toString();
    }
    String probe =
        health != Health.EJECTED ? "" : isProbing ? ", probing" : ", probe in " + seconds(probeIn);
    return health + ": " + cause + (failure.isEmpty() ? "" : ", " + failure) + probe;
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toNanos() / 1e9);
  }

  @Override
  public String toString() {
    return "NodeDescription[" + id() + ", " + address() + ", " + verdict() + "]";
  }
}
