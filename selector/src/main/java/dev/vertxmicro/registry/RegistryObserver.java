// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.RpcException;
import java.time.Duration;

/**
 * Sees how well a {@link CachingRegistry} knows what it serves; metrics bind to it.
 *
 * <p>Each method is called on the event loop of the registry, one at a time, must return at once
 * and must not throw; what it throws is logged.
 */
public interface RegistryObserver {

  /** Sees nothing. */
  RegistryObserver NONE = new RegistryObserver() {};

  /** A look-up failed, or took too long, or gave garbage. */
  default void lookUpFailed(String service, RpcException failure) {}

  /**
   * From now on a service's last known nodes are served although the registry fails or knows of
   * none. Followed by exactly one {@link #serviceBecameFresh} or {@link #serviceGivenUp}.
   *
   * @param age since the registry last confirmed them, perhaps to a process before this one
   */
  default void serviceBecameStale(String service, Duration age) {}

  /**
   * The registry answers with nodes again.
   *
   * @param age how long it had not
   */
  default void serviceBecameFresh(String service, Duration age) {}

  /**
   * Stale nodes are served no more: they are too old, or were deleted, or the service is not used
   * any longer, or the registry is closed.
   *
   * @param age since the registry last confirmed them
   */
  default void serviceGivenUp(String service, Duration age) {}

  /**
   * The number of nodes of a service has changed that an answer lacked although no delete was
   * reported, and that are served for a grace.
   *
   * @param before how many there were; 0 at first
   * @param now how many there are; 0 at last
   */
  default void nodesUnconfirmed(String service, int before, int now) {}
}
