// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.Callers;
import dev.vertxmicro.broker.Connectivity;
import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.GoMicroPayload;
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
import dev.vertxmicro.nats.NatsLink;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.JetStreamApiException;
import io.nats.client.NUID;
import io.nats.client.impl.Headers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A broker on NATS. A topic is a subject and the payload is go-micro's, see {@link GoMicroPayload},
 * so that it meets the NATS brokers of go-micro services; a queue group is NATS' own. Topics may
 * have NATS' wildcards in {@link #subscribe}.
 *
 * <p>What it promises on core NATS: a publish that succeeded has been taken by a server, and that
 * passes the event on to the subscribers that are connected, in the order of a publisher, at most
 * once. It is lost for a subscriber that is away or that the server cuts off as too slow, and when
 * a server dies that has not passed it on yet; nobody is told. What this process has received and
 * gives up is counted and told, as {@link SubscribeOptions#setLossHandler} lists: what comes beyond
 * the prefetch is dropped, for a subscriber cannot refuse ({@link
 * dev.vertxmicro.broker.Overflow#REFUSE} counts as {@code DROP_NEWEST}). An event that is not
 * acknowledged is delivered again by this process.
 *
 * <p>With {@link NatsBrokerOptions#setJetStream} a publish that succeeded is stored by a stream.
 * Each queue group, and each subscription without one, has a durable consumer there and gets each
 * event at least once, whatever dies, until it is acknowledged or given up; the prefetch bounds
 * what is pulled. The order of a publisher is kept except for events that are delivered again. An
 * event comes twice if its acknowledgement is lost with a connection, if the server dies before it
 * has written the acknowledgement down (it does so late: thousands of the last events may come
 * again), if a subscriber gives no sign of life for {@link JetStreamOptions#setAckWait} while it
 * has the event, or if it was published twice because its publish failed with UNKNOWN; {@link
 * dev.vertxmicro.broker.Deduplication} drops such events. A queue group outlives its members; a
 * subscription without one ends with its close. Topics must be in the stream.
 *
 * <p>A publish that fails with NOT_SENT has not left; with UNKNOWN (the connection was lost, or the
 * timeout ended, before the server confirmed) it may have been taken. Connections that are lost are
 * made again without end, subscriptions with them; what publishes do meanwhile {@link
 * NatsBrokerOptions#setBufferSize} says. {@link #close} waits for handlers, then for publishes.
 *
 * <p>May be used from any thread. Handlers and the results of publishes come on the context of the
 * caller. jnats has threads of its own: some for the connection and one a subscription.
 */
public final class NatsBroker implements Broker {

  /** A subscribe waits as long as a publish for the server to confirm. */
  private static final Duration CONFIRMATION = PublishOptions.DEFAULT_TIMEOUT;

  private final Vertx vertx;
  private final NatsBrokerOptions options;
  private final LocalSubscription.Host host;
  private final TimeSource time;
  private final Outbox outbox;
  private final NatsLink link;
  private final @Nullable Consumers consumers;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Map<NatsSource, LocalSubscription> subscriptions = new LinkedHashMap<>();
  private boolean wanted;
  private boolean connected;
  private @Nullable Future<Void> closed;

  private NatsBroker(Builder builder) {
    this.vertx = builder.vertx;
    this.options = new NatsBrokerOptions(builder.options);
    this.time = builder.time;
    this.host =
        new LocalSubscription.Host(
            builder.codecs != null ? builder.codecs : Codecs.standard(),
            time,
            options.getCloseTimeout(),
            () -> Callers.contextOf(vertx));
    this.outbox = new Outbox(vertx, time, options, "_INBOX." + NUID.nextGlobal());
    this.link = new NatsLink(vertx, time, options, new Tenancy());
    JetStreamOptions jetStream = options.getJetStream();
    this.consumers =
        jetStream == null ? null : new Consumers(jetStream, options.getConnectTimeout());
  }

  /** Returns a new broker, not yet connected. */
  public static NatsBroker create(Vertx vertx, NatsBrokerOptions options) {
    return builder(vertx).withOptions(options).build();
  }

  /** Starts a broker with more than the defaults. */
  public static Builder builder(Vertx vertx) {
    return new Builder(Objects.requireNonNull(vertx, "vertx"));
  }

  @Override
  public Future<Void> connect() {
    lock.lock();
    try {
      wanted = true;
    } finally {
      lock.unlock();
    }
    return Callers.onCaller(vertx, link.connect());
  }

  /** What the connection carries. */
  private final class Tenancy implements NatsLink.Tenant {

    @Override
    public void opened(Connection connection) throws Exception {
      if (consumers != null) {
        consumers.ensureStream(connection);
      }
      Dispatcher replies = connection.createDispatcher();
      replies.setPendingLimits(-1, -1); // Bounded by the outbox, and none may be dropped.
      replies.subscribe(outbox.replies(), outbox::onMessage);
      lock.lock();
      try {
        connected = true;
        subscriptions.keySet().forEach(source -> source.attach(connection));
      } finally {
        lock.unlock();
      }
      outbox.connected(connection);
    }

    @Override
    public void lost() {
      outbox.disconnected();
    }

    @Override
    public void back(Connection connection) {
      outbox.connected(connection);
      sources().forEach(NatsSource::reconnected);
    }
  }

  private List<NatsSource> sources() {
    lock.lock();
    try {
      return List.copyOf(subscriptions.keySet());
    } finally {
      lock.unlock();
    }
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
      Connection now = link.connection();
      return now != null && now.getStatus() == Connection.Status.CONNECTED
          ? Connectivity.CONNECTED
          : Connectivity.DISCONNECTED;
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
    RpcException unavailable = unavailable();
    if (unavailable != null) {
      return Future.failedFuture(unavailable);
    }
    String exchange = own.getExchange();
    String subject = exchange == null ? topic : exchange;
    byte[] payload = GoMicroPayload.encode(message);
    return consumers == null
        ? outbox.publish(subject, payload, own.getTimeout())
        : outbox.store(subject, storeHeaders(consumers, message), payload, own.getTimeout());
  }

  private static @Nullable Headers storeHeaders(Consumers consumers, Message message) {
    return consumers.options().isMessageIds() && !message.id().isEmpty()
        ? new Headers().put("Nats-Msg-Id", message.id())
        : null;
  }

  private @Nullable RpcException unavailable() {
    lock.lock();
    try {
      if (closed != null) {
        return NatsLink.unavailable("closed", null);
      }
      return connected ? null : NatsLink.unavailable("not connected", null);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Future<Subscription> subscribe(
      String topic, Function<Event, Future<?>> handler, SubscribeOption... options) {
    Ranges.notBlank("topic", topic);
    Objects.requireNonNull(handler, "handler");
    SubscribeOptions own = SubscribeOptions.of(options);
    RpcException unavailable = unavailable();
    if (unavailable != null) {
      return Future.failedFuture(unavailable);
    }
    if (consumers == null) {
      CoreSource source = new CoreSource(this, topic, own.getQueue());
      return stand(source, new LocalSubscription(host, topic, own, handler, source));
    }
    String consumer = consumers.name(own.getQueue(), topic);
    StreamSource source = new StreamSource(this, topic, consumers, consumer, own);
    LocalSubscription subscription = new LocalSubscription(host, topic, own, handler, source);
    return blocking(
            () -> {
              consumers.ensure(requireConnection(), consumer, topic);
              return null;
            })
        .compose(
            ready -> stand(source, subscription),
            failure -> Future.failedFuture(explained(topic, failure)));
  }

  private Connection requireConnection() {
    Connection over = link.connection();
    if (over == null) {
      throw NatsLink.unavailable("not connected", null);
    }
    return over;
  }

  private static RpcException explained(String topic, Throwable failure) {
    if (failure instanceof RpcException rpc) {
      return rpc;
    }
    boolean refused =
        failure instanceof JetStreamApiException api
            && api.getErrorCode() >= 400
            && api.getErrorCode() < 500;
    GrpcStatus status = refused ? GrpcStatus.FAILED_PRECONDITION : GrpcStatus.UNAVAILABLE;
    return RpcException.client(status, "nats: no consumer: " + failure.getMessage())
        .target(topic, "")
        .cause(failure)
        .build();
  }

  /** Attaches a subscription; completes when the server knows of it. */
  private Future<Subscription> stand(NatsSource source, LocalSubscription subscription) {
    source.feed(subscription);
    lock.lock();
    try {
      Connection over = link.connection();
      if (closed != null) {
        return Future.failedFuture(NatsLink.unavailable("closed", null));
      }
      subscriptions.put(source, subscription);
      if (over != null) {
        source.attach(over);
      }
    } catch (IllegalStateException lost) {
      subscriptions.remove(source);
      return Future.failedFuture(NatsLink.unavailable("the connection was closed", lost));
    } finally {
      lock.unlock();
    }
    return outbox
        .barrier(CONFIRMATION)
        .<Subscription>map(subscription)
        .recover(
            failure -> {
              subscription.close();
              return Future.failedFuture(failure);
            });
  }

  void forget(NatsSource source) {
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
        link.refuse();
        List<Future<Void>> closes = new ArrayList<>();
        List.copyOf(subscriptions.values()).forEach(each -> closes.add(each.close()));
        Promise<Void> promise = Promise.promise();
        closed = promise.future();
        Future<Void> subscribed =
            closes.isEmpty() ? Future.succeededFuture() : Future.join(closes).mapEmpty();
        Callers.onCaller(vertx, subscribed.transform(done -> disconnect(done.cause())))
            .onComplete(promise);
      }
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private Future<Void> disconnect(@Nullable Throwable handlersFailed) {
    // Acknowledgements went the same way as the barrier, before it.
    Future<Void> sent =
        link.connection() == null || options.getCloseTimeout().isZero()
            ? Future.succeededFuture()
            : outbox.barrier(options.getCloseTimeout()).transform(done -> idleInTime());
    return sent.transform(
        done -> {
          outbox.close();
          return link.close()
              .transform(
                  over ->
                      handlersFailed == null
                          ? Future.<Void>succeededFuture()
                          : Future.failedFuture(handlersFailed));
        });
  }

  /** Everything that waits has a timeout of its own; this one bounds the close. */
  private Future<Void> idleInTime() {
    Promise<Void> over = Promise.promise();
    dev.vertxmicro.time.Timer most =
        time.timer(Nanos.of(options.getCloseTimeout()), over::tryComplete);
    outbox.idle().onComplete(idle -> over.tryComplete());
    return over.future().onComplete(done -> most.cancel());
  }

  /** Stores a payload under another topic as it is. */
  Future<Void> storeDeadLetter(String topic, byte[] payload, RpcException why) {
    Headers headers = new Headers().put("Micro-Dead-Reason", why.detail().replaceAll("\\s+", " "));
    return outbox.store(topic, headers, payload, CONFIRMATION);
  }

  <T> Future<T> blocking(Callable<T> task) {
    return vertx.executeBlocking(task, false);
  }

  TimeSource time() {
    return time;
  }

  Duration closeTimeout() {
    return options.getCloseTimeout();
  }

  Executor newContext() {
    return Callers.contextOf(vertx);
  }

  @Override
  public String toString() {
    return "NatsBroker" + options.getServers();
  }

  /** Collects the parts of a broker. Not thread-safe. */
  public static final class Builder {

    private final Vertx vertx;
    private NatsBrokerOptions options = new NatsBrokerOptions();
    private @Nullable Codecs codecs;
    private TimeSource time;

    private Builder(Vertx vertx) {
      this.vertx = vertx;
      this.time = TimeSource.of(vertx);
    }

    /** Sets the options, of which the broker keeps a copy. Default: the defaults. */
    public Builder withOptions(NatsBrokerOptions options) {
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
     * @throws IllegalArgumentException if the options hold several ways to log in, or half of one
     */
    public NatsBroker build() {
      return new NatsBroker(this);
    }
  }
}
