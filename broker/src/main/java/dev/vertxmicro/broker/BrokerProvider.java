// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.Codecs;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/** Makes a broker that is found by name. Implemented by plug-ins. */
public interface BrokerProvider {

  /** Returns the name, for example {@code "nats"}. */
  String name();

  /**
   * Returns a new broker, not yet connected.
   *
   * @param codecs what reads the bodies of events
   * @param options the broker's own options
   * @throws IllegalArgumentException if an option is wrong
   */
  Broker create(Vertx vertx, Codecs codecs, JsonObject options);
}
