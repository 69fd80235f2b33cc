// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.Handler;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a {@link SubscribeOption} sets. Not thread-safe: a subscription keeps a copy. */
public final class SubscribeOptions {

  /** {@link AckMode#ON_SUCCESS}. */
  public static final AckMode DEFAULT_ACK_MODE = AckMode.ON_SUCCESS;

  /** One handler at a time. */
  public static final int DEFAULT_CONCURRENCY = 1;

  /** 1,000 events. */
  public static final int DEFAULT_PREFETCH = 1_000;

  /** {@link Overflow#REFUSE}. */
  public static final Overflow DEFAULT_OVERFLOW = Overflow.REFUSE;

  /** Three deliveries. */
  public static final int DEFAULT_MAX_DELIVERIES = 3;

  /** 100 ms. */
  public static final Duration DEFAULT_REDELIVERY_DELAY = Duration.ofMillis(100);

  /** Zero: for ever. */
  public static final Duration DEFAULT_ACK_TIMEOUT = Duration.ZERO;

  private @Nullable String queue;
  private AckMode ackMode = DEFAULT_ACK_MODE;
  private int concurrency = DEFAULT_CONCURRENCY;
  private int prefetch = DEFAULT_PREFETCH;
  private Overflow overflow = DEFAULT_OVERFLOW;
  private int maxDeliveries = DEFAULT_MAX_DELIVERIES;
  private Duration redeliveryDelay = DEFAULT_REDELIVERY_DELAY;
  private Duration ackTimeout = DEFAULT_ACK_TIMEOUT;
  private @Nullable Handler<Event> lossHandler;

  /** Makes options with all defaults. */
  public SubscribeOptions() {}

  /** Makes a copy. */
  public SubscribeOptions(SubscribeOptions other) {
    queue = other.queue;
    ackMode = other.ackMode;
    concurrency = other.concurrency;
    prefetch = other.prefetch;
    overflow = other.overflow;
    maxDeliveries = other.maxDeliveries;
    redeliveryDelay = other.redeliveryDelay;
    ackTimeout = other.ackTimeout;
    lossHandler = other.lossHandler;
  }

  /**
   * Makes options from JSON; what is absent keeps its default.
   *
   * @throws IllegalArgumentException if a value is out of its range or of a wrong type
   */
  public SubscribeOptions(JsonObject json) {
    JsonFields fields = new JsonFields(json);
    fields.string("queue", this::setQueue);
    fields.constant("ackMode", AckMode.class, this::setAckMode);
    fields.integer("concurrency", this::setConcurrency);
    fields.integer("prefetch", this::setPrefetch);
    fields.constant("overflow", Overflow.class, this::setOverflow);
    fields.integer("maxDeliveries", this::setMaxDeliveries);
    fields.duration("redeliveryDelay", this::setRedeliveryDelay);
    fields.duration("ackTimeout", this::setAckTimeout);
  }

  /** Returns the defaults after {@code options}, in their order. */
  public static SubscribeOptions of(SubscribeOption... options) {
    SubscribeOptions own = new SubscribeOptions();
    for (SubscribeOption option : options) {
      option.apply(own);
    }
    return own;
  }

  /** Returns the settings that are plain data, durations in milliseconds. */
  public JsonObject toJson() {
    JsonObject json =
        new JsonObject()
            .put("ackMode", ackMode.name())
            .put("concurrency", concurrency)
            .put("prefetch", prefetch)
            .put("overflow", overflow.name())
            .put("maxDeliveries", maxDeliveries)
            .put("redeliveryDelay", Nanos.millis(redeliveryDelay))
            .put("ackTimeout", Nanos.millis(ackTimeout));
    return queue == null ? json : json.put("queue", queue);
  }

  /** Returns the queue group, or null. */
  public @Nullable String getQueue() {
    return queue;
  }

  /**
   * Sets the queue group: of all subscriptions to the topic with this queue, one gets each event.
   * Default null: every subscription gets each event.
   *
   * @param queue not blank
   */
  public SubscribeOptions setQueue(@Nullable String queue) {
    this.queue = queue == null ? null : Ranges.notBlank("queue", queue);
    return this;
  }

  /** Returns who acknowledges. */
  public AckMode getAckMode() {
    return ackMode;
  }

  /** Sets who acknowledges. Default {@link AckMode#ON_SUCCESS}. */
  public SubscribeOptions setAckMode(AckMode ackMode) {
    this.ackMode = Objects.requireNonNull(ackMode, "ackMode");
    return this;
  }

  /** Returns how many handlers run at once. */
  public int getConcurrency() {
    return concurrency;
  }

  /**
   * Sets how many handlers run at once: how many of the futures they return may be open. Default 1,
   * which keeps the order of events; with more, handlers start in order and end in any.
   *
   * @param handlers 1 to 10,000; a smaller prefetch bounds it further
   */
  public SubscribeOptions setConcurrency(int handlers) {
    this.concurrency = Ranges.within("concurrency", handlers, 1, 10_000);
    return this;
  }

  /** Returns how many events may wait or be unsettled. */
  public int getPrefetch() {
    return prefetch;
  }

  /**
   * Bounds the events that this process holds for the subscription: those that wait for a handler,
   * those that are not settled, and those that wait to be delivered again. Default 1,000.
   *
   * @param events 1 to 1,000,000
   */
  public SubscribeOptions setPrefetch(int events) {
    this.prefetch = Ranges.within("prefetch", events, 1, 1_000_000);
    return this;
  }

  /** Returns what happens to events beyond the prefetch. */
  public Overflow getOverflow() {
    return overflow;
  }

  /**
   * Sets what happens to events beyond the prefetch, for brokers whose queue is in this process.
   * Default {@link Overflow#REFUSE}.
   */
  public SubscribeOptions setOverflow(Overflow overflow) {
    this.overflow = Objects.requireNonNull(overflow, "overflow");
    return this;
  }

  /** Returns how often an event is delivered at most. */
  public int getMaxDeliveries() {
    return maxDeliveries;
  }

  /**
   * Sets how often an event is delivered at most, the first time included; then it is given up, see
   * {@link #setLossHandler}. Default 3.
   *
   * @param deliveries 1 to 1,000; 1 means never again
   */
  public SubscribeOptions setMaxDeliveries(int deliveries) {
    this.maxDeliveries = Ranges.within("maxDeliveries", deliveries, 1, 1_000);
    return this;
  }

  /** Returns how long an event waits before it is delivered again. */
  public Duration getRedeliveryDelay() {
    return redeliveryDelay;
  }

  /**
   * Sets how long an event waits before it is delivered again. Default 100 ms.
   *
   * @param delay zero or more; zero puts it at the end of the queue at once
   */
  public SubscribeOptions setRedeliveryDelay(Duration delay) {
    this.redeliveryDelay = Ranges.notNegative("redeliveryDelay", delay);
    return this;
  }

  /** Returns how long an event may stay unsettled. */
  public Duration getAckTimeout() {
    return ackTimeout;
  }

  /**
   * Sets how long an event may stay unsettled, counted from the start of its handler; then it is
   * delivered again as after a nack, though its handler may still run. Default zero.
   *
   * @param timeout zero or more; zero means for ever: an event that is never settled keeps its
   *     place in the prefetch
   */
  public SubscribeOptions setAckTimeout(Duration timeout) {
    this.ackTimeout = Ranges.notNegative("ackTimeout", timeout);
    return this;
  }

  /** Returns who is told of events that are given up, or null. */
  public @Nullable Handler<Event> getLossHandler() {
    return lossHandler;
  }

  /**
   * Sets who is told of each event that this process had taken for the subscription and gives up:
   * delivered as often as allowed, unreadable, beyond the prefetch under a dropping {@link
   * Overflow}, or left over when the subscription closes. Its {@link Event#error} says why. Runs on
   * the context of the subscription. Default null: a line in the log at WARNING.
   */
  public SubscribeOptions setLossHandler(@Nullable Handler<Event> handler) {
    this.lossHandler = handler;
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SubscribeOptions that
        && Objects.equals(queue, that.queue)
        && ackMode == that.ackMode
        && concurrency == that.concurrency
        && prefetch == that.prefetch
        && overflow == that.overflow
        && maxDeliveries == that.maxDeliveries
        && redeliveryDelay.equals(that.redeliveryDelay)
        && ackTimeout.equals(that.ackTimeout)
        && Objects.equals(lossHandler, that.lossHandler);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        queue,
        ackMode,
        concurrency,
        prefetch,
        overflow,
        maxDeliveries,
        redeliveryDelay,
        ackTimeout,
        lossHandler);
  }

  @Override
  public String toString() {
    return "SubscribeOptions" + toJson().encode();
  }
}
