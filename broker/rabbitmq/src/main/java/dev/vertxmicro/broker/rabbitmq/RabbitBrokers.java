// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.BrokerProvider;
import dev.vertxmicro.codec.Codecs;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/** Makes brokers on RabbitMQ: {@code "rabbitmq"}, with {@link RabbitBrokerOptions}. */
public final class RabbitBrokers implements BrokerProvider {

  /** Makes the provider. */
  public RabbitBrokers() {}

  @Override
  public String name() {
    return "rabbitmq";
  }

  @Override
  public Broker create(Vertx vertx, Codecs codecs, JsonObject options) {
    return RabbitBroker.builder(vertx)
        .withCodecs(codecs)
        .withOptions(new RabbitBrokerOptions(options))
        .build();
  }
}
