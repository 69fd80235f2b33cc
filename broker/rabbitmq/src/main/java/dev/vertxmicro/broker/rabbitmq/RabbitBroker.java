// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.Callers;
import dev.vertxmicro.broker.Connectivity;
import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.LocalSubscription;
import dev.vertxmicro.broker.PublishOption;
import dev.vertxmicro.broker.PublishOptions;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.broker.SubscribeOptions;
import dev.vertxmicro.broker.Subscription;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A broker on RabbitMQ. A topic is a routing key on one exchange, headers are AMQP headers and the
 * body is the body, so that it meets the RabbitMQ brokers of go-micro services; a queue group is a
 * queue of that name. On an exchange of type topic {@link #subscribe} takes {@code *} for one word
 * and {@code #} for any number of words.
 *
 * <p>A publish succeeds when the server has confirmed it: every queue that it was routed to has it,
 * on disk if event and queue are durable. An event that no queue wants is confirmed, too, unless
 * {@link RabbitBrokerOptions#setMandatory}. A publish that fails with NOT_SENT or REFUSED is in no
 * queue; with UNKNOWN (the connection was lost, or the timeout ended, before the server confirmed)
 * it may be. What publishes do while there is no connection, and while the server blocks publishers
 * because it is low on memory or disk, {@link RabbitBrokerOptions#setBufferSize} says.
 *
 * <p>A queue keeps each event until it is acknowledged or given up: at least once, in the order of
 * a publisher except for events that come again. As it is by default, queues and what is in them
 * end with their last subscriber, even if that one only loses its connection, and with the server.
 * With {@link RabbitBrokerOptions#setDurableExchange}, {@link RabbitBrokerOptions#setDurableQueues}
 * and {@link RabbitBrokerOptions#setPersistent} events outlive both: every event whose publish
 * succeeded is delivered, whatever dies. An event comes twice if its acknowledgement is lost with a
 * connection or a server, if it is with a handler when the connection is lost, or if it was
 * published twice because its publish failed with UNKNOWN; {@link
 * dev.vertxmicro.broker.Deduplication} drops such events.
 *
 * <p>The prefetch, up to 65,535, is what the server sends ahead; it counts events, not bytes. An
 * event that is not acknowledged is delivered again by this process, after its delay; if the
 * process dies or the subscription closes, by the server to another member of the queue group,
 * which sees it as the second delivery (from a quorum queue as the next one). A server may cut off
 * a consumer that leaves an event unsettled for long, 30 min by default; its events then come
 * again. The channel of a subscription that is cut off, and a queue that was deleted, are made
 * again.
 *
 * <p>Connections that are lost are made again without end, subscriptions with them: one connection
 * for publishes, and one, from the first subscribe on, for events, so that a blocked publisher
 * holds up no acknowledgement. {@link #close} waits for handlers, then for acknowledgements and
 * publishes; what a closed subscription holds goes back to the queue of its group, or is lost and
 * told if it is in none.
 *
 * <p>May be used from any thread. Handlers and the results of publishes come on the context of the
 * caller. amqp-client has threads of its own, up to four a connection; what blocks, writing above
 * all, is done by worker threads of Vert.x.
 */
public final class RabbitBroker implements Broker {

  private final Vertx vertx;
  private final Context own;
  private final RabbitBrokerOptions options;
  private final LocalSubscription.Host host;
  private final TimeSource time;
  private final Outbox outbox;
  private final RabbitLink publishing;
  private final RabbitLink subscribing;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Map<QueueSource, LocalSubscription> subscriptions = new LinkedHashMap<>();
  private boolean wanted;
  private boolean connected;
  private @Nullable Future<Void> closed;

  private RabbitBroker(Builder builder) {
    this.vertx = builder.vertx;
    this.own = vertx.getOrCreateContext();
    this.options = new RabbitBrokerOptions(builder.options);
    ConnectionSettings.check(options);
    this.time = builder.time;
    this.host =
        new LocalSubscription.Host(
            builder.codecs != null ? builder.codecs : Codecs.standard(),
            time,
            options.getCloseTimeout(),
            () -> Callers.contextOf(vertx));
    this.outbox = new Outbox(vertx, time, options);
    this.publishing = new RabbitLink(vertx, time, options, "publishes", this::openPublishing);
    this.subscribing = new RabbitLink(vertx, time, options, "events", this::openSubscribing);
  }

  /** Returns a new broker, not yet connected. */
  public static RabbitBroker create(Vertx vertx, RabbitBrokerOptions options) {
    return builder(vertx).withOptions(options).build();
  }

  /** Starts a broker with more than the defaults. */
  public static Builder builder(Vertx vertx) {
    return new Builder(Objects.requireNonNull(vertx, "vertx"));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Fails with code 401 if the server refuses the log-in, 403 or 404 if it does not let the user
   * into the virtual host or has none of that name, and 412 if it has the exchange with another
   * type or durability.
   */
  @Override
  public Future<Void> connect() {
    lock.lock();
    try {
      wanted = true;
    } finally {
      lock.unlock();
    }
    return Callers.onCaller(vertx, publishing.connect());
  }

  /** Takes a connection for publishes into use: for one channel, without which it is no use. */
  private void openPublishing(Connection connection) throws IOException {
    Channel channel = connection.createChannel();
    channel.exchangeDeclare(
        options.getExchange(),
        options.getExchangeType().name().toLowerCase(Locale.ROOT),
        options.isDurableExchange());
    outbox.connected(channel);
    channel.addShutdownListener(cause -> publishing.renew(connection));
    lock.lock();
    try {
      connected = true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a connection for events into use, for all subscriptions that there are. */
  private void openSubscribing(Connection connection) {
    for (QueueSource source : sources()) {
      tryToAttach(source, connection);
    }
  }

  private List<QueueSource> sources() {
    lock.lock();
    try {
      return List.copyOf(subscriptions.keySet());
    } finally {
      lock.unlock();
    }
  }

  /** Blocks. */
  private void tryToAttach(QueueSource source, Connection connection) {
    try {
      source.attach(connection);
    } catch (RpcException failure) {
      source.complain(failure.detail());
      attachLater(source);
    }
  }

  /** Sets a source up again after a while, unless a new connection does. */
  void attachLater(QueueSource source) {
    later(
        options.getReconnectWait(),
        () -> {
          Connection over = subscribing.connection();
          if (over != null && sources().contains(source)) {
            blocking(
                () -> {
                  tryToAttach(source, over);
                  return null;
                });
          }
        });
  }

  @Override
  public Connectivity connectivity() {
    lock.lock();
    try {
      if (closed != null) {
        return Connectivity.CLOSED;
      }
      if (!wanted) {
        return Connectivity.NEW;
      }
      Connection now = publishing.connection();
      return now != null && now.isOpen() ? Connectivity.CONNECTED : Connectivity.DISCONNECTED;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Future<Void> publish(String topic, Message message, PublishOption... options) {
    Ranges.notBlank("topic", topic);
    if (message.kind() != Message.Kind.EVENT) {
      throw new IllegalArgumentException("message: " + message.kind() + " (expected: EVENT)");
    }
    PublishOptions own = PublishOptions.of(options);
    String exchange = own.getExchange();
    String routingKey = AmqpMessage.shortString("topic", exchange == null ? topic : exchange);
    RpcException unavailable = unavailable();
    if (unavailable != null) {
      return Future.failedFuture(unavailable);
    }
    int length = message.body().length();
    if (length > this.options.getMaxMessageBytes()) {
      return Future.failedFuture(
          RpcException.client(
                  GrpcStatus.INVALID_ARGUMENT,
                  "rabbitmq: a body of "
                      + length
                      + " bytes (expected: at most "
                      + this.options.getMaxMessageBytes()
                      + ")")
              .target(topic, "")
              .build());
    }
    return outbox.publish(
        new Outbox.Letter(
            routingKey, AmqpMessage.headers(message), message.body(), this.options.isMandatory()),
        own.getTimeout());
  }

  /** Publishes what was given up; fails if no queue takes it. */
  Future<Void> publishDeadLetter(String topic, Map<String, Object> headers, byte[] body) {
    return outbox.publish(
        new Outbox.Letter(topic, headers, Buffer.buffer(body), true),
        PublishOptions.DEFAULT_TIMEOUT);
  }

  private @Nullable RpcException unavailable() {
    lock.lock();
    try {
      if (closed != null) {
        return AmqpFailures.unavailable("closed").build();
      }
      return connected ? null : AmqpFailures.unavailable("not connected").build();
    } finally {
      lock.unlock();
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Fails with code 412 if the server has the queue of the group with other properties, or if
   * this broker has a subscription of the group to another topic, see {@link
   * RabbitBrokerOptions#setQueuePerTopic}.
   */
  @Override
  public Future<Subscription> subscribe(
      String topic, Function<Event, Future<?>> handler, SubscribeOption... options) {
    AmqpMessage.shortString("topic", Ranges.notBlank("topic", topic));
    Objects.requireNonNull(handler, "handler");
    SubscribeOptions own = SubscribeOptions.of(options);
    String queue = own.getQueue();
    String group = queue != null && this.options.isQueuePerTopic() ? queue + "." + topic : queue;
    if (group != null) {
      AmqpMessage.shortString("queue", group);
    }
    QueueSource source = new QueueSource(this, this.options, topic, group, own);
    LocalSubscription subscription = new LocalSubscription(host, topic, own, handler, source);
    source.feed(subscription);
    RpcException refused = enter(source, subscription);
    if (refused != null) {
      return Future.failedFuture(refused);
    }
    return Callers.onCaller(
        vertx,
        subscribing
            .connect()
            .compose(linked -> blocking(() -> attach(source)))
            .<Subscription>map(attached -> subscription)
            .recover(
                failure -> {
                  subscription.close();
                  return Future.failedFuture(failure);
                }));
  }

  private @Nullable RpcException enter(QueueSource source, LocalSubscription subscription) {
    lock.lock();
    try {
      RpcException refused = unavailable();
      if (refused != null) {
        return refused;
      }
      for (QueueSource other : subscriptions.keySet()) {
        if (source.group() != null
            && source.group().equals(other.group())
            && !source.topic().equals(other.topic())) {
          return RpcException.client(
                  GrpcStatus.FAILED_PRECONDITION,
                  "rabbitmq: the queue "
                      + source.group()
                      + " is that of the topic "
                      + other.topic()
                      + " (expected: a queue group for each topic, or the option queuePerTopic)")
              .target(source.topic(), "")
              .build();
        }
      }
      subscriptions.put(source, subscription);
      return null;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Void attach(QueueSource source) {
    Connection over = subscribing.connection();
    if (over == null) {
      throw AmqpFailures.unavailable("not connected").target(source.topic(), "").build();
    }
    source.attach(over);
    return null;
  }

  void forget(QueueSource source) {
    lock.lock();
    try {
      subscriptions.remove(source);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Future<Void> close() {
    lock.lock();
    try {
      if (closed == null) {
        publishing.refuse();
        subscribing.refuse();
        List<Future<Void>> closes = new ArrayList<>();
        List<Future<Void>> leaves = new ArrayList<>();
        Promise<Void> promise = Promise.promise();
        closed = promise.future();
        Map.copyOf(subscriptions)
            .forEach(
                (source, subscription) -> {
                  closes.add(subscription.close());
                  leaves.add(source.over());
                });
        Callers.onCaller(
                vertx,
                joined(closes)
                    .transform(
                        done ->
                            disconnect(joined(leaves))
                                .transform(
                                    over ->
                                        done.failed()
                                            ? Future.<Void>failedFuture(done.cause())
                                            : Future.succeededFuture())))
            .onComplete(promise);
      }
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private static Future<Void> joined(List<Future<Void>> futures) {
    return futures.isEmpty() ? Future.succeededFuture() : Future.join(futures).mapEmpty();
  }

  private Future<Void> disconnect(Future<Void> acknowledged) {
    Duration most = options.getCloseTimeout();
    Future<Void> written =
        most.isZero()
            ? Future.succeededFuture()
            : inTime(
                Future.join(
                    acknowledged,
                    publishing.connection() == null ? Future.succeededFuture() : outbox.idle()),
                most);
    return written.transform(
        done -> {
          outbox.close();
          return joined(List.of(publishing.close(most), subscribing.close(most)));
        });
  }

  /** Everything that waits has a timeout of its own; this one bounds the close. */
  private Future<Void> inTime(Future<?> end, Duration most) {
    Promise<Void> over = Promise.promise();
    try {
      own.runOnContext(
          run -> {
            Timer late = time.timer(Nanos.of(most), over::tryComplete);
            end.onComplete(
                done ->
                    own.runOnContext(
                        then -> {
                          late.cancel();
                          over.tryComplete();
                        }));
          });
    } catch (RejectedExecutionException ended) {
      // With Vert.x, whose workers write what waits.
      over.tryComplete();
    }
    return over.future();
  }

  /** Runs what may block on a worker thread. */
  <T> Future<T> blocking(Callable<T> task) {
    return own.executeBlocking(task, false);
  }

  /** Runs a task on our own context after a while. */
  void later(Duration delay, Runnable task) {
    own.runOnContext(run -> time.timer(Nanos.of(delay), task));
  }

  Context own() {
    return own;
  }

  @Override
  public String toString() {
    return "RabbitBroker" + options.getServers();
  }

  /** Collects the parts of a broker. Not thread-safe. */
  public static final class Builder {

    private final Vertx vertx;
    private RabbitBrokerOptions options = new RabbitBrokerOptions();
    private @Nullable Codecs codecs;
    private TimeSource time;

    private Builder(Vertx vertx) {
      this.vertx = vertx;
      this.time = TimeSource.of(vertx);
    }

    /** Sets the options, of which the broker keeps a copy. Default: the defaults. */
    public Builder withOptions(RabbitBrokerOptions options) {
      this.options = Objects.requireNonNull(options, "options");
      return this;
    }

    /** Sets what reads the bodies of events. Default {@link Codecs#standard}. */
    public Builder withCodecs(Codecs codecs) {
      this.codecs = Objects.requireNonNull(codecs, "codecs");
      return this;
    }

    /** Sets the clock that delays and timeouts stand on. Default that of the Vert.x instance. */
    public Builder withTime(TimeSource time) {
      this.time = Objects.requireNonNull(time, "time");
      return this;
    }

    /**
     * Returns a broker, not yet connected.
     *
     * @throws IllegalArgumentException if the options hold a certificate without its key, or a key
     *     alone
     */
    public RabbitBroker build() {
      return new RabbitBroker(this);
    }
  }
}
