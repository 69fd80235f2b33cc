// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a {@link PublishOption} sets. Not thread-safe. */
public final class PublishOptions {

  /** 10 s. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  /** Two. */
  public static final int DEFAULT_RETRIES = 2;

  private Duration timeout = DEFAULT_TIMEOUT;
  private int retries = DEFAULT_RETRIES;
  private boolean idempotent;
  private @Nullable String exchange;

  /** Makes options with all defaults. */
  public PublishOptions() {}

  /** Makes a copy. */
  public PublishOptions(PublishOptions other) {
    timeout = other.timeout;
    retries = other.retries;
    idempotent = other.idempotent;
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
    fields.integer("retries", this::setRetries);
    fields.bool("idempotent", this::setIdempotent);
    fields.string("exchange", this::setExchange);
  }

  /** Returns the defaults after {@code options}, in their order. */
  public static PublishOptions of(PublishOption... options) {
    PublishOptions own = new PublishOptions();
    for (PublishOption option : options) {
      option.apply(own);
    }
    return own;
  }

  /** Returns the settings, durations in milliseconds. */
  public JsonObject toJson() {
    JsonObject json =
        new JsonObject()
            .put("timeout", Nanos.millis(timeout))
            .put("retries", retries)
            .put("idempotent", idempotent);
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

  /** Returns how often a failed publish is tried again at most. */
  public int getRetries() {
    return retries;
  }

  /**
   * Sets how often a client tries a failed publish again at most, within the timeout and after the
   * backoff of its calls. A {@link Broker} itself publishes once. Default 2.
   *
   * @param retries 0 to 1,000
   */
  public PublishOptions setRetries(int retries) {
    this.retries = Ranges.within("retries", retries, 0, 1_000);
    return this;
  }

  /** Returns whether subscribers may get the event more than once. */
  public boolean isIdempotent() {
    return idempotent;
  }

  /**
   * Sets whether subscribers may get the event more than once: then a client also tries again what
   * the broker may have taken, with the same id. Default false.
   */
  public PublishOptions setIdempotent(boolean idempotent) {
    this.idempotent = idempotent;
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
        && retries == that.retries
        && idempotent == that.idempotent
        && Objects.equals(exchange, that.exchange);
  }

  @Override
  public int hashCode() {
    return Objects.hash(timeout, retries, idempotent, exchange);
  }

  @Override
  public String toString() {
    return "PublishOptions" + toJson().encode();
  }
}
