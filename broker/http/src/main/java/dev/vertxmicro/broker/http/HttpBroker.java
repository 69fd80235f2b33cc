// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

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
import dev.vertxmicro.registry.CachingOptions;
import dev.vertxmicro.registry.CachingRegistry;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryObserver;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP broker of go-micro, which go-micro uses unless told otherwise: there is no server, a
 * publisher sends each event to the subscribers itself and finds them in a {@link Registry}, any of
 * ours. It meets the HTTP brokers of go-micro services in the registries that these can read.
 *
 * <p>The first subscription has its process listen. Each subscription is a node of the service
 * {@code micro.http.broker}, whose version is the queue, {@code ff.http.broadcast} without one; it
 * is kept alive in the registry and taken out when it closes. A publish is a {@code POST
 * /?id=<node>} with go-micro's payload ({@link GoMicroPayload}) to each node without a queue, and
 * to one node of each queue. {@code Micro-Topic} is the topic published to, an exchange if there is
 * one, as in go-micro.
 *
 * <p>What it promises: a publish that succeeded has been taken by every subscription, and by one
 * member of each queue group, that the registry had told this process of and that was still there.
 * Taken means that its process has answered so: one of ours when it holds the event within the
 * prefetch, one of go-micro's when its handler has run, also if that has failed. (go-micro's own
 * publishers do not wait for any of it, and count one subscription of many as success.) From then
 * on it is at most once: what a process holds is lost with it, and nothing is kept for those who
 * subscribe later. What this process gives up is counted and told, as {@link
 * SubscribeOptions#setLossHandler} lists.
 *
 * <p>A publish fails if one subscription or group of several has not taken the event; its failure
 * names those that have not, the first as its cause, others suppressed. It says NOT_SENT or REFUSED
 * if nobody has the event, and UNKNOWN if others have it, or if it left and was not answered: to
 * repeat it then may deliver it twice, which {@link dev.vertxmicro.broker.Deduplication} undoes. An
 * event for a subscription that is full (answer 503) waits and is sent again until its timeout; one
 * for a subscription that cannot be reached does so for {@link HttpBrokerOptions#setReachTimeout};
 * {@link HttpBrokerOptions#setBufferSize} bounds what waits. In a queue group another member gets
 * it instead, unless a member may have it already; if the publish is {@link
 * PublishOptions#setIdempotent idempotent} even then. A registry that does not answer, and has not
 * before, fails a publish at once.
 *
 * <p>A go-micro publisher waits for nothing and repeats little: an event is lost that comes to a
 * subscription which is full ({@link dev.vertxmicro.broker.Overflow#REFUSE}), so leave room in the
 * prefetch. What a handler here does not acknowledge this process delivers again, as often as the
 * subscription allows; the publisher is not told. When a member of a queue group closes, another
 * one takes over what is left, if there is one. Each subscription without a queue gets the events
 * of a publisher in order, one request after the other; so does a member of a group, but for events
 * that could not be delivered to another member first.
 *
 * <p>Topics are compared as they are, without wildcards. Nothing is authenticated but by TLS with
 * client certificates, {@link HttpBrokerOptions#setSsl}: whoever reaches the port and knows the
 * registry can publish. May be used from any thread. Handlers and the results of publishes come on
 * the context of the caller; the rest of the work is done on the event loop of the context that
 * made the broker, and goes on when the verticle of that context is undeployed: whoever made it
 * closes it.
 */
public final class HttpBroker implements Broker {

  /** Unfinished publishes have no more bytes together, unless there is one only. */
  private static final long MOST_BYTES_IN_FLIGHT = 32 << 20;

  /** With the id behind it, a topic makes the id of a node. */
  private static final int LONGEST_TOPIC = 900;

  private enum State {
    NEW,
    CONNECTED,
    CLOSED
  }

  private final Vertx vertx;
  private final HttpBrokerOptions options;
  private final RegisterOptions registerOptions;
  private final LocalSubscription.Host host;
  private final TimeSource time;
  private final Registry registry;
  private final Registry lookUps;
  private final boolean closesRegistry;
  private final Home home;
  private final Inlet inlet;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Map<HttpSource, LocalSubscription> subscriptions = new LinkedHashMap<>();
  private State state = State.NEW;
  private boolean wanted;
  private @Nullable Future<Void> connecting;
  private @Nullable Future<Void> closed;
  private int inFlight;
  private long bytesInFlight;

  // Touched at home only.
  private @Nullable HttpPoster poster;
  private @Nullable Outbox outbox;

  private HttpBroker(Builder builder) {
    this.vertx = builder.vertx;
    this.options = new HttpBrokerOptions(builder.options);
    checkAddress(options);
    this.registerOptions =
        new RegisterOptions(options.getRegisterTtl(), options.getRegisterInterval());
    this.time = builder.time;
    this.host =
        new LocalSubscription.Host(
            builder.codecs != null ? builder.codecs : Codecs.standard(),
            time,
            options.getCloseTimeout(),
            () -> Callers.contextOf(vertx));
    this.registry = builder.registry;
    this.lookUps =
        registry.answersFromMemory()
            ? registry
            : CachingRegistry.create(
                vertx, registry, new CachingOptions(), time, RegistryObserver.NONE);
    this.closesRegistry = builder.closesRegistry;
    this.home = Home.of(vertx);
    this.inlet = new Inlet(vertx, time, options);
  }

  private static void checkAddress(HttpBrokerOptions options) {
    String host = options.getHost();
    boolean wildcard = host.equals("0.0.0.0") || host.equals("::") || host.equals("[::]");
    if (wildcard && options.getAdvertisedAddress() == null) {
      throw new IllegalArgumentException(
          "advertisedAddress: none (expected: one that publishers reach, as the host is "
              + host
              + ")");
    }
  }

  /** Returns a new broker with all defaults, not yet connected. */
  public static HttpBroker create(Vertx vertx, Registry registry) {
    return builder(vertx, registry).build();
  }

  /**
   * Starts a broker with more than the defaults.
   *
   * @param registry where subscribers and publishers meet; not closed with the broker. One that
   *     does not answer from memory gets a {@link CachingRegistry} before it for publishes.
   */
  public static Builder builder(Vertx vertx, Registry registry) {
    return new Builder(
        Objects.requireNonNull(vertx, "vertx"), Objects.requireNonNull(registry, "registry"));
  }

  /** Asks the registry for subscriptions, so that it is known whether it answers. */
  @Override
  public Future<Void> connect() {
    lock.lock();
    try {
      if (state == State.CLOSED) {
        return Future.failedFuture(unavailable("closed"));
      }
      wanted = true;
      if (connecting == null) {
        Promise<Void> promise = Promise.promise();
        connecting = promise.future();
        lookUps
            .get(GoMicroNode.SERVICE)
            .onComplete(asked -> home(() -> onAsked(asked.cause(), promise), () -> fail(promise)));
      }
      return Callers.onCaller(vertx, connecting);
    } finally {
      lock.unlock();
    }
  }

  private static void fail(Promise<Void> promise) {
    promise.tryFail(unavailable("the Vert.x instance has ended"));
  }

  private void onAsked(@Nullable Throwable failure, Promise<Void> promise) {
    RpcException refused = null;
    lock.lock();
    try {
      if (state == State.CLOSED) {
        refused = unavailable("closed");
      } else if (failure != null) {
        connecting = null;
        refused =
            RpcException.client(
                    GrpcStatus.UNAVAILABLE,
                    "http: the registry does not answer: " + RpcException.from(failure).detail())
                .cause(failure)
                .build();
      } else {
        HttpPoster made = new HttpPoster(vertx, time, options);
        poster = made;
        outbox =
            new Outbox(
                home,
                time,
                lookUps,
                made,
                bound -> ThreadLocalRandom.current().nextInt(bound),
                options);
        state = State.CONNECTED;
      }
    } finally {
      lock.unlock();
    }
    if (refused == null) {
      promise.complete();
    } else {
      promise.fail(refused);
    }
  }

  @Override
  public Connectivity connectivity() {
    lock.lock();
    try {
      return switch (state) {
        case NEW -> wanted ? Connectivity.DISCONNECTED : Connectivity.NEW;
        case CONNECTED -> Connectivity.CONNECTED;
        case CLOSED -> Connectivity.CLOSED;
      };
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
    String to = exchange == null ? topic : exchange;
    Buffer payload = payload(to, message);
    RpcException full = admit(payload.length());
    return full == null
        ? send(to, payload, null, own.isIdempotent(), own.getTimeout())
            .onComplete(done -> leave(payload.length()))
        : Future.failedFuture(full);
  }

  /** Says the topic that subscriptions are found by: go-micro's would not know it by another. */
  private static Buffer payload(String topic, Message message) {
    Message event =
        message.target().equals(topic)
            ? message
            : Message.event(topic)
                .id(message.id())
                .contentType(message.contentType())
                .headers(message.headers())
                .body(message.body())
                .build();
    return Buffer.buffer(GoMicroPayload.encode(event));
  }

  private @Nullable RpcException admit(int size) {
    lock.lock();
    try {
      if (inFlight >= options.getMaxInFlight()
          || (inFlight > 0 && bytesInFlight + size > MOST_BYTES_IN_FLIGHT)) {
        return unavailable(
            inFlight + " publishes with " + bytesInFlight + " bytes are not finished, the most");
      }
      inFlight++;
      bytesInFlight += size;
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void leave(int size) {
    lock.lock();
    try {
      inFlight--;
      bytesInFlight -= size;
    } finally {
      lock.unlock();
    }
  }

  private Future<Void> send(
      String topic, Buffer payload, @Nullable String onlyQueue, boolean idempotent, Duration time) {
    Promise<Void> promise = Promise.promise();
    long deadline = this.time.nanoTime() + Nanos.of(time);
    home(
        () ->
            outbox()
                .publish(
                    topic,
                    payload,
                    onlyQueue,
                    idempotent,
                    deadline,
                    failure -> {
                      if (failure == null) {
                        promise.complete();
                      } else {
                        promise.fail(failure);
                      }
                    }),
        () -> fail(promise));
    return Callers.onCaller(vertx, promise.future());
  }

  /** Gives an event that a closed subscription held to another member of its group. */
  Future<Void> handOver(String topic, String queue, Message event) {
    return send(topic, payload(topic, event), queue, false, PublishOptions.DEFAULT_TIMEOUT);
  }

  private @Nullable RpcException unavailable() {
    lock.lock();
    try {
      return switch (state) {
        case NEW -> unavailable("not connected");
        case CONNECTED -> null;
        case CLOSED -> unavailable("closed");
      };
    } finally {
      lock.unlock();
    }
  }

  private static RpcException unavailable(String why) {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "http: " + why).build();
  }

  /**
   * {@inheritDoc}
   *
   * <p>It stands when the registry has it; publishes of this object know of it then, and those of
   * another when the registry has told that one. Fails with code 503 if this process cannot listen
   * or the registry does not take it.
   *
   * @throws IllegalArgumentException if the topic is blank or longer than 900 characters, or the
   *     queue is {@code ff.http.broadcast}, which stands for none
   */
  @Override
  public Future<Subscription> subscribe(
      String topic, Function<Event, Future<?>> handler, SubscribeOption... options) {
    Ranges.notBlank("topic", topic);
    if (topic.length() > LONGEST_TOPIC) {
      throw new IllegalArgumentException(
          "topic: %d characters (expected: at most %d)".formatted(topic.length(), LONGEST_TOPIC));
    }
    Objects.requireNonNull(handler, "handler");
    SubscribeOptions own = SubscribeOptions.of(options);
    String queue = own.getQueue();
    if (GoMicroNode.BROADCAST.equals(queue)) {
      throw new IllegalArgumentException("queue: " + queue + " (expected: another name)");
    }
    HttpSource source = new HttpSource(this, topic, queue, topic + "-" + UUID.randomUUID());
    LocalSubscription subscription = new LocalSubscription(host, topic, own, handler, source);
    source.feed(subscription);
    RpcException unavailable = stand(source, subscription);
    if (unavailable != null) {
      return Future.failedFuture(unavailable);
    }
    Promise<Void> registered = Promise.promise();
    home(() -> listen(source).onComplete(registered), () -> fail(registered));
    return Callers.onCaller(vertx, registered.future())
        .<Subscription>map(subscription)
        .onFailure(failure -> subscription.close());
  }

  private @Nullable RpcException stand(HttpSource source, LocalSubscription subscription) {
    lock.lock();
    try {
      RpcException unavailable = unavailable();
      if (unavailable == null) {
        subscriptions.put(source, subscription);
      }
      return unavailable;
    } finally {
      lock.unlock();
    }
  }

  private Future<Void> listen(HttpSource source) {
    return inlet
        .listen()
        .transform(
            bound ->
                bound.succeeded()
                    ? register(source, bound.result())
                    : Future.failedFuture(
                        noSubscription(source, "no listener on " + where(), bound.cause())));
  }

  private String where() {
    return options.getHost() + ":" + options.getPort();
  }

  private Future<Void> register(HttpSource source, String address) {
    if (source.isStopped()) {
      return Future.failedFuture(unavailable("closed"));
    }
    inlet.add(source);
    Service service =
        GoMicroNode.service(
            source.topic(), source.queue(), source.id(), address, options.getSsl() != null);
    Promise<Void> promise = Promise.promise();
    registry
        .register(service, registerOptions)
        .onComplete(
            made ->
                home(
                    () -> {
                      if (made.failed()) {
                        promise.fail(noSubscription(source, "not registered", made.cause()));
                      } else if (source.register(made.result())) {
                        outbox().add(service);
                        promise.complete();
                      } else {
                        source.leave();
                        promise.fail(unavailable("closed"));
                      }
                    },
                    () -> fail(promise)));
    return promise.future();
  }

  private static RpcException noSubscription(HttpSource source, String why, Throwable cause) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE, "http: " + why + ": " + RpcException.from(cause).detail())
        .target(source.topic(), "")
        .cause(cause)
        .build();
  }

  /** Called by a subscription that closes; at home. */
  void leaving(HttpSource source) {
    outbox().remove(source.id());
  }

  /** Returns the outbox of a broker that has been connected; at home. */
  private Outbox outbox() {
    return Objects.requireNonNull(outbox, "outbox");
  }

  /** Called by a subscription that has closed. */
  void forget(HttpSource source) {
    lock.lock();
    try {
      subscriptions.remove(source);
    } finally {
      lock.unlock();
    }
    home(() -> inlet.remove(source), () -> {});
  }

  @Override
  public Future<Void> close() {
    lock.lock();
    try {
      if (closed == null) {
        state = State.CLOSED;
        List<Future<Void>> closes = new ArrayList<>();
        List.copyOf(subscriptions.values()).forEach(each -> closes.add(each.close()));
        Future<Void> subscribed =
            closes.isEmpty() ? Future.succeededFuture() : Future.join(closes).mapEmpty();
        Promise<Void> promise = Promise.promise();
        closed = promise.future();
        subscribed.onComplete(
            done ->
                home(
                    () ->
                        drain()
                            .transform(drained -> stop())
                            .onComplete(
                                stopped -> {
                                  if (done.failed()) {
                                    promise.fail(done.cause());
                                  } else {
                                    promise.complete();
                                  }
                                }),
                    promise::tryComplete));
      }
      return Callers.onCaller(vertx, closed);
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the publishes, then ends those that are left; at home. */
  private Future<Void> drain() {
    Outbox open = outbox;
    if (open == null) {
      return Future.succeededFuture();
    }
    Promise<Void> over = Promise.promise();
    Timer most = time.timer(Nanos.of(options.getCloseTimeout()), over::tryComplete);
    open.idle().onComplete(idle -> over.tryComplete());
    return over.future()
        .onComplete(
            done -> {
              most.cancel();
              open.close();
            });
  }

  private Future<Void> stop() {
    List<Future<?>> closes = new ArrayList<>();
    closes.add(inlet.close());
    if (poster != null) {
      closes.add(poster.close());
    }
    if (lookUps != registry) {
      closes.add(lookUps.close());
    }
    if (closesRegistry) {
      closes.add(registry.close());
    }
    return Future.join(closes).mapEmpty();
  }

  /** Does something at home; {@code otherwise} if the Vert.x instance has ended. */
  void home(Runnable task, Runnable otherwise) {
    try {
      home.execute(task);
    } catch (RejectedExecutionException ended) {
      otherwise.run();
    }
  }

  @Override
  public String toString() {
    return "HttpBroker[" + where() + ", " + registry + "]";
  }

  /** Collects the parts of a broker. Not thread-safe. */
  public static final class Builder {

    private final Vertx vertx;
    private final Registry registry;
    private HttpBrokerOptions options = new HttpBrokerOptions();
    private @Nullable Codecs codecs;
    private TimeSource time;
    private boolean closesRegistry;

    private Builder(Vertx vertx, Registry registry) {
      this.vertx = vertx;
      this.registry = registry;
      this.time = TimeSource.of(vertx);
    }

    /** Sets the options, of which the broker keeps a copy. Default: the defaults. */
    public Builder withOptions(HttpBrokerOptions options) {
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

    /** Has the registry closed with the broker. */
    Builder closingTheRegistry() {
      this.closesRegistry = true;
      return this;
    }

    /**
     * Returns a broker, not yet connected.
     *
     * @throws IllegalArgumentException if the host is a wildcard and there is no advertised
     *     address, or the interval of registrations is not less than their TTL
     */
    public HttpBroker build() {
      return new HttpBroker(this);
    }
  }
}
