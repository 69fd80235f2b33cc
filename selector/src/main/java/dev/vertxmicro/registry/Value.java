// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import java.util.List;
import java.util.Objects;

/**
 * The shape of a request or a response, as go-micro describes it in the registry.
 *
 * @param name the field or type name
 * @param type the type name, {@code []T} for lists
 * @param values the fields
 */
public record Value(String name, String type, List<Value> values) {

  /** Checks the name and the type, and copies the fields. */
  public Value {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    values = List.copyOf(values);
  }
}
