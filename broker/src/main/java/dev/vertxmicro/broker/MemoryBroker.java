// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.LocalMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A broker inside this process, for tests, for services embedded beside each other, and for
 * programs that need no other.
 *
 * <p>What it promises, as long as the process lives: a publish that succeeded has put the event
 * into the queue of every subscription to its topic, or of one member of each queue group, in turn
 * among those with room. Each of them delivers it in the order of the publishes, at least once and
 * at most {@link SubscribeOptions#setMaxDeliveries} times, until it is acknowledged; an event that
 * is delivered again comes behind those that wait, and in a group it may go to another member. If a
 * subscription that refuses is full, the publish fails and nobody has the event. An event is lost
 * only as {@link SubscribeOptions#setLossHandler} lists, and each loss is counted and told. Nothing
 * is kept for those who subscribe later, and nothing survives the process.
 *
 * <p>When a subscription closes, its events that wait, and those that are not settled when its
 * handlers have ended or the wait for them has, go to another member of its group with room; if
 * there is none they are lost as above.
 *
 * <p>Publishing never waits, so {@link PublishOptions#setTimeout} has no effect. Topics are
 * compared as they are, without wildcards. May be used from any thread.
 */
public final class MemoryBroker implements Broker {

  private static final String SHARED = "dev.vertxmicro.broker.memory";

  private enum State {
    NEW,
    CONNECTED,
    CLOSED
  }

  private final MemoryTopics topics;
  private final Monitor monitor;
  private final MemoryBrokerOptions options;
  private final LocalSubscription.Host host;
  private final TimeSource time;

  // Guarded by the monitor.
  private final Set<LocalSubscription> subscriptions = new LinkedHashSet<>();
  private State state = State.NEW;
  private @Nullable Future<Void> closed;

  private MemoryBroker(Builder builder, MemoryTopics topics) {
    this.topics = topics;
    this.monitor = topics.monitor();
    this.options = new MemoryBrokerOptions(builder.options);
    this.time = builder.time;
    this.host =
        new LocalSubscription.Host(
            builder.codecs != null ? builder.codecs : Codecs.standard(),
            time,
            options.getCloseTimeout(),
            builder.contexts);
  }

  /** Returns a new broker with topics of its own, not yet connected. */
  public static MemoryBroker create(Vertx vertx) {
    return builder(vertx).build();
  }

  /**
   * Returns a new broker on the topics that all code on {@code vertx} shares, not yet connected.
   * Each call returns another object: closing it ends what was made through it and nothing else.
   */
  public static MemoryBroker shared(Vertx vertx) {
    return builder(vertx).buildShared();
  }

  /** Starts a broker with more than the defaults. */
  public static Builder builder(Vertx vertx) {
    return new Builder(Objects.requireNonNull(vertx, "vertx"));
  }

  /** Returns another broker on the same topics, not yet connected. */
  MemoryBroker another() {
    Builder same = new Builder(time, host.contexts());
    same.options = options;
    same.codecs = host.codecs();
    return new MemoryBroker(same, topics);
  }

  @Override
  public Future<Void> connect() {
    monitor.lock();
    try {
      if (state == State.CLOSED) {
        return Future.failedFuture(unavailable());
      }
      state = State.CONNECTED;
      return Future.succeededFuture();
    } finally {
      monitor.unlock();
    }
  }

  @Override
  public Connectivity connectivity() {
    monitor.lock();
    try {
      return switch (state) {
        case NEW -> Connectivity.NEW;
        case CONNECTED -> Connectivity.CONNECTED;
        case CLOSED -> Connectivity.CLOSED;
      };
    } finally {
      monitor.unlock();
    }
  }

  @Override
  public Future<Void> publish(String topic, Message message, PublishOption... options) {
    Ranges.notBlank("topic", topic);
    if (message.kind() != Message.Kind.EVENT) {
      throw new IllegalArgumentException("message: " + message.kind() + " (expected: EVENT)");
    }
    String exchange = options.length == 0 ? null : PublishOptions.of(options).getExchange();
    monitor.lock();
    try {
      RpcException refused =
          state == State.CONNECTED
              ? topics.publish(exchange == null ? topic : exchange, message)
              : unavailable();
      return refused == null ? Future.succeededFuture() : Future.failedFuture(refused);
    } finally {
      monitor.unlock();
    }
  }

  @Override
  public Future<Subscription> subscribe(
      String topic, Function<Event, Future<?>> handler, SubscribeOption... options) {
    Ranges.notBlank("topic", topic);
    Objects.requireNonNull(handler, "handler");
    SubscribeOptions own = SubscribeOptions.of(options);
    LocalSubscription subscription = new LocalSubscription(host, topic, own, handler, new Topics());
    monitor.lock();
    try {
      if (state != State.CONNECTED) {
        return Future.failedFuture(unavailable());
      }
      if (subscriptions.size() >= this.options.getMaxSubscriptions()) {
        return Future.failedFuture(
            RpcException.client(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "memory broker: " + subscriptions.size() + " subscriptions, its most")
                .target(topic, "")
                .build());
      }
      subscriptions.add(subscription);
      topics.add(subscription);
      return Future.succeededFuture(subscription);
    } finally {
      monitor.unlock();
    }
  }

  private RpcException unavailable() {
    String why = state == State.NEW ? "not connected" : "closed";
    return RpcException.client(GrpcStatus.UNAVAILABLE, "memory broker: " + why).build();
  }

  @Override
  public Future<Void> close() {
    monitor.lock();
    try {
      if (closed == null) {
        state = State.CLOSED;
        List<Future<Void>> closes =
            List.copyOf(subscriptions).stream().map(LocalSubscription::close).toList();
        closed = Future.join(closes).mapEmpty();
      }
      return closed;
    } finally {
      monitor.unlock();
    }
  }

  /** The subscriptions to the same topics. Called with the lock. */
  private final class Topics implements LocalSubscription.Siblings {

    @Override
    public Monitor monitor() {
      return monitor;
    }

    @Override
    public @Nullable LocalSubscription withRoom(LocalSubscription subscription) {
      return topics.withRoom(subscription.topic(), subscription.queue());
    }

    @Override
    public void leave(LocalSubscription subscription) {
      topics.remove(subscription);
    }

    @Override
    public void closed(LocalSubscription subscription) {
      subscriptions.remove(subscription);
    }
  }

  /** Collects the parts of a broker. Not thread-safe. */
  public static final class Builder {

    private final @Nullable Vertx vertx;
    private final Supplier<Executor> contexts;
    private MemoryBrokerOptions options = new MemoryBrokerOptions();
    private @Nullable Codecs codecs;
    private TimeSource time;

    private Builder(Vertx vertx) {
      this.vertx = vertx;
      this.time = TimeSource.of(vertx);
      this.contexts = () -> Callers.contextOf(vertx);
    }

    /** Makes a builder of brokers that have no Vert.x: tests run the contexts by hand. */
    Builder(TimeSource time, Supplier<Executor> contexts) {
      this.vertx = null;
      this.time = time;
      this.contexts = contexts;
    }

    /** Sets the options, of which the broker keeps a copy. Default: the defaults. */
    public Builder withOptions(MemoryBrokerOptions options) {
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

    /** Returns a broker with topics of its own, not yet connected. */
    public MemoryBroker build() {
      return new MemoryBroker(this, new MemoryTopics());
    }

    /** Returns a broker on the topics that all code on the Vert.x instance shares. */
    public MemoryBroker buildShared() {
      LocalMap<String, MemoryTopics> shared =
          Objects.requireNonNull(vertx, "vertx").sharedData().getLocalMap(SHARED);
      return new MemoryBroker(this, shared.computeIfAbsent("topics", name -> new MemoryTopics()));
    }
  }
}
