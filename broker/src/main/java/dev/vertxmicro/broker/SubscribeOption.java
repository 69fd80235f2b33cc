// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import io.vertx.core.Handler;
import java.time.Duration;

/** One setting of a {@link Broker#subscribe}. */
@FunctionalInterface
public interface SubscribeOption {

  /** Changes {@code options}. */
  void apply(SubscribeOptions options);

  /**
   * Joins a queue group: of all subscriptions to the topic with this queue, one gets each event.
   * Default none: every subscription gets each event.
   */
  static SubscribeOption queue(String queue) {
    return options -> options.setQueue(queue);
  }

  /** Leaves {@link Event#ack} to the handler. Default: its success acknowledges. */
  static SubscribeOption manualAck() {
    return options -> options.setAckMode(AckMode.MANUAL);
  }

  /** Sets how many handlers run at once. Default 1, which keeps the order of events. */
  static SubscribeOption concurrency(int handlers) {
    return options -> options.setConcurrency(handlers);
  }

  /** Sets how many events may wait or be unsettled. Default 1,000. */
  static SubscribeOption prefetch(int events) {
    return options -> options.setPrefetch(events);
  }

  /** Sets what happens to events beyond the prefetch. Default: their publish is refused. */
  static SubscribeOption overflow(Overflow overflow) {
    return options -> options.setOverflow(overflow);
  }

  /** Sets how often an event is delivered at most. Default 3; 1 means never again. */
  static SubscribeOption maxDeliveries(int deliveries) {
    return options -> options.setMaxDeliveries(deliveries);
  }

  /** Sets how long an event waits before it is delivered again. Default 100 ms. */
  static SubscribeOption redeliveryDelay(Duration delay) {
    return options -> options.setRedeliveryDelay(delay);
  }

  /** Sets how long an event may stay unsettled before it is delivered again. Default for ever. */
  static SubscribeOption ackTimeout(Duration timeout) {
    return options -> options.setAckTimeout(timeout);
  }

  /**
   * Sets who is told of each event that this process had taken for the subscription and gives up:
   * its {@link Event#error} says why. Runs on the context of the subscription. Default: a line in
   * the log.
   */
  static SubscribeOption onLoss(Handler<Event> handler) {
    return options -> options.setLossHandler(handler);
  }
}
