// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

/**
 * What happens to an event for a subscription that holds as many as its prefetch allows, where the
 * bound is in this process. Nothing is lost silently: see {@link SubscribeOption#onLoss}.
 */
public enum Overflow {
  /** The publish fails with code 503; no subscriber gets the event. */
  REFUSE,

  /** This subscription loses the new event. */
  DROP_NEWEST,

  /** This subscription loses the event that waits the longest, or the new one if none waits. */
  DROP_OLDEST
}
