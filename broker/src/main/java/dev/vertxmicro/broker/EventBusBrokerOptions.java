// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How an {@link EventBusBroker} works. Not thread-safe: the broker keeps a copy. */
public final class EventBusBrokerOptions {

  /** {@code "dev.vertxmicro.events."}. */
  public static final String DEFAULT_ADDRESS_PREFIX = "dev.vertxmicro.events.";

  /** 250 ms. */
  public static final Duration DEFAULT_GROUPS_AGE = Duration.ofMillis(250);

  /** 10 s. */
  public static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private String addressPrefix = DEFAULT_ADDRESS_PREFIX;
  private Duration groupsAge = DEFAULT_GROUPS_AGE;
  private Duration closeTimeout = DEFAULT_CLOSE_TIMEOUT;

  /** Makes options with all defaults. */
  public EventBusBrokerOptions() {}

  /** Makes a copy. */
  public EventBusBrokerOptions(EventBusBrokerOptions other) {
    addressPrefix = other.addressPrefix;
    groupsAge = other.groupsAge;
    closeTimeout = other.closeTimeout;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public EventBusBrokerOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.string("addressPrefix", this::setAddressPrefix);
    fields.duration("groupsAge", this::setGroupsAge);
    fields.duration("closeTimeout", this::setCloseTimeout);
  }

  /** Returns the settings, durations in milliseconds. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("addressPrefix", addressPrefix)
        .put("groupsAge", Nanos.millis(groupsAge))
        .put("closeTimeout", Nanos.millis(closeTimeout));
  }

  /** Returns what the addresses start with. */
  public String getAddressPrefix() {
    return addressPrefix;
  }

  /**
   * Sets what the addresses on the event bus, and the name of the map of groups, start with. All
   * who are to meet have the same. Default {@code "dev.vertxmicro.events."}.
   *
   * @param addressPrefix not blank
   */
  public EventBusBrokerOptions setAddressPrefix(String addressPrefix) {
    this.addressPrefix = Ranges.notBlank("addressPrefix", addressPrefix);
    return this;
  }

  /** Returns for how long a publisher trusts what it knows of groups. */
  public Duration getGroupsAge() {
    return groupsAge;
  }

  /**
   * Sets, for a clustered Vert.x, for how long a publisher trusts what it has read of a topic's
   * queue groups, and how long a subscribe waits for all publishers to hear of it. All who are to
   * meet have the same. Default 250 ms.
   *
   * @param groupsAge 1 ms to 1 min; a publisher reads the map of the cluster once in that time for
   *     each topic
   */
  public EventBusBrokerOptions setGroupsAge(Duration groupsAge) {
    this.groupsAge =
        Ranges.within("groupsAge", groupsAge, Duration.ofMillis(1), Duration.ofMinutes(1));
    return this;
  }

  /** Returns how long a close waits for handlers. */
  public Duration getCloseTimeout() {
    return closeTimeout;
  }

  /**
   * Sets how long the close of a subscription waits for its running handlers. Default 10 s.
   *
   * @param timeout zero or more; zero does not wait
   */
  public EventBusBrokerOptions setCloseTimeout(Duration timeout) {
    this.closeTimeout = Ranges.notNegative("closeTimeout", timeout);
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EventBusBrokerOptions that
        && addressPrefix.equals(that.addressPrefix)
        && groupsAge.equals(that.groupsAge)
        && closeTimeout.equals(that.closeTimeout);
  }

  @Override
  public int hashCode() {
    return Objects.hash(addressPrefix, groupsAge, closeTimeout);
  }

  @Override
  public String toString() {
    return "EventBusBrokerOptions" + toJson().encode();
  }
}
