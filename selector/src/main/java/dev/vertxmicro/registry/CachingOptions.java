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

  /** 90 s: three times the 30 s at which go-micro's services register again. */
  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(90);

  /** 5 s. */
  public static final Duration DEFAULT_LOOK_UP_TIMEOUT = Duration.ofSeconds(5);

  /** 10 min. */
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(10);

  /** 1,000 services. */
  public static final int DEFAULT_MAX_SERVICES = 1_000;

  private static final Duration LONGEST = Duration.ofDays(365);

  private Duration ttl = DEFAULT_TTL;
  private Duration maxStale = DEFAULT_MAX_STALE;
  private Duration grace = DEFAULT_GRACE;
  private Duration lookUpTimeout = DEFAULT_LOOK_UP_TIMEOUT;
  private Duration idleTimeout = DEFAULT_IDLE_TIMEOUT;
  private int maxServices = DEFAULT_MAX_SERVICES;
  private @Nullable String snapshotFile;

  /** Makes options with all defaults. */
  public CachingOptions() {}

  /** Makes a copy. */
  public CachingOptions(CachingOptions other) {
    ttl = other.ttl;
    maxStale = other.maxStale;
    grace = other.grace;
    lookUpTimeout = other.lookUpTimeout;
    idleTimeout = other.idleTimeout;
    maxServices = other.maxServices;
    snapshotFile = other.snapshotFile;
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
    fields.duration("grace", this::setGrace);
    fields.duration("lookUpTimeout", this::setLookUpTimeout);
    fields.duration("idleTimeout", this::setIdleTimeout);
    fields.integer("maxServices", this::setMaxServices);
    fields.string("snapshotFile", this::setSnapshotFile);
  }

  /** Returns the options as JSON. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    if (snapshotFile != null) {
      json.put("snapshotFile", snapshotFile);
    }
    return json.put("ttl", ttl.toMillis())
        .put("maxStale", maxStale.toMillis())
        .put("grace", grace.toMillis())
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

  /** Returns how long nodes are served that an answer lacks and no delete was reported of. */
  public Duration getGrace() {
    return grace;
  }

  /**
   * Sets how long known nodes are served from the first answer that lacks them on, if the registry
   * names others and reported no delete. A registry that restarted without its memory fills up node
   * by node, so that it should be more than the interval at which services register again. A
   * reported delete is believed at once; where nothing is reported, because the registry cannot be
   * watched, nodes that left are served for so long. Never longer than {@link #getMaxStale} after
   * the last answer that named them.
   *
   * @param grace 0 to 365 days; 0 means that an answer with nodes is believed at once
   * @throws IllegalArgumentException if it is out of its range
   */
  public CachingOptions setGrace(Duration grace) {
    this.grace = requireIn("grace", grace, Duration.ZERO);
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

  /** Returns the file that keeps what is known for the next process; null if there is none. */
  public @Nullable String getSnapshotFile() {
    return snapshotFile;
  }

  /**
   * Sets the file that keeps the last known nodes, so that a process which starts while the
   * registry is down, slow or empty can call at once: it serves what the file says until the
   * registry answers with nodes, as if it had not restarted, which means for at most {@link
   * #getMaxStale} after the registry confirmed them to the process before.
   *
   * <p>Its directory must exist. It is written anew, and moved to its place, shortly after changes
   * and about each minute, with mode 600: metadata of nodes may hold what is not for everybody; who
   * can write it decides whom this process calls. Several processes may name the same file, and the
   * last that writes wins; programs that call different services should have files of their own. A
   * file that is corrupt, foreign, larger than 16 MiB or writable by everybody is ignored with a
   * warning.
   *
   * @param snapshotFile the path; null for none
   * @throws IllegalArgumentException if it is empty
   */
  public CachingOptions setSnapshotFile(@Nullable String snapshotFile) {
    if (snapshotFile != null && snapshotFile.isBlank()) {
      throw new IllegalArgumentException(
          "snapshotFile: '" + snapshotFile + "' (expected: a path, or null for none)");
    }
    this.snapshotFile = snapshotFile;
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
        && grace.equals(that.grace)
        && lookUpTimeout.equals(that.lookUpTimeout)
        && idleTimeout.equals(that.idleTimeout)
        && maxServices == that.maxServices
        && Objects.equals(snapshotFile, that.snapshotFile);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        ttl, maxStale, grace, lookUpTimeout, idleTimeout, maxServices, snapshotFile);
  }

  @Override
  public String toString() {
    return "CachingOptions[ttl="
        + ttl
        + ", maxStale="
        + maxStale
        + ", grace="
        + grace
        + ", lookUpTimeout="
        + lookUpTimeout
        + ", idleTimeout="
        + idleTimeout
        + ", maxServices="
        + maxServices
        + ", snapshotFile="
        + snapshotFile
        + "]";
  }
}
