// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.wrapper;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a {@link ResponseCache} works. Not thread-safe: the cache keeps a copy. */
public final class ResponseCacheOptions {

  /** 0: only calls with a TTL of their own. */
  public static final Duration DEFAULT_TTL = Duration.ZERO;

  /** 0: never. */
  public static final Duration DEFAULT_ERROR_TTL = Duration.ZERO;

  /** 10,000 replies. */
  public static final int DEFAULT_MAX_ENTRIES = 10_000;

  /** 16 MiB. */
  public static final int DEFAULT_MAX_BYTES = 16 << 20;

  /** 1 MiB. */
  public static final int DEFAULT_MAX_ENTRY_BYTES = 1 << 20;

  /** Whose reply it is. */
  public static final List<String> DEFAULT_VARY_BY = List.of("Authorization", "Micro-Namespace");

  private static final Duration LONGEST = Duration.ofDays(365);

  private Duration ttl = DEFAULT_TTL;
  private Duration errorTtl = DEFAULT_ERROR_TTL;
  private int maxEntries = DEFAULT_MAX_ENTRIES;
  private int maxBytes = DEFAULT_MAX_BYTES;
  private int maxEntryBytes = DEFAULT_MAX_ENTRY_BYTES;
  private List<String> varyBy = DEFAULT_VARY_BY;

  /** Makes options with all defaults. */
  public ResponseCacheOptions() {}

  /** Makes a copy. */
  public ResponseCacheOptions(ResponseCacheOptions other) {
    ttl = other.ttl;
    errorTtl = other.errorTtl;
    maxEntries = other.maxEntries;
    maxBytes = other.maxBytes;
    maxEntryBytes = other.maxEntryBytes;
    varyBy = other.varyBy;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public ResponseCacheOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.duration("ttl", this::setTtl);
    fields.duration("errorTtl", this::setErrorTtl);
    fields.integer("maxEntries", this::setMaxEntries);
    fields.integer("maxBytes", this::setMaxBytes);
    fields.integer("maxEntryBytes", this::setMaxEntryBytes);
    fields.strings("varyBy", this::setVaryBy);
  }

  /** Returns the settings, durations in milliseconds. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("ttl", Nanos.millis(ttl))
        .put("errorTtl", Nanos.millis(errorTtl))
        .put("maxEntries", maxEntries)
        .put("maxBytes", maxBytes)
        .put("maxEntryBytes", maxEntryBytes)
        .put("varyBy", new JsonArray(varyBy));
  }

  /** Returns how long a reply is good for. */
  public Duration getTtl() {
    return ttl;
  }

  /**
   * Sets how long the reply to an idempotent call is good for, unless the call says otherwise with
   * {@link ResponseCache#ttl}. Default 0: only calls that do are cached.
   *
   * @param ttl zero to 365 days
   */
  public ResponseCacheOptions setTtl(Duration ttl) {
    this.ttl = Ranges.within("ttl", ttl, Duration.ZERO, LONGEST);
    return this;
  }

  /** Returns how long a failure is good for. */
  public Duration getErrorTtl() {
    return errorTtl;
  }

  /**
   * Sets how long a failure that a server answered with is given to others, at most as long as a
   * reply would be. Default 0: never. Failures without an answer are never kept.
   *
   * @param errorTtl zero to 365 days
   */
  public ResponseCacheOptions setErrorTtl(Duration errorTtl) {
    this.errorTtl = Ranges.within("errorTtl", errorTtl, Duration.ZERO, LONGEST);
    return this;
  }

  /** Returns how many replies are kept. */
  public int getMaxEntries() {
    return maxEntries;
  }

  /**
   * Bounds the replies that are kept; the one that was not asked for the longest goes first.
   * Default 10,000.
   *
   * @param maxEntries 1 or more
   */
  public ResponseCacheOptions setMaxEntries(int maxEntries) {
    this.maxEntries = Ranges.within("maxEntries", maxEntries, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns how many bytes are kept. */
  public int getMaxBytes() {
    return maxBytes;
  }

  /**
   * Bounds the bytes that are kept: requests, replies and their headers. Default 16 MiB.
   *
   * @param maxBytes 1,024 or more
   */
  public ResponseCacheOptions setMaxBytes(int maxBytes) {
    this.maxBytes = Ranges.within("maxBytes", maxBytes, 1_024, Integer.MAX_VALUE);
    return this;
  }

  /** Returns how large a reply may be. */
  public int getMaxEntryBytes() {
    return maxEntryBytes;
  }

  /**
   * Bounds one reply with its request; a larger one is not kept. Default 1 MiB.
   *
   * @param maxEntryBytes 1 or more
   */
  public ResponseCacheOptions setMaxEntryBytes(int maxEntryBytes) {
    this.maxEntryBytes = Ranges.within("maxEntryBytes", maxEntryBytes, 1, Integer.MAX_VALUE);
    return this;
  }

  /** Returns the names of metadata that tell replies apart. */
  public List<String> getVaryBy() {
    return varyBy;
  }

  /**
   * Sets by which metadata of a call, besides what is called and with what, replies are told apart.
   * Default {@code Authorization} and {@code Micro-Namespace}: nobody gets what another may see.
   * Metadata that call wrappers add is not known here.
   *
   * @param varyBy names, in any case; may be empty
   */
  public ResponseCacheOptions setVaryBy(List<String> varyBy) {
    List<String> copy = List.copyOf(varyBy);
    copy.forEach(name -> Ranges.notBlank("varyBy", name));
    this.varyBy = copy;
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ResponseCacheOptions that
        && ttl.equals(that.ttl)
        && errorTtl.equals(that.errorTtl)
        && maxEntries == that.maxEntries
        && maxBytes == that.maxBytes
        && maxEntryBytes == that.maxEntryBytes
        && varyBy.equals(that.varyBy);
  }

  @Override
  public int hashCode() {
    return Objects.hash(ttl, errorTtl, maxEntries, maxBytes, maxEntryBytes, varyBy);
  }

  @Override
  public String toString() {
    return "ResponseCacheOptions" + toJson().encode();
  }
}
