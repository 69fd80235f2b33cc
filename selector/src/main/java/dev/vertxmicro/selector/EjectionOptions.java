// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * When a selector ejects a node, which is to pick it no more for a while, and when it takes it
 * back. Not thread-safe: the selector copies what it is given. In JSON durations are whole
 * milliseconds.
 *
 * <p>The defaults are those of no single source. gRFC A50 and Envoy eject for 30 s and at most a
 * tenth of the nodes, and take a node back by time alone; here one probe decides, so that a first
 * ejection may be short and many may be out.
 */
public final class EjectionOptions {

  /** 5, as Envoy's. */
  public static final int DEFAULT_CONSECUTIVE_FAILURES = 5;

  /** 2. */
  public static final int DEFAULT_CONNECTION_FAILURES = 2;

  /** 10 s, as gRFC A50's. */
  public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);

  /** 20 attempts. */
  public static final int DEFAULT_MIN_CALLS = 20;

  /** 3 nodes. */
  public static final int DEFAULT_MIN_NODES = 3;

  /** 5 s. */
  public static final Duration DEFAULT_BASE_EJECTION_TIME = Duration.ofSeconds(5);

  /** 5 min, as gRFC A50's. */
  public static final Duration DEFAULT_MAX_EJECTION_TIME = Duration.ofMinutes(5);

  /** A half. */
  public static final double DEFAULT_MAX_EJECTED_SHARE = 0.5;

  /** A half, as Envoy's. */
  public static final double DEFAULT_PANIC_THRESHOLD = 0.5;

  private static final int MOST = 1_000_000;
  private static final Duration LONGEST = Duration.ofHours(24);

  private boolean enabled = true;
  private int consecutiveFailures = DEFAULT_CONSECUTIVE_FAILURES;
  private int connectionFailures = DEFAULT_CONNECTION_FAILURES;
  private Duration interval = DEFAULT_INTERVAL;
  private int minCalls = DEFAULT_MIN_CALLS;
  private int minNodes = DEFAULT_MIN_NODES;
  private Duration baseEjectionTime = DEFAULT_BASE_EJECTION_TIME;
  private Duration maxEjectionTime = DEFAULT_MAX_EJECTION_TIME;
  private double maxEjectedShare = DEFAULT_MAX_EJECTED_SHARE;
  private double panicThreshold = DEFAULT_PANIC_THRESHOLD;

  /** Makes options with all defaults. */
  public EjectionOptions() {}

  /** Makes a copy. */
  public EjectionOptions(EjectionOptions other) {
    enabled = other.enabled;
    consecutiveFailures = other.consecutiveFailures;
    connectionFailures = other.connectionFailures;
    interval = other.interval;
    minCalls = other.minCalls;
    minNodes = other.minNodes;
    baseEjectionTime = other.baseEjectionTime;
    maxEjectionTime = other.maxEjectionTime;
    maxEjectedShare = other.maxEjectedShare;
    panicThreshold = other.panicThreshold;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public EjectionOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.bool("enabled", this::setEnabled);
    fields.integer("consecutiveFailures", this::setConsecutiveFailures);
    fields.integer("connectionFailures", this::setConnectionFailures);
    fields.duration("interval", this::setInterval);
    fields.integer("minCalls", this::setMinCalls);
    fields.integer("minNodes", this::setMinNodes);
    fields.duration("baseEjectionTime", this::setBaseEjectionTime);
    fields.duration("maxEjectionTime", this::setMaxEjectionTime);
    fields.decimal("maxEjectedShare", this::setMaxEjectedShare);
    fields.decimal("panicThreshold", this::setPanicThreshold);
  }

  /** Returns the options as JSON. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("enabled", enabled)
        .put("consecutiveFailures", consecutiveFailures)
        .put("connectionFailures", connectionFailures)
        .put("interval", interval.toMillis())
        .put("minCalls", minCalls)
        .put("minNodes", minNodes)
        .put("baseEjectionTime", baseEjectionTime.toMillis())
        .put("maxEjectionTime", maxEjectionTime.toMillis())
        .put("maxEjectedShare", maxEjectedShare)
        .put("panicThreshold", panicThreshold);
  }

  /** Returns options that never eject. */
  public static EjectionOptions off() {
    return new EjectionOptions().setEnabled(false);
  }

  /** Tells whether nodes are ejected at all. */
  public boolean isEnabled() {
    return enabled;
  }

  /** Sets whether nodes are ejected at all. Default true. */
  public EjectionOptions setEnabled(boolean enabled) {
    this.enabled = enabled;
    return this;
  }

  /** Returns after how many failures in a row a node is ejected. */
  public int getConsecutiveFailures() {
    return consecutiveFailures;
  }

  /**
   * Sets after how many failed attempts in a row a node is ejected. The same number of answers
   * UNIMPLEMENTED in a row ejects a node if the other nodes answer as they should: another service
   * runs at its address then.
   *
   * @param failures 0 to 255; 0 means never for that reason
   * @throws IllegalArgumentException if it is out of its range
   */
  public EjectionOptions setConsecutiveFailures(int failures) {
    this.consecutiveFailures =
        Ranges.within("consecutiveFailures", failures, 0, Tally.MOST_IN_A_ROW);
    return this;
  }

  /** Returns after how many connection failures in a row a node is ejected. */
  public int getConnectionFailures() {
    return connectionFailures;
  }

  /**
   * Sets after how many attempts in a row that could not reach the node it is ejected. Not at the
   * first: a node that is well closes idle connections, and a request may be on its way into one.
   *
   * @param failures 0 to 255; 0 means that they count as any other failure
   * @throws IllegalArgumentException if it is out of its range
   */
  public EjectionOptions setConnectionFailures(int failures) {
    this.connectionFailures = Ranges.within("connectionFailures", failures, 0, Tally.MOST_IN_A_ROW);
    return this;
  }

  /** Returns how often the success rates of the nodes are compared. */
  public Duration getInterval() {
    return interval;
  }

  /**
   * Sets how often the success rates of the nodes are compared. After a node was taken back, each
   * interval without another ejection takes one step off its next ejection time.
   *
   * @param interval 100 ms to 24 h
   * @throws IllegalArgumentException if it is out of its range
   */
  public EjectionOptions setInterval(Duration interval) {
    this.interval = requireIn("interval", interval, Duration.ofMillis(100));
    return this;
  }

  /** Returns how many attempts on a node in an interval give a success rate. */
  public int getMinCalls() {
    return minCalls;
  }

  /**
   * Sets how many attempts on a node in an interval give a success rate. A node without any success
   * in 5 is ejected even if that is less.
   *
   * @param minCalls 0 to 1,000,000; 0 means that success rates are not compared
   * @throws IllegalArgumentException if it is out of its range
   */
  public EjectionOptions setMinCalls(int minCalls) {
    this.minCalls = Ranges.within("minCalls", minCalls, 0, MOST);
    return this;
  }

  /** Returns how many nodes must have a success rate before one is ejected for it. */
  public int getMinNodes() {
    return minNodes;
  }

  /**
   * Sets how many nodes must have a success rate before the worst of them are ejected for it.
   *
   * @param minNodes 2 to 1,000,000
   * @throws IllegalArgumentException if it is out of its range
   */
  public EjectionOptions setMinNodes(int minNodes) {
    this.minNodes = Ranges.within("minNodes", minNodes, 2, MOST);
    return this;
  }

  /** Returns for how long a node is ejected the first time. */
  public Duration getBaseEjectionTime() {
    return baseEjectionTime;
  }

  /**
   * Sets for how long a node is ejected the first time; the n-th time in a row, n times as long.
   * Jitter takes up to a fifth off. After that time one request is sent to the node: its success
   * takes the node back.
   *
   * @param time 1 ms to 24 h
   * @throws IllegalArgumentException if it is out of its range
   */
  public EjectionOptions setBaseEjectionTime(Duration time) {
    this.baseEjectionTime = requireIn("baseEjectionTime", time, Duration.ofMillis(1));
    return this;
  }

  /** Returns the longest time that a node is ejected at once. */
  public Duration getMaxEjectionTime() {
    return maxEjectionTime;
  }

  /**
   * Sets the longest time that a node is ejected at once, even if the base is more.
   *
   * @param time 1 ms to 24 h
   * @throws IllegalArgumentException if it is out of its range
   */
  public EjectionOptions setMaxEjectionTime(Duration time) {
    this.maxEjectionTime = requireIn("maxEjectionTime", time, Duration.ofMillis(1));
    return this;
  }

  /** Returns the largest share of a service's nodes that are ejected at a time. */
  public double getMaxEjectedShare() {
    return maxEjectedShare;
  }

  /**
   * Sets the largest share of a service's nodes that are ejected at a time. The number is rounded
   * down, but one of two or more nodes may always be ejected, and the last one never.
   *
   * @param share 0 to 1; 0 means one node
   * @throws IllegalArgumentException if it is out of its range
   */
  public EjectionOptions setMaxEjectedShare(double share) {
    this.maxEjectedShare = Ranges.within("maxEjectedShare", share, 0, 1);
    return this;
  }

  /** Returns the share of nodes that must be healthy for ejections to be heeded. */
  public double getPanicThreshold() {
    return panicThreshold;
  }

  /**
   * Sets the share of the nodes that a call may choose from (after filters) that must be healthy.
   * With less all of them are picked as if none were ejected.
   *
   * @param share 0 to 1; 0 means that ejections are overlooked only if no node were left
   * @throws IllegalArgumentException if it is out of its range
   */
  public EjectionOptions setPanicThreshold(double share) {
    this.panicThreshold = Ranges.within("panicThreshold", share, 0, 1);
    return this;
  }

  private static Duration requireIn(String name, Duration value, Duration least) {
    return Ranges.within(name, value, least, LONGEST);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EjectionOptions that
        && enabled == that.enabled
        && consecutiveFailures == that.consecutiveFailures
        && connectionFailures == that.connectionFailures
        && interval.equals(that.interval)
        && minCalls == that.minCalls
        && minNodes == that.minNodes
        && baseEjectionTime.equals(that.baseEjectionTime)
        && maxEjectionTime.equals(that.maxEjectionTime)
        && maxEjectedShare == that.maxEjectedShare
        && panicThreshold == that.panicThreshold;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        enabled,
        consecutiveFailures,
        connectionFailures,
        interval,
        minCalls,
        minNodes,
        baseEjectionTime,
        maxEjectionTime,
        maxEjectedShare,
        panicThreshold);
  }

  @Override
  public String toString() {
    return "EjectionOptions[enabled="
        + enabled
        + ", consecutiveFailures="
        + consecutiveFailures
        + ", connectionFailures="
        + connectionFailures
        + ", interval="
        + interval
        + ", minCalls="
        + minCalls
        + ", minNodes="
        + minNodes
        + ", baseEjectionTime="
        + baseEjectionTime
        + ", maxEjectionTime="
        + maxEjectionTime
        + ", maxEjectedShare="
        + maxEjectedShare
        + ", panicThreshold="
        + panicThreshold
        + "]";
  }
}
