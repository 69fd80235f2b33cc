// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.vertxmicro.broker.Delivery;
import dev.vertxmicro.broker.LocalSubscription;
import dev.vertxmicro.broker.SubscribeOptions;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where one subscription gets its events from: a queue, consumed on a channel of its own. The
 * server sends as many as the prefetch allows and keeps each until it is acknowledged.
 *
 * <p>A channel is lost with the connection, or alone; then the server takes back all that it had
 * sent and sends it again, here or elsewhere. So what no handler has begun is forgotten here, and
 * what a handler is at cannot be acknowledged any more. When a queue is deleted it is different:
 * the consumer is cancelled, what it got is nobody else's, and is handled still. So it is where the
 * server named the queue: that ends with the channel. The subscription stands again as soon as it
 * can, on another channel.
 */
final class QueueSource implements LocalSubscription.Source {

  private static final Logger LOG = System.getLogger(QueueSource.class.getName());

  private static final Duration PAUSE_AFTER_TROUBLE = Duration.ofSeconds(1);

  /** The prefetch has 16 bits on the wire. */
  private static final int MOST_PREFETCH = 65_535;

  private static final byte[] NO_BODY = {};

  private final RabbitBroker broker;
  private final RabbitBrokerOptions options;
  private final String topic;
  private final @Nullable String group;
  private final String privateQueue;
  private final int prefetch;
  private final int maxDeliveries;
  private final Promise<Void> over = Promise.promise();
  private @Nullable LocalSubscription subscription;

  /** Held while a channel is set up, by threads that may block. */
  private final ReentrantLock attaching = new ReentrantLock();

  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Deque<QueueDelivery> waiting = new ArrayDeque<>();
  private @Nullable Attachment attachment;
  private boolean stopped;
  private boolean complained;

  /**
   * Makes a source that is not attached.
   *
   * @param group the queue of its queue group, or null
   */
  QueueSource(
      RabbitBroker broker,
      RabbitBrokerOptions options,
      String topic,
      @Nullable String group,
      SubscribeOptions subscribe) {
    this.broker = broker;
    this.options = options;
    this.topic = topic;
    this.group = group;
    // The server names queues that end with their consumer.
    this.privateQueue = options.isDurableQueues() ? "micro." + UUID.randomUUID() : "";
    this.prefetch = Math.min(MOST_PREFETCH, subscribe.getPrefetch());
    this.maxDeliveries = subscribe.getMaxDeliveries();
  }

  /** Sets whom the events are for. Called once, before anything else. */
  void feed(LocalSubscription subscription) {
    this.subscription = subscription;
  }

  private LocalSubscription subscription() {
    if (subscription == null) {
      throw new IllegalStateException("source of " + topic + " without a subscription");
    }
    return subscription;
  }

  String topic() {
    return topic;
  }

  @Nullable String group() {
    return group;
  }

  /** Completes when nothing of it is left at the server. */
  Future<Void> over() {
    return over.future();
  }

  // ---- The channel

  /** A queue consumed on a channel, until that is lost or the queue is. */
  private final class Attachment extends DefaultConsumer {
    private final Channel channel;
    private final Settlements settlements;

    // Set with the lock held. Read without: subscriptions ask with their own lock held.
    private volatile boolean cut;
    private volatile boolean queueGone;

    Attachment(Channel channel) {
      super(channel);
      this.channel = channel;
      this.settlements = new Settlements(channel, broker.own());
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, BasicProperties properties, byte[] body) {
      onDelivery(this, envelope, properties, body);
    }

    /** The server has cancelled it. */
    @Override
    public void handleCancel(String tag) {
      onQueueGone(this);
    }
  }

  /**
   * Stands on a connection; the server knows of it when this returns. Blocks.
   *
   * @throws RpcException if the server refuses
   */
  void attach(Connection over) {
    attaching.lock();
    try {
      if (isAttachedOrStopped()) {
        return;
      }
      attachTo(channel(over));
    } finally {
      attaching.unlock();
    }
  }

  private boolean isAttachedOrStopped() {
    lock.lock();
    try {
      return stopped || attachment != null;
    } finally {
      lock.unlock();
    }
  }

  private Channel channel(Connection over) {
    try {
      Channel channel = over.createChannel();
      if (channel != null) {
        return channel;
      }
    } catch (IOException | AlreadyClosedException failure) {
      throw failure("no channel", failure);
    }
    throw RpcException.client(
            GrpcStatus.RESOURCE_EXHAUSTED, "rabbitmq: no channel is left on the connection")
        .target(topic, "")
        .build();
  }

  private void attachTo(Channel channel) {
    Attachment made = new Attachment(channel);
    try {
      channel.basicQos(prefetch);
      String queue = declare(channel);
      channel.queueBind(queue, options.getExchange(), topic);
      lock.lock();
      try {
        if (!stopped) {
          attachment = made;
        }
      } finally {
        lock.unlock();
      }
      if (!isAttached(made)) {
        abort(channel);
        return;
      }
      channel.addShutdownListener(cause -> onCut(made, cause));
      channel.basicConsume(queue, false, made);
      if (!channel.isOpen()) {
        throw new AlreadyClosedException(channel.getCloseReason());
      }
      stands();
    } catch (IOException | RuntimeException failure) {
      forget(made);
      abort(channel);
      throw failure("no subscription", failure);
    }
  }

  private boolean isAttached(Attachment made) {
    lock.lock();
    try {
      return attachment == made;
    } finally {
      lock.unlock();
    }
  }

  private void stands() {
    lock.lock();
    try {
      complained = false;
    } finally {
      lock.unlock();
    }
  }

  private String declare(Channel channel) throws IOException {
    boolean durable = options.isDurableQueues();
    Map<String, Object> arguments = null;
    if (group != null) {
      arguments =
          options.getQueueArguments().isEmpty() ? null : options.getQueueArguments().getMap();
    } else if (durable) {
      arguments = new HashMap<>(Map.of("x-expires", options.getQueueExpiry().toMillis()));
    }
    String name = group == null ? privateQueue : group;
    return channel.queueDeclare(name, durable, false, !durable, arguments).getQueue();
  }

  private RpcException failure(String what, Throwable failure) {
    return AmqpFailures.of(what, failure).toBuilder().target(topic, "").build();
  }

  private void forget(Attachment made) {
    lock.lock();
    try {
      if (attachment == made) {
        attachment = null;
      }
      made.cut = true;
      waiting.removeIf(delivery -> delivery.from == made);
    } finally {
      lock.unlock();
    }
    subscription()
        .withdraw(delivery -> delivery instanceof QueueDelivery mine && mine.from == made);
  }

  private static void abort(Channel channel) {
    try {
      channel.abort();
    } catch (IOException | AlreadyClosedException gone) {
      LOG.log(Level.TRACE, "rabbitmq: {0}", gone.getMessage());
    }
  }

  /** The channel is lost, and with it what it had brought, or the queue. */
  private void onCut(Attachment from, ShutdownSignalException cause) {
    if (from.queueGone) {
      return;
    }
    boolean queueGoesToo = group == null && !options.isDurableQueues();
    boolean mine = queueGoesToo ? leaveGoneQueue(from) : isAttached(from);
    if (!queueGoesToo) {
      forget(from);
    }
    if (mine && AmqpFailures.isOfChannel(cause)) {
      complain("the server has cut the subscription off: " + AmqpFailures.text(cause));
      broker.attachLater(this);
    }
  }

  private void onQueueGone(Attachment from) {
    if (leaveGoneQueue(from)) {
      broker.blocking(
          () -> {
            abort(from.channel);
            return null;
          });
      complain("the queue is gone");
      broker.attachLater(this);
    }
  }

  /** Goes on with what has come of it; false if the subscription has left it before. */
  private boolean leaveGoneQueue(Attachment from) {
    lock.lock();
    try {
      from.queueGone = true;
      boolean mine = attachment == from && !stopped;
      if (mine) {
        attachment = null;
      }
      return mine;
    } finally {
      lock.unlock();
    }
  }

  /** Warns once until it stands again. */
  void complain(String trouble) {
    boolean first;
    lock.lock();
    try {
      first = !complained;
      complained = true;
    } finally {
      lock.unlock();
    }
    LOG.log(first ? Level.WARNING : Level.DEBUG, "rabbitmq: no events of {0}: {1}", topic, trouble);
  }

  // ---- Deliveries

  private void onDelivery(
      Attachment from, Envelope envelope, BasicProperties properties, byte[] body) {
    Message event;
    try {
      event = AmqpMessage.decode(envelope.getRoutingKey(), properties, body);
    } catch (CodecException unreadable) {
      Message raw = AmqpMessage.raw(envelope.getRoutingKey(), properties, body);
      RpcException why =
          RpcException.client(GrpcStatus.INVALID_ARGUMENT, "unreadable " + unreadable.getMessage())
              .processed(Processed.YES)
              .target(topic, "")
              .cause(unreadable)
              .build();
      subscription().reject(new QueueDelivery(from, envelope, properties, body, raw), why);
      return;
    }
    QueueDelivery delivery = new QueueDelivery(from, envelope, properties, body, event);
    if (delivery.attempt() > maxDeliveries) {
      // Whoever had the last delivery vanished before it could give up.
      subscription()
          .reject(
              delivery,
              RpcException.client(
                      GrpcStatus.ABORTED,
                      "given up after " + maxDeliveries + " deliveries: never settled")
                  .processed(Processed.UNKNOWN)
                  .target(topic, "")
                  .build());
      return;
    }
    lock.lock();
    try {
      if (!from.cut) {
        waiting.add(delivery);
        pass();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Hands in what there is room for. Mostly all: there is less where events of a lost channel are
   * with handlers yet. Called with the lock.
   */
  private void pass() {
    while (!waiting.isEmpty() && (stopped || subscription().pending() < prefetch)) {
      subscription().offer(waiting.remove());
    }
  }

  @Override
  public void room() {
    lock.lock();
    try {
      pass();
    } finally {
      lock.unlock();
    }
  }

  /** An event of the queue, unsettled at the server. */
  private final class QueueDelivery extends Delivery {

    private final Attachment from;
    private final Envelope envelope;
    private final BasicProperties properties;
    private final byte[] body;

    // Touched by the end of the subscription only, by one thread after another.
    private boolean leftOver;

    QueueDelivery(
        Attachment from,
        Envelope envelope,
        BasicProperties properties,
        byte[] body,
        Message event) {
      super(event, deliveries(envelope, properties));
      this.from = from;
      this.envelope = envelope;
      this.properties = properties;
      this.body = options.getDeadLetterTopic() == null ? NO_BODY : body;
    }

    private QueueDelivery(QueueDelivery earlier) {
      super(earlier.message(), earlier.attempt() + 1);
      this.from = earlier.from;
      this.envelope = earlier.envelope;
      this.properties = earlier.properties;
      this.body = earlier.body;
    }

    /** Kept here, unsettled, until its delay is over: RabbitMQ has none. */
    @Override
    protected Delivery again() {
      return new QueueDelivery(this);
    }

    @Override
    protected Future<Void> acked() {
      // Where the queue is gone there is nobody to tell.
      if (from.settlements.ack(envelope.getDeliveryTag()) || from.queueGone) {
        return Future.succeededFuture();
      }
      return Future.failedFuture(
          AmqpFailures.unavailable("the channel is lost; the event will be delivered again")
              .target(topic, "")
              .build());
    }

    /** If the channel is lost the server sends it again in any case. */
    @Override
    protected boolean redeliveredByBroker() {
      return from.cut;
    }

    /** Null if nobody else is to have it: the queue ends with this subscription, or is gone. */
    @Override
    protected @Nullable Future<Void> handedBack() {
      if (from.cut) {
        return Future.succeededFuture();
      }
      if (group == null || from.queueGone) {
        leftOver = true;
        return null;
      }
      from.settlements.requeue(envelope.getDeliveryTag());
      return Future.succeededFuture();
    }

    @Override
    protected void givenUp(RpcException why) {
      String deadLetters = options.getDeadLetterTopic();
      if (redeliveredByBroker()) {
        return; // It is given up, and told, when it comes again.
      }
      if (deadLetters == null || leftOver) {
        from.settlements.ack(envelope.getDeliveryTag());
        return;
      }
      broker
          .publishDeadLetter(
              deadLetters,
              AmqpMessage.deadLetter(envelope.getRoutingKey(), properties, why.detail()),
              body)
          .onSuccess(taken -> from.settlements.ack(envelope.getDeliveryTag()))
          .onFailure(
              failure -> {
                LOG.log(Level.WARNING, topic + ": no dead letter for now", failure);
                broker.later(
                    PAUSE_AFTER_TROUBLE, () -> from.settlements.requeue(envelope.getDeliveryTag()));
              });
    }
  }

  /** Quorum queues count; others say only that it is not the first time. */
  private static int deliveries(Envelope envelope, BasicProperties properties) {
    Object count =
        properties.getHeaders() == null ? null : properties.getHeaders().get("x-delivery-count");
    if (count instanceof Number number) {
      return (int) Math.min(Integer.MAX_VALUE, number.longValue() + 1);
    }
    return envelope.isRedeliver() ? 2 : 1;
  }

  // ---- Close

  /** Cancels the consumer; what has come already is handed back or lost. */
  @Override
  public Future<Void> stop() {
    Attachment last;
    lock.lock();
    try {
      stopped = true;
      last = attachment;
      pass();
    } finally {
      lock.unlock();
    }
    return last == null ? Future.succeededFuture() : broker.blocking(() -> cancel(last));
  }

  private @Nullable Void cancel(Attachment last) throws IOException {
    String tag = last.getConsumerTag();
    if (tag != null && last.channel.isOpen()) {
      last.channel.basicCancel(tag);
    }
    return null;
  }

  @Override
  public void closed() {
    Attachment last;
    lock.lock();
    try {
      last = attachment;
      attachment = null;
    } finally {
      lock.unlock();
    }
    broker.forget(this);
    if (last == null) {
      over.complete();
      return;
    }
    last.settlements.end(
        () -> {
          leave(last);
          over.complete();
        });
  }

  private void leave(Attachment last) {
    try {
      if (group == null && options.isDurableQueues() && last.channel.isOpen()) {
        last.channel.queueDelete(privateQueue);
      }
    } catch (IOException | AlreadyClosedException gone) {
      LOG.log(Level.DEBUG, "rabbitmq: {0}", gone.getMessage());
    }
    abort(last.channel);
  }
}
