// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.codec.JsonFields;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link CachingRegistry} keeps what it knows. Not thread-safe: the registry copies what it
 * is given. In JSON durations are whole milliseconds.
 */
public final class CachingOptions {

  /** 60 s, as go-micro's. */
  public static final Duration DEFAULT_TTL = Duration.ofSeconds(60);

  /** 1 h. */
  public static final Duration DEFAULT_MAX_STALE = Duration.ofHours(1);

  /** 5 s. */
  public static final Duration DEFAULT_LOOK_UP_TIMEOUT = Duration.ofSeconds(5);

  /** 10 min. */
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(10);

  /** 1,000 services. */
  public static final int DEFAULT_MAX_SERVICES = 1_000;

  private static final Duration LONGEST = Duration.ofDays(365);

  private Duration ttl = DEFAULT_TTL;
  private Duration maxStale = DEFAULT_MAX_STALE;
  private Duration lookUpTimeout = DEFAULT_LOOK_UP_TIMEOUT;
  private Duration idleTimeout = DEFAULT_IDLE_TIMEOUT;
  private int maxServices = DEFAULT_MAX_SERVICES;

  /** Makes options with all defaults. */
  public CachingOptions() {}

  /** Makes a copy. */
  public CachingOptions(CachingOptions other) {
    ttl = other.ttl;
    maxStale = other.maxStale;
    lookUpTimeout = other.lookUpTimeout;
    idleTimeout = other.idleTimeout;
    maxServices = other.maxServices;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public CachingOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.duration("ttl", this::setTtl);
    fields.duration("maxStale", this::setMaxStale);
    fields.duration("lookUpTimeout", this::setLookUpTimeout);
    fields.duration("idleTimeout", this::setIdleTimeout);
    fields.integer("maxServices", this::setMaxServices);
  }

  /** Returns the options as JSON. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("ttl", ttl.toMillis())
        .put("maxStale", maxStale.toMillis())
        .put("lookUpTimeout", lookUpTimeout.toMillis())
        .put("idleTimeout", idleTimeout.toMillis())
        .put("maxServices", maxServices);
  }

  /** Returns after how long a service is read again. */
  public Duration getTtl() {
    return ttl;
  }

  /**
   * Sets after how long a service is read again although no change was reported. Jitter takes up to
   * a fifth off. Also the longest wait between attempts while the registry fails.
   *
   * @param ttl 1 s to 365 days
   * @throws IllegalArgumentException if it is out of its range
   */
  public CachingOptions setTtl(Duration ttl) {
    this.ttl = requireIn("ttl", ttl, Duration.ofSeconds(1));
    return this;
  }

  /** Returns how long nodes are served that the registry does not confirm. */
  public Duration getMaxStale() {
    return maxStale;
  }

  /**
   * Sets how long the last known nodes are served while the registry fails or answers that there
   * are none, counted from its last answer with nodes.
   *
   * @param maxStale 0 to 365 days; 0 means that they are given up at once
   * @throws IllegalArgumentException if it is out of its range
   */
  public CachingOptions setMaxStale(Duration maxStale) {
    this.maxStale = requireIn("maxStale", maxStale, Duration.ZERO);
    return this;
  }

  /** Returns how long a look-up may take. */
  public Duration getLookUpTimeout() {
    return lookUpTimeout;
  }

  /**
   * Sets how long a look-up may take before it counts as failed.
   *
   * @param lookUpTimeout 1 ms to 365 days
   * @throws IllegalArgumentException if it is out of its range
   */
  public CachingOptions setLookUpTimeout(Duration lookUpTimeout) {
    this.lookUpTimeout = requireIn("lookUpTimeout", lookUpTimeout, Duration.ofMillis(1));
    return this;
  }

  /** Returns after how long without a reader a service is forgotten. */
  public Duration getIdleTimeout() {
    return idleTimeout;
  }

  /**
   * Sets after how long without a reader a service is forgotten and no longer watched. Not while
   * the registry fails. Seen when the service is read again, so it may take two TTLs longer.
   *
   * @param idleTimeout 1 s to 365 days
   * @throws IllegalArgumentException if it is out of its range
   */
  public CachingOptions setIdleTimeout(Duration idleTimeout) {
    this.idleTimeout = requireIn("idleTimeout", idleTimeout, Duration.ofSeconds(1));
    return this;
  }

  /** Returns how many services are kept. */
  public int getMaxServices() {
    return maxServices;
  }

  /**
   * Sets how many services are kept. One more takes the place of one that was not read lately.
   *
   * @param maxServices at least 1
   * @throws IllegalArgumentException if it is less
   */
  public CachingOptions setMaxServices(int maxServices) {
    if (maxServices < 1) {
      throw new IllegalArgumentException("maxServices: " + maxServices + " (expected: at least 1)");
    }
    this.maxServices = maxServices;
    return this;
  }

  private static Duration requireIn(String name, Duration value, Duration least) {
    if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + least + " to " + LONGEST + ")");
    }
    return value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CachingOptions that
        && ttl.equals(that.ttl)
        && maxStale.equals(that.maxStale)
        && lookUpTimeout.equals(that.lookUpTimeout)
        && idleTimeout.equals(that.idleTimeout)
        && maxServices == that.maxServices;
  }

  @Override
  public int hashCode() {
    return Objects.hash(ttl, maxStale, lookUpTimeout, idleTimeout, maxServices);
  }

  @Override
  public String toString() {
    return "CachingOptions[ttl="
        + ttl
        + ", maxStale="
        + maxStale
        + ", lookUpTimeout="
        + lookUpTimeout
        + ", idleTimeout="
        + idleTimeout
        + ", maxServices="
        + maxServices
        + "]";
  }
}
