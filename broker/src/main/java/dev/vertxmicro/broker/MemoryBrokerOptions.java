// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a {@link MemoryBroker} works. Not thread-safe: the broker keeps a copy. */
public final class MemoryBrokerOptions {

  /** 10 s. */
  public static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(10);

  /** 10,000 subscriptions. */
  public static final int DEFAULT_MAX_SUBSCRIPTIONS = 10_000;

  private Duration closeTimeout = DEFAULT_CLOSE_TIMEOUT;
  private int maxSubscriptions = DEFAULT_MAX_SUBSCRIPTIONS;

  /** Makes options with all defaults. */
  public MemoryBrokerOptions() {}

  /** Makes a copy. */
  public MemoryBrokerOptions(MemoryBrokerOptions other) {
    closeTimeout = other.closeTimeout;
    maxSubscriptions = other.maxSubscriptions;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public MemoryBrokerOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.duration("closeTimeout", this::setCloseTimeout);
    fields.integer("maxSubscriptions", this::setMaxSubscriptions);
  }

  /** Returns the settings, durations in milliseconds. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("closeTimeout", Nanos.millis(closeTimeout))
        .put("maxSubscriptions", maxSubscriptions);
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
  public MemoryBrokerOptions setCloseTimeout(Duration timeout) {
    this.closeTimeout = Ranges.notNegative("closeTimeout", timeout);
    return this;
  }

  /** Returns how many subscriptions may stand. */
  public int getMaxSubscriptions() {
    return maxSubscriptions;
  }

  /**
   * Bounds the subscriptions made through this broker that stand at once; more fail with {@code
   * RESOURCE_EXHAUSTED}. Default 10,000.
   *
   * @param subscriptions 1 to 1,000,000
   */
  public MemoryBrokerOptions setMaxSubscriptions(int subscriptions) {
    this.maxSubscriptions = Ranges.within("maxSubscriptions", subscriptions, 1, 1_000_000);
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MemoryBrokerOptions that
        && closeTimeout.equals(that.closeTimeout)
        && maxSubscriptions == that.maxSubscriptions;
  }

  @Override
  public int hashCode() {
    return Objects.hash(closeTimeout, maxSubscriptions);
  }

  @Override
  public String toString() {
    return "MemoryBrokerOptions" + toJson().encode();
  }
}
