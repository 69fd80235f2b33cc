// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.EventBusBroker;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.broker.nats.NatsBroker;
import dev.vertxmicro.broker.nats.NatsBrokerOptions;
import dev.vertxmicro.broker.rabbitmq.RabbitBroker;
import dev.vertxmicro.broker.rabbitmq.RabbitBrokerOptions;
import dev.vertxmicro.codec.Message;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A broker of ours, with all its defaults. */
final class BrokerLoad implements Load {

  /** The clients share a server. */
  static final String TOPIC = "bench." + ProcessHandle.current().pid();

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final Buffer body = Buffer.buffer(new byte[PAYLOAD_BYTES]);
  private final Broker broker;

  // Touched on the context only.
  private final Deque<Consumer<@Nullable Throwable>> open = new ArrayDeque<>();

  private BrokerLoad(Function<Vertx, Broker> make, SubscribeOption... options) {
    broker = make.apply(vertx);
    broker.connect().await();
    broker.subscribe(TOPIC, this::onEvent, options).await();
  }

  static BrokerLoad onEventBus(SubscribeOption... options) {
    return new BrokerLoad(EventBusBroker::create, options);
  }

  static BrokerLoad onNats(int port) {
    NatsBrokerOptions options =
        new NatsBrokerOptions().setServers(List.of("nats://127.0.0.1:" + port));
    return new BrokerLoad(vertx -> NatsBroker.create(vertx, options));
  }

  static BrokerLoad onRabbit(int port) {
    RabbitBrokerOptions options =
        new RabbitBrokerOptions().setServers(List.of("amqp://127.0.0.1:" + port));
    return new BrokerLoad(vertx -> RabbitBroker.create(vertx, options));
  }

  static Message event(String topic, Buffer body) {
    return Message.event(topic)
        .id("7f1c9d1e-6b8e-4c63-9a56-0c8f6d0c4a11")
        .contentType("application/octet-stream")
        .body(body)
        .build();
  }

  private Future<Void> onEvent(Event event) {
    int size = event.message().body().length();
    open.remove()
        .accept(size == PAYLOAD_BYTES ? null : new IllegalStateException("event of " + size));
    return Future.succeededFuture();
  }

  @Override
  public String options() {
    return "defaults";
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(run -> task.run());
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    open.add(done);
    broker
        .publish(TOPIC, event(TOPIC, body))
        .onFailure(
            failure -> {
              throw new IllegalStateException(failure);
            });
  }

  @Override
  public void close() {
    broker.close().await();
    vertx.close().await();
  }
}
