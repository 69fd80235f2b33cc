// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.BrokerProvider;
import dev.vertxmicro.codec.Codecs;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/** Makes brokers on NATS: {@code "nats"}, with {@link NatsBrokerOptions}. */
public final class NatsBrokers implements BrokerProvider {

  /** Makes the provider. */
  public NatsBrokers() {}

  @Override
  public String name() {
    return "nats";
  }

  @Override
  public Broker create(Vertx vertx, Codecs codecs, JsonObject options) {
    return NatsBroker.builder(vertx)
        .withCodecs(codecs)
        .withOptions(new NatsBrokerOptions(options))
        .build();
  }
}
