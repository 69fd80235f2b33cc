// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import dev.vertxmicro.codec.Message;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * amqp-client as it is, with the promises of the broker: each event confirmed to the publisher and
 * acknowledged by the subscriber, which blocks.
 */
final class AmqpLoad implements Load {

  private static final int PREFETCH = 1_000;

  private final Connection publishing;
  private final Connection subscribing;
  private final Channel publishes;
  private final Channel events;
  private final BasicProperties properties;
  private final byte[] body = new byte[PAYLOAD_BYTES];
  private final Deque<Consumer<@Nullable Throwable>> open = new ConcurrentLinkedDeque<>();

  /** A channel is for one thread at a time, and their order is that of {@code open}. */
  private final ReentrantLock publisher = new ReentrantLock();

  AmqpLoad(int port) {
    Message event = BrokerLoad.event(BrokerLoad.TOPIC, Buffer.buffer(body));
    Map<String, Object> headers = new HashMap<>();
    event.wireHeaders().forEach(headers::put);
    properties = new BasicProperties.Builder().headers(headers).build();
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(port);
    try {
      publishing = factory.newConnection();
      subscribing = factory.newConnection();
      publishes = publishing.createChannel();
      publishes.exchangeDeclare("micro", BuiltinExchangeType.TOPIC);
      publishes.confirmSelect();
      publishes.addConfirmListener((tag, multiple) -> {}, (tag, multiple) -> nacked());
      events = subscribing.createChannel();
      events.basicQos(PREFETCH);
      String queue = events.queueDeclare().getQueue();
      events.queueBind(queue, "micro", BrokerLoad.TOPIC);
      events.basicConsume(queue, false, (tag, delivery) -> onEvent(delivery), tag -> {});
    } catch (IOException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void nacked() {
    throw new IllegalStateException("the server could not take an event");
  }

  private void onEvent(Delivery delivery) throws IOException {
    events.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
    int size = delivery.getBody().length;
    open.remove()
        .accept(size == PAYLOAD_BYTES ? null : new IllegalStateException("event of " + size));
  }

  @Override
  public String options() {
    return "confirms, acknowledgements, prefetch " + PREFETCH;
  }

  @Override
  public void execute(Runnable task) {
    task.run();
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    publisher.lock();
    try {
      open.add(done);
      publishes.basicPublish("micro", BrokerLoad.TOPIC, properties, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      publisher.unlock();
    }
  }

  @Override
  public void close() {
    publishing.abort();
    subscribing.abort();
  }
}
