// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import io.vertx.core.Future;

/** A subscription that stands. Its methods may be called from any thread. */
public interface Subscription {

  /** Returns the topic. */
  String topic();

  /** Returns a copy of the options in effect. */
  SubscribeOptions options();

  /** Returns how many events this process holds for the subscription: waiting or not settled. */
  int pending();

  /** Returns how many events this process had taken for the subscription and gave up. */
  long lost();

  /**
   * Ends the subscription: no handler starts after this call. Completes when the running handlers
   * have ended; fails with code 408 if they take longer than the broker waits, and goes on without
   * them. What becomes of events that are not settled is the broker's to say. May be called twice:
   * the second call joins the first.
   */
  Future<Void> close();
}
