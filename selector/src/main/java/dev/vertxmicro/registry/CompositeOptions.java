// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link CompositeRegistry} uses its members. Not thread-safe: the registry copies what it is
 * given. In JSON durations are whole milliseconds.
 */
public final class CompositeOptions {

  /** Whose nodes are found. */
  public enum Reading {
    /** Those of the first member, in order, that answers with nodes. */
    FAILOVER,
    /** Those of all members. */
    UNION
  }

  /** Where nodes are registered. */
  public enum Writing {
    /** With the first member only. */
    FIRST,
    /** With every member. */
    ALL
  }

  /** Failover. */
  public static final Reading DEFAULT_READING = Reading.FAILOVER;

  /** The first. */
  public static final Writing DEFAULT_WRITING = Writing.FIRST;

  /** 2 s, so that a look-up of 5 s has time for a member that hangs. */
  public static final Duration DEFAULT_MEMBER_TIMEOUT = Duration.ofSeconds(2);

  /** 1 h. */
  public static final Duration DEFAULT_MAX_STALE = Duration.ofHours(1);

  /** 1,000 services. */
  public static final int DEFAULT_MAX_SERVICES = 1_000;

  private static final Duration LONGEST = Duration.ofDays(365);

  private Reading reading = DEFAULT_READING;
  private Writing writing = DEFAULT_WRITING;
  private Duration memberTimeout = DEFAULT_MEMBER_TIMEOUT;
  private Duration maxStale = DEFAULT_MAX_STALE;
  private int maxServices = DEFAULT_MAX_SERVICES;

  /** Makes options with all defaults. */
  public CompositeOptions() {}

  /** Makes a copy. */
  public CompositeOptions(CompositeOptions other) {
    reading = other.reading;
    writing = other.writing;
    memberTimeout = other.memberTimeout;
    maxStale = other.maxStale;
    maxServices = other.maxServices;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public CompositeOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.constant("reading", Reading.class, this::setReading);
    fields.constant("writing", Writing.class, this::setWriting);
    fields.duration("memberTimeout", this::setMemberTimeout);
    fields.duration("maxStale", this::setMaxStale);
    fields.integer("maxServices", this::setMaxServices);
  }

  /** Returns the options as JSON. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("reading", reading.name())
        .put("writing", writing.name())
        .put("memberTimeout", memberTimeout.toMillis())
        .put("maxStale", maxStale.toMillis())
        .put("maxServices", maxServices);
  }

  /** Returns whose nodes are found. */
  public Reading getReading() {
    return reading;
  }

  /** Sets whose nodes are found. */
  public CompositeOptions setReading(Reading reading) {
    this.reading = Objects.requireNonNull(reading, "reading");
    return this;
  }

  /** Returns where nodes are registered. */
  public Writing getWriting() {
    return writing;
  }

  /** Sets where nodes are registered. */
  public CompositeOptions setWriting(Writing writing) {
    this.writing = Objects.requireNonNull(writing, "writing");
    return this;
  }

  /** Returns how long one member may take. */
  public Duration getMemberTimeout() {
    return memberTimeout;
  }

  /**
   * Sets how long one member may take before it counts as failed.
   *
   * @param memberTimeout 1 ms to 365 days
   * @throws IllegalArgumentException if it is out of its range
   */
  public CompositeOptions setMemberTimeout(Duration memberTimeout) {
    this.memberTimeout =
        Ranges.within("memberTimeout", memberTimeout, Duration.ofMillis(1), LONGEST);
    return this;
  }

  /** Returns how long the last nodes of a member that fails are part of a union. */
  public Duration getMaxStale() {
    return maxStale;
  }

  /**
   * Sets how long the last nodes of a member that fails are part of a union, counted from its last
   * answer.
   *
   * @param maxStale 0 to 365 days; 0 means not at all
   * @throws IllegalArgumentException if it is out of its range
   */
  public CompositeOptions setMaxStale(Duration maxStale) {
    this.maxStale = Ranges.within("maxStale", maxStale, Duration.ZERO, LONGEST);
    return this;
  }

  /** Returns of how many services is remembered what the members said. */
  public int getMaxServices() {
    return maxServices;
  }

  /**
   * Sets of how many services is remembered what the members said; those watched are remembered in
   * any case.
   *
   * @param maxServices 1 to 1,000,000
   * @throws IllegalArgumentException if it is out of its range
   */
  public CompositeOptions setMaxServices(int maxServices) {
    this.maxServices = Ranges.within("maxServices", maxServices, 1, 1_000_000);
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CompositeOptions that && toJson().equals(that.toJson());
  }

  @Override
  public int hashCode() {
    return toJson().hashCode();
  }

  @Override
  public String toString() {
    return "CompositeOptions" + toJson().encode();
  }
}
