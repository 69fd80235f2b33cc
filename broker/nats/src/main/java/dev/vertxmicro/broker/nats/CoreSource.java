// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import dev.vertxmicro.broker.Delivery;
import dev.vertxmicro.codec.Message;
import io.nats.client.Dispatcher;
import org.jspecify.annotations.Nullable;

/** A subscription of core NATS, in a queue group or not. */
final class CoreSource extends NatsSource {

  private final @Nullable String queue;

  CoreSource(NatsBroker broker, String topic, @Nullable String queue) {
    super(broker, topic);
    this.queue = queue;
  }

  @Override
  void attach(Dispatcher dispatcher) {
    if (queue == null) {
      dispatcher.subscribe(topic(), this::onPayload);
    } else {
      dispatcher.subscribe(topic(), queue, this::onPayload);
    }
  }

  @Override
  Delivery delivery(Message event, io.nats.client.Message payload) {
    return new Delivery(event, 1);
  }
}
