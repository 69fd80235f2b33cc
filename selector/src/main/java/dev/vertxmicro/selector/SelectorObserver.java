// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import java.time.Duration;

/**
 * Sees what a selector thinks of nodes; metrics bind to it.
 *
 * <p>Each method is called on the thread where it happens, mostly that of a call whose attempt
 * ended, must return at once and must not throw. No lock is held. Events of one service that happen
 * on several threads at a time may arrive in another order.
 */
public interface SelectorObserver {

  /** Sees nothing. */
  SelectorObserver NONE = new SelectorObserver() {};

  /**
   * A node was ejected, for the first time or again.
   *
   * @param time how long until it is probed
   */
  default void ejected(String service, Node node, EjectionCause cause, Duration time) {}

  /**
   * A node ought to be ejected, but too many others are: it goes on being picked. Also of a node
   * that was ejected, when so many others have left the service that too many were.
   */
  default void ejectionWithheld(String service, Node node, EjectionCause cause) {}

  /** An ejection, carried out or withheld, is over: the node counts as healthy again. */
  default void readmitted(String service, Node node) {}

  /**
   * A probe of an ejected node has ended.
   *
   * @param result what came of it; CANCELLED means that it told nothing, and another will follow
   */
  default void probed(String service, Node node, Outcome.Kind result) {}

  /**
   * Too few nodes of a service are healthy: ejections are overlooked from now on.
   *
   * @param healthy how many are healthy
   * @param nodes how many there are
   */
  default void panicStarted(String service, int healthy, int nodes) {}

  /** Enough nodes of a service are healthy again. */
  default void panicEnded(String service) {}
}
