// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import java.time.Duration;

/** One setting of a {@link Broker#publish}. */
@FunctionalInterface
public interface PublishOption {

  /** Changes {@code options}. */
  void apply(PublishOptions options);

  /** Bounds the publish. Default 10 s. */
  static PublishOption timeout(Duration timeout) {
    return options -> options.setTimeout(timeout);
  }

  /** Tries a failed publish again at most that often. Default 2. */
  static PublishOption retries(int retries) {
    return options -> options.setRetries(retries);
  }

  /** Lets subscribers get the event more than once, so that more failures are tried again. */
  static PublishOption idempotent() {
    return options -> options.setIdempotent(true);
  }

  /**
   * Publishes to another topic of the broker than the message names, as go-micro's {@code
   * WithExchange} does: subscribers of {@code exchange} get the event, and {@code Micro-Topic} says
   * the message's topic. Default none.
   */
  static PublishOption exchange(String exchange) {
    return options -> options.setExchange(exchange);
  }
}
