// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a {@link PublishOption} sets. Not thread-safe. */
public final class PublishOptions {

  /** 10 s. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  private Duration timeout = DEFAULT_TIMEOUT;
  private @Nullable String exchange;

  /** Makes options with all defaults. */
  public PublishOptions() {}

  /** Makes a copy. */
  public PublishOptions(PublishOptions other) {
    timeout = other.timeout;
    exchange = other.exchange;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public PublishOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.duration("timeout", this::setTimeout);
    fields.string("exchange", this::setExchange);
  }

  /** Returns the settings, durations in milliseconds. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject().put("timeout", Nanos.millis(timeout));
    return exchange == null ? json : json.put("exchange", exchange);
  }

  /** Returns the bound of a publish. */
  public Duration getTimeout() {
    return timeout;
  }

  /**
   * Bounds a publish that the broker confirms; past it the publish fails with code 408. Default 10
   * s.
   *
   * @param timeout above zero
   */
  public PublishOptions setTimeout(Duration timeout) {
    this.timeout = Ranges.positive("timeout", timeout);
    return this;
  }

  /** Returns the topic that the broker is given instead of the message's, or null. */
  public @Nullable String getExchange() {
    return exchange;
  }

  /**
   * Sets the topic that the broker is given instead of the message's. Default null: the message's.
   *
   * @param exchange not blank
   */
  public PublishOptions setExchange(@Nullable String exchange) {
    this.exchange = exchange == null ? null : Ranges.notBlank("exchange", exchange);
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PublishOptions that
        && timeout.equals(that.timeout)
        && Objects.equals(exchange, that.exchange);
  }

  @Override
  public int hashCode() {
    return Objects.hash(timeout, exchange);
  }

  @Override
  public String toString() {
    return "PublishOptions" + toJson().encode();
  }
}
