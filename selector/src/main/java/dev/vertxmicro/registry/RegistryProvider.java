// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/** Makes a registry that is found by name. Implemented by plug-ins. */
public interface RegistryProvider {

  /** Returns the name, for example {@code "consul"}. */
  String name();

  /** Returns a new registry. */
  Registry create(Vertx vertx, JsonObject options);
}
