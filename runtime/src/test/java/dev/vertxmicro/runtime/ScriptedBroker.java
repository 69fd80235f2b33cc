// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.PublishOption;
import dev.vertxmicro.broker.PublishOptions;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.broker.Subscription;
import dev.vertxmicro.codec.Message;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** A broker that answers as it is told, in turn, and with success when it was told all. */
final class ScriptedBroker implements Broker {

  /** One publish as it reached the broker. */
  record Taken(String topic, Message message, PublishOptions options) {}

  final List<Taken> taken = new ArrayList<>();
  final Deque<Supplier<Future<Void>>> connects = new ArrayDeque<>();
  final Deque<Supplier<Future<Void>>> publishes = new ArrayDeque<>();
  int connected;
  boolean closed;

  @Override
  public Future<Void> connect() {
    connected++;
    return next(connects);
  }

  @Override
  public Future<Void> publish(String topic, Message message, PublishOption... options) {
    PublishOptions own = new PublishOptions();
    for (PublishOption option : options) {
      option.apply(own);
    }
    taken.add(new Taken(topic, message, own));
    return next(publishes);
  }

  private static Future<Void> next(Deque<Supplier<Future<Void>>> script) {
    Supplier<Future<Void>> answer = script.poll();
    return answer == null ? Future.succeededFuture() : answer.get();
  }

  @Override
  public Future<Subscription> subscribe(
      String topic, Function<Event, Future<?>> handler, SubscribeOption... options) {
    throw new UnsupportedOperationException("publishes only");
  }

  @Override
  public Future<Void> close() {
    closed = true;
    return Future.succeededFuture();
  }
}
