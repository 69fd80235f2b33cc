// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import java.util.Objects;

/**
 * A change of one version of a service, as a {@link Watch} reports it.
 *
 * @param action what changed
 * @param service for {@code CREATE} and {@code UPDATE} the nodes to add or replace; for {@code
 *     DELETE} the nodes to remove, and without nodes the whole version
 */
public record RegistryEvent(Action action, Service service) {

  /** What a registry event does, with go-micro's meaning. */
  public enum Action {
    /** The service or some nodes are new. */
    CREATE,
    /** Nodes were added or replaced. */
    UPDATE,
    /** Nodes, or the whole version, are gone. */
    DELETE
  }

  /** Checks the parts. */
  public RegistryEvent {
    Objects.requireNonNull(action, "action");
    Objects.requireNonNull(service, "service");
  }
}
