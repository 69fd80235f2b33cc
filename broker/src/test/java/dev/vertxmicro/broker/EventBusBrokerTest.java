// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import io.vertx.core.Vertx;

/** The broker on the event bus of one process. */
class EventBusBrokerTest extends BrokerContract {

  @Override
  protected Broker open(Vertx vertx) {
    return EventBusBroker.create(vertx);
  }

  @Override
  protected boolean redelivers() {
    return true;
  }

  @Override
  protected boolean sendGarbage(String topic) {
    vertx()
        .eventBus()
        .publish(EventBusBrokerOptions.DEFAULT_ADDRESS_PREFIX + "topic:" + topic, "garbage");
    return true;
  }
}
