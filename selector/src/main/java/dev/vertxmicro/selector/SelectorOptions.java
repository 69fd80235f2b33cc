// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.codec.JsonFields;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Selector} minds besides its {@link Strategy}: zones, preferences, subsets, slow
 * start and ejection. Not thread-safe: the selector copies what it is given. In JSON durations are
 * whole milliseconds.
 */
public final class SelectorOptions {

  /** {@code zone}. */
  public static final String DEFAULT_ZONE_KEY = "zone";

  /** 70 %, as Envoy's overprovisioning factor of 1.4. */
  public static final double DEFAULT_SPILL_THRESHOLD = 0.7;

  /** 10 s. */
  public static final Duration DEFAULT_SLOW_START = Duration.ofSeconds(10);

  /** 10 %, as Envoy's. */
  public static final double DEFAULT_SLOW_START_MINIMUM = 0.1;

  /** 1, as Envoy's: the share grows evenly. */
  public static final double DEFAULT_SLOW_START_AGGRESSION = 1;

  private static final Duration LONGEST_SLOW_START = Duration.ofHours(24);
  private static final Duration SHORTEST_SLOW_START = Duration.ofMillis(10);
  private static final int LARGEST_SUBSET = 1_000_000;
  private static final int MOST_PREFERRED = 16;

  private @Nullable String zone;
  private String zoneKey = DEFAULT_ZONE_KEY;
  private double spillThreshold = DEFAULT_SPILL_THRESHOLD;
  private List<String> preferred = List.of();
  private boolean subsetting;
  private int subsetSize;
  private @Nullable String ownService;
  private @Nullable String ownNode;
  private Duration slowStart = DEFAULT_SLOW_START;
  private double slowStartMinimum = DEFAULT_SLOW_START_MINIMUM;
  private double slowStartAggression = DEFAULT_SLOW_START_AGGRESSION;
  private EjectionOptions ejection = new EjectionOptions();

  /** Makes options with all defaults. */
  public SelectorOptions() {}

  /** Makes a copy. */
  public SelectorOptions(SelectorOptions other) {
    zone = other.zone;
    zoneKey = other.zoneKey;
    spillThreshold = other.spillThreshold;
    preferred = other.preferred;
    subsetting = other.subsetting;
    subsetSize = other.subsetSize;
    ownService = other.ownService;
    ownNode = other.ownNode;
    slowStart = other.slowStart;
    slowStartMinimum = other.slowStartMinimum;
    slowStartAggression = other.slowStartAggression;
    ejection = new EjectionOptions(other.ejection);
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public SelectorOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.string("zone", this::setZone);
    fields.string("zoneKey", this::setZoneKey);
    fields.decimal("spillThreshold", this::setSpillThreshold);
    fields.strings("preferred", this::setPreferred);
    fields.bool("subsetting", this::setSubsetting);
    fields.integer("subsetSize", this::setSubsetSize);
    fields.string("ownService", this::setOwnService);
    fields.string("ownNode", this::setOwnNode);
    fields.duration("slowStart", this::setSlowStart);
    fields.decimal("slowStartMinimum", this::setSlowStartMinimum);
    fields.decimal("slowStartAggression", this::setSlowStartAggression);
    fields.object("ejection", nested -> setEjection(new EjectionOptions(nested)));
  }

  /** Returns the options as JSON. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("zone", zone)
        .put("zoneKey", zoneKey)
        .put("spillThreshold", spillThreshold)
        .put("preferred", new JsonArray(preferred))
        .put("subsetting", subsetting)
        .put("subsetSize", subsetSize)
        .put("ownService", ownService)
        .put("ownNode", ownNode)
        .put("slowStart", slowStart.toMillis())
        .put("slowStartMinimum", slowStartMinimum)
        .put("slowStartAggression", slowStartAggression)
        .put("ejection", ejection.toJson());
  }

  /** Returns the zone that this process is in, or null. */
  public @Nullable String getZone() {
    return zone;
  }

  /**
   * Sets the zone that this process is in: its nodes come first, and others get what the zone
   * cannot take, see {@link #setSpillThreshold}.
   *
   * @param zone null or empty means that zones do not matter, which is the default
   */
  public SelectorOptions setZone(@Nullable String zone) {
    this.zone = zone == null || zone.isEmpty() ? null : zone;
    return this;
  }

  /** Returns the metadata key of a node's zone. */
  public String getZoneKey() {
    return zoneKey;
  }

  /**
   * Sets the metadata key of a node's zone. A node without it is in no zone, and so elsewhere.
   *
   * @param zoneKey not empty
   * @throws IllegalArgumentException if it is empty
   */
  public SelectorOptions setZoneKey(String zoneKey) {
    if (zoneKey.isEmpty()) {
      throw new IllegalArgumentException("zoneKey:  (expected: not empty)");
    }
    this.zoneKey = zoneKey;
    return this;
  }

  /** Returns the share of the zone's nodes that must be healthy for it to take all calls. */
  public double getSpillThreshold() {
    return spillThreshold;
  }

  /**
   * Sets the share of the zone's nodes that must be healthy for it to take all calls. With less,
   * the missing part of the calls goes elsewhere: with a threshold of 0.7 and half of the nodes
   * healthy, 1 - 0.5 / 0.7 = 29 %.
   *
   * @param spillThreshold 0 to 1; 0 means that calls go elsewhere only if no node of the zone is
   *     healthy
   * @throws IllegalArgumentException if it is out of its range
   */
  public SelectorOptions setSpillThreshold(double spillThreshold) {
    if (!(spillThreshold >= 0 && spillThreshold <= 1)) {
      throw new IllegalArgumentException(
          "spillThreshold: " + spillThreshold + " (expected: 0 to 1)");
    }
    this.spillThreshold = spillThreshold;
    return this;
  }

  /** Returns the labels whose nodes come first, each as {@code key=value}; never changed. */
  public List<String> getPreferred() {
    return preferred;
  }

  /**
   * Sets the labels whose nodes come first, as {@link SelectOption#prefer(String, String)} does for
   * one call: first those with the first label, then those of the others with the second, and so
   * on. Zones matter among nodes that are preferred alike. Default none.
   *
   * @param preferred at most 16, each as {@code key=value}; the key ends at the first equals sign
   * @throws IllegalArgumentException if one is not of that form or there are too many
   */
  public SelectorOptions setPreferred(List<String> preferred) {
    for (String label : preferred) {
      if (label.indexOf('=') < 1) {
        throw new IllegalArgumentException("preferred: " + label + " (expected: key=value)");
      }
    }
    if (preferred.size() > MOST_PREFERRED) {
      throw new IllegalArgumentException(
          "preferred: " + preferred + " (expected: at most " + MOST_PREFERRED + ")");
    }
    this.preferred = List.copyOf(preferred);
    return this;
  }

  /** Tells whether only a part of the nodes is used. */
  public boolean isSubsetting() {
    return subsetting;
  }

  /**
   * Sets whether this process uses only a part of the nodes of each service, always the same for
   * the same nodes: for many processes that call many nodes, which would otherwise all be
   * connected. Default false.
   *
   * <p>A process that is itself registered and says as what ({@link #setOwnService}, {@link
   * #setOwnNode}) gets its slice of the nodes, so that all nodes are used evenly; any other gets
   * some at random. Of nodes that are preferred, and of those in the own zone, each gets its own
   * part.
   */
  public SelectorOptions setSubsetting(boolean subsetting) {
    this.subsetting = subsetting;
    return this;
  }

  /** Returns how many nodes are used; 0: as many as are right. */
  public int getSubsetSize() {
    return subsetSize;
  }

  /**
   * Sets how many nodes are used if {@link #setSubsetting} is on. A registered process may need a
   * few more, so that all nodes are used evenly; many more if its service has few nodes.
   *
   * @param subsetSize 0 to 1,000,000; 0 means the square root of the number of nodes, at least 12.
   *     With fewer than 12 it is likely that now and then all are down at once
   * @throws IllegalArgumentException if it is out of its range
   */
  public SelectorOptions setSubsetSize(int subsetSize) {
    if (subsetSize < 0 || subsetSize > LARGEST_SUBSET) {
      throw new IllegalArgumentException(
          "subsetSize: " + subsetSize + " (expected: 0 to " + LARGEST_SUBSET + ")");
    }
    this.subsetSize = subsetSize;
    return this;
  }

  /** Returns the name of the service that this process is a node of, or null. */
  public @Nullable String getOwnService() {
    return ownService;
  }

  /**
   * Sets the name of the service that this process is a node of. The nodes of that service are
   * taken to be the processes that call the same services as this one, about as often.
   *
   * @param ownService null or empty means none, which is the default
   */
  public SelectorOptions setOwnService(@Nullable String ownService) {
    this.ownService = ownService == null || ownService.isEmpty() ? null : ownService;
    return this;
  }

  /** Returns the id of this process's node in the registry, or null. */
  public @Nullable String getOwnNode() {
    return ownNode;
  }

  /**
   * Sets the id of this process's node in the registry.
   *
   * @param ownNode null or empty means none, which is the default
   */
  public SelectorOptions setOwnNode(@Nullable String ownNode) {
    this.ownNode = ownNode == null || ownNode.isEmpty() ? null : ownNode;
    return this;
  }

  /** Returns how long a node gets less than its share after it came or was taken back. */
  public Duration getSlowStart() {
    return slowStart;
  }

  /**
   * Sets how long a node gets less than its share of the work after it came, or was taken back
   * after an ejection: a part of it that grows in 10 steps. The nodes that a service has when it is
   * first called do not count as new.
   *
   * @param slowStart 0, or 10 ms to 24 h; 0 means that nodes get their share at once
   * @throws IllegalArgumentException if it is out of its range
   */
  public SelectorOptions setSlowStart(Duration slowStart) {
    if (!slowStart.isZero()
        && (slowStart.compareTo(SHORTEST_SLOW_START) < 0
            || slowStart.compareTo(LONGEST_SLOW_START) > 0)) {
      throw new IllegalArgumentException(
          "slowStart: "
              + slowStart
              + " (expected: 0, or "
              + SHORTEST_SLOW_START
              + " to "
              + LONGEST_SLOW_START
              + ")");
    }
    this.slowStart = slowStart;
    return this;
  }

  /** Returns the part of its share that a node starts with. */
  public double getSlowStartMinimum() {
    return slowStartMinimum;
  }

  /**
   * Sets the part of its share that a node starts with.
   *
   * @param slowStartMinimum 0.001 to 1
   * @throws IllegalArgumentException if it is out of its range
   */
  public SelectorOptions setSlowStartMinimum(double slowStartMinimum) {
    if (!(slowStartMinimum >= 0.001 && slowStartMinimum <= 1)) {
      throw new IllegalArgumentException(
          "slowStartMinimum: " + slowStartMinimum + " (expected: 0.001 to 1)");
    }
    this.slowStartMinimum = slowStartMinimum;
    return this;
  }

  /** Returns how the share grows. */
  public double getSlowStartAggression() {
    return slowStartAggression;
  }

  /**
   * Sets how the share grows: at the part p of the time it is p^(1 / aggression). 1 is evenly; more
   * is faster at first, less is slower at first.
   *
   * @param slowStartAggression 0.1 to 10
   * @throws IllegalArgumentException if it is out of its range
   */
  public SelectorOptions setSlowStartAggression(double slowStartAggression) {
    if (!(slowStartAggression >= 0.1 && slowStartAggression <= 10)) {
      throw new IllegalArgumentException(
          "slowStartAggression: " + slowStartAggression + " (expected: 0.1 to 10)");
    }
    this.slowStartAggression = slowStartAggression;
    return this;
  }

  /** Returns when nodes that fail are ejected: the options themselves, to be changed. */
  public EjectionOptions getEjection() {
    return ejection;
  }

  /** Sets when nodes that fail are ejected; copied. */
  public SelectorOptions setEjection(EjectionOptions ejection) {
    this.ejection = new EjectionOptions(ejection);
    return this;
  }

  /** Throws if the options contradict each other. */
  void check() {
    if (subsetting && (ownService == null) != (ownNode == null)) {
      throw new IllegalArgumentException(
          "ownService: "
              + ownService
              + ", ownNode: "
              + ownNode
              + " (expected: both or none, with subsetting)");
    }
  }

  SlowStart toSlowStart() {
    return new SlowStart(slowStart.toNanos(), slowStartMinimum, slowStartAggression);
  }

  Tiering toTiering() {
    List<Filter> filters = new ArrayList<>();
    for (String label : preferred) {
      int end = label.indexOf('=');
      filters.add(Filter.label(label.substring(0, end), label.substring(end + 1)));
    }
    return new Tiering(List.copyOf(filters), zone, zoneKey);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SelectorOptions that
        && Objects.equals(zone, that.zone)
        && zoneKey.equals(that.zoneKey)
        && spillThreshold == that.spillThreshold
        && preferred.equals(that.preferred)
        && subsetting == that.subsetting
        && subsetSize == that.subsetSize
        && Objects.equals(ownService, that.ownService)
        && Objects.equals(ownNode, that.ownNode)
        && slowStart.equals(that.slowStart)
        && slowStartMinimum == that.slowStartMinimum
        && slowStartAggression == that.slowStartAggression
        && ejection.equals(that.ejection);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        zone,
        zoneKey,
        spillThreshold,
        preferred,
        subsetting,
        subsetSize,
        ownService,
        ownNode,
        slowStart,
        slowStartMinimum,
        slowStartAggression,
        ejection);
  }

  @Override
  public String toString() {
    return "SelectorOptions" + toJson().encode();
  }
}
