// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import java.util.List;

/**
 * The shape of a request or a response, as go-micro describes it in the registry.
 *
 * @param name the field or type name
 * @param type the type name, {@code []T} for lists
 * @param values the fields
 */
public record Value(String name, String type, List<Value> values) {

  /** Copies the fields. */
  public Value {
    values = List.copyOf(values);
  }
}
