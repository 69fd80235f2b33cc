// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.codec.Ranges;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.shareddata.LocalMap;
import io.vertx.core.shareddata.SharedData;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A broker on the event bus of Vert.x, in one process or clustered: events between verticles and
 * between the nodes of a Vert.x cluster that is there already, without a server for them.
 *
 * <p>A topic is an address that subscribers without a queue listen to, and events are {@link
 * EventBus#publish published} there. Each member of a queue group is an address of its own; a
 * publisher sends the event to one of them in turn, as a {@link EventBus#request request}, and the
 * member answers that it has taken it. Which groups a topic has a publisher knows at once in one
 * process; in a cluster it reads a map of the cluster manager, see {@link
 * EventBusBrokerOptions#setGroupsAge}. Events cross the cluster as bytes of an own coding, never by
 * JVM serialisation.
 *
 * <p>What it promises: a publish that succeeded has been taken by a member of each queue group
 * whose subscribe had completed, and has been given to the event bus for all other subscriptions.
 * To these it is at most once: if the connection to their node is lost, or the event comes beyond
 * the prefetch, it is lost, the latter counted and told; and in a cluster an event is missed that
 * is published before the cluster manager has told its publisher of the subscription. A group gets
 * it at least once and mostly once: twice, if a publish that failed with UNKNOWN is repeated. A
 * member that has used up its prefetch under {@link Overflow#REFUSE} lets the next one have the
 * event; if all refuse, the publish fails. A publish that fails may have reached others: its
 * failure says UNKNOWN, but NOT_SENT if it has not left. A publish to a member that has just died
 * fails with code 408, unless the cluster manager knows already.
 *
 * <p>Events of a publisher come in order, but for those that a member refused. What a handler does
 * not acknowledge its process delivers again, as often as the subscription allows, behind the
 * events that wait there; when a member closes, another one takes over what is left, if there is
 * one. What a process holds is lost with it. Nothing is kept for those who subscribe later.
 *
 * <p>Topics are compared as they are, without wildcards. May be used from any thread.
 */
public final class EventBusBroker implements Broker {

  /** More publishes to one topic that wait for those before them fail. */
  private static final int MOST_IN_LANE = 10_000;

  /** More members that have answered are forgotten, the first of them first. */
  private static final int MOST_WARM = 10_000;

  /** Of events to all, whatever their timeout: nobody answers. Never changed. */
  private static final DeliveryOptions TO_ALL =
      new DeliveryOptions().setCodecName(EventBusCodec.NAME);

  private static final String SHARED = "dev.vertxmicro.broker.eventbus";

  private enum State {
    NEW,
    CONNECTED,
    CLOSED
  }

  private final Vertx vertx;
  private final EventBus bus;
  private final EventBusBrokerOptions options;
  private final LocalSubscription.Host host;
  private final TimeSource time;
  private final Context own;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Map<String, Deque<Supplier<Future<?>>>> lanes = new HashMap<>();
  private final Set<String> warm = new LinkedHashSet<>();
  private int turns;
  private final Set<LocalSubscription> subscriptions = new LinkedHashSet<>();
  private State state = State.NEW;
  private @Nullable Future<Void> connecting;
  private @Nullable Future<Void> closed;
  private @Nullable EventGroups groups;

  /** What publishes look at without the lock; null but while connected. */
  private volatile @Nullable EventGroups open;

  /** The last one. Publishers mostly have few topics. */
  private volatile Address lastAddress = new Address("", "");

  private record Address(String topic, String address) {}

  private EventBusBroker(Builder builder) {
    this.vertx = builder.vertx;
    this.bus = vertx.eventBus();
    this.options = new EventBusBrokerOptions(builder.options);
    this.time = builder.time;
    this.host =
        new LocalSubscription.Host(
            builder.codecs != null ? builder.codecs : Codecs.standard(),
            time,
            options.getCloseTimeout(),
            () -> Callers.contextOf(vertx));
    this.own = vertx.getOrCreateContext();
  }

  /** Returns a new broker, not yet connected. */
  public static EventBusBroker create(Vertx vertx) {
    return builder(vertx).build();
  }

  /** Starts a broker with more than the defaults. */
  public static Builder builder(Vertx vertx) {
    return new Builder(Objects.requireNonNull(vertx, "vertx"));
  }

  @Override
  public Future<Void> connect() {
    lock.lock();
    try {
      if (state == State.CLOSED) {
        return Future.failedFuture(unavailable("closed"));
      }
      if (connecting == null) {
        connecting = openGroups().compose(this::connected, this::notConnected);
      }
      return connecting;
    } finally {
      lock.unlock();
    }
  }

  private Future<EventGroups> openGroups() {
    SharedData shared = vertx.sharedData();
    // Both are made once for each Vert.x instance.
    LocalMap<String, Boolean> registered = shared.getLocalMap(SHARED + ".codec");
    registered.computeIfAbsent(EventBusCodec.NAME, name -> registerCodec());
    LocalMap<String, EmbeddedGroups> all = shared.getLocalMap(SHARED + ".groups");
    EmbeddedGroups embedded =
        all.computeIfAbsent(options.getAddressPrefix(), name -> new EmbeddedGroups());
    return vertx.isClustered()
        ? ClusteredGroups.open(
            vertx, time, options.getAddressPrefix() + "groups", options.getGroupsAge())
        : Future.succeededFuture(embedded);
  }

  private boolean registerCodec() {
    bus.registerCodec(new EventBusCodec());
    return true;
  }

  private Future<Void> connected(EventGroups opened) {
    lock.lock();
    try {
      if (state == State.CLOSED) {
        return Future.failedFuture(unavailable("closed"));
      }
      groups = opened;
      open = opened;
      state = State.CONNECTED;
      return Future.succeededFuture();
    } finally {
      lock.unlock();
    }
  }

  private Future<Void> notConnected(Throwable failure) {
    lock.lock();
    try {
      connecting = null;
    } finally {
      lock.unlock();
    }
    return Future.failedFuture(
        RpcException.client(GrpcStatus.UNAVAILABLE, "event bus broker: no map of groups")
            .cause(failure)
            .build());
  }

  EventGroups groups() {
    lock.lock();
    try {
      return Objects.requireNonNull(groups, "groups");
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Connectivity connectivity() {
    lock.lock();
    try {
      return switch (state) {
        case NEW -> connecting == null ? Connectivity.NEW : Connectivity.DISCONNECTED;
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
    String to = own.getExchange() == null ? topic : own.getExchange();
    EventGroups from = open;
    if (from == null) {
      return Future.failedFuture(notOpen());
    }
    if (vertx.isClustered()) {
      return publishInLane(to, message, delivery(own), from);
    }
    bus.publish(address(to), message, TO_ALL);
    EventGroups.Found found = from.known(to);
    return found == null || found.groups().isEmpty()
        ? Future.succeededFuture()
        : giveToGroups(message, delivery(own), found);
  }

  private static DeliveryOptions delivery(PublishOptions options) {
    return new DeliveryOptions()
        .setCodecName(EventBusCodec.NAME)
        .setSendTimeout(Math.max(1, Nanos.millis(options.getTimeout())));
  }

  private RpcException notOpen() {
    lock.lock();
    try {
      return unavailable(state == State.CLOSED ? "closed" : "not connected");
    } finally {
      lock.unlock();
    }
  }

  // ---- In a cluster

  /*
   * Vert.x sends to an address in order once it knows which nodes listen there. Before, a send waits
   * for the cluster manager, and a later one may overtake it. So publishes to a topic stand in a
   * lane: one starts when the one before it was written and, if it went to a member for the first
   * time, was answered.
   */

  private Future<Void> publishInLane(
      String topic, Message message, DeliveryOptions delivery, EventGroups from) {
    Promise<Void> promise = Promise.promise();
    boolean first;
    lock.lock();
    try {
      Deque<Supplier<Future<?>>> lane = lanes.get(topic);
      first = lane == null;
      if (lane == null) {
        lane = new ArrayDeque<>();
        lanes.put(topic, lane);
      }
      if (lane.size() >= MOST_IN_LANE) {
        return Future.failedFuture(
            unavailable(lane.size() + " publishes to " + topic + " wait, the most"));
      }
      lane.add(() -> publishNext(topic, message, delivery, from, promise));
    } finally {
      lock.unlock();
    }
    if (first) {
      runLane(topic);
    }
    return promise.future();
  }

  private void runLane(String topic) {
    while (true) {
      Supplier<Future<?>> next;
      lock.lock();
      try {
        Deque<Supplier<Future<?>>> lane = lanes.get(topic);
        next = lane == null ? null : lane.poll();
        if (next == null) {
          lanes.remove(topic);
          return;
        }
      } finally {
        lock.unlock();
      }
      Future<?> gone = next.get();
      if (!gone.isComplete()) {
        gone.onComplete(done -> runLane(topic));
        return;
      }
    }
  }

  /** Publishes; the future says when the next one may follow. */
  private Future<?> publishNext(
      String topic,
      Message message,
      DeliveryOptions delivery,
      EventGroups from,
      Promise<Void> promise) {
    EventGroups.Found known = from.known(topic);
    Future<EventGroups.Found> found =
        known == null ? from.look(topic) : Future.succeededFuture(known);
    return found.transform(
        read -> {
          if (read.failed()) {
            promise.fail(
                RpcException.client(GrpcStatus.UNAVAILABLE, "event bus broker: groups unknown")
                    .target(topic, "")
                    .cause(read.cause())
                    .build());
            return Future.succeededFuture();
          }
          Future<Void> written = bus.<Message>publisher(address(topic), delivery).write(message);
          boolean warmed = areWarm(read.result());
          Future<Void> taken = giveToGroups(message, delivery, read.result());
          taken.onComplete(promise);
          // That nobody listens, or that a node is gone, is no failure of a publish.
          Future<Void> wrote = written.otherwiseEmpty();
          return warmed ? wrote : Future.join(wrote, taken).otherwiseEmpty().mapEmpty();
        });
  }

  private boolean areWarm(EventGroups.Found found) {
    lock.lock();
    try {
      return found.groups().stream()
          .flatMap(List::stream)
          .allMatch(member -> warm.contains(member.id()));
    } finally {
      lock.unlock();
    }
  }

  private void warmed(EventGroups.Member member) {
    if (!vertx.isClustered()) {
      return;
    }
    lock.lock();
    try {
      if (warm.add(member.id()) && warm.size() > MOST_WARM) {
        warm.remove(warm.iterator().next());
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- Queue groups

  private Future<Void> giveToGroups(
      Message message, DeliveryOptions delivery, EventGroups.Found found) {
    if (found.groups().isEmpty()) {
      return Future.succeededFuture();
    }
    List<Future<Void>> taken = new ArrayList<>(found.groups().size());
    for (List<EventGroups.Member> group : found.groups()) {
      taken.add(give(message, delivery, found, group));
    }
    return taken.size() == 1
        ? taken.get(0)
        : Future.join(taken).transform(done -> firstFailure(taken));
  }

  private static Future<Void> firstFailure(List<Future<Void>> all) {
    return all.stream().filter(Future::failed).findFirst().orElse(Future.succeededFuture());
  }

  private Future<Void> give(
      Message message,
      DeliveryOptions delivery,
      EventGroups.Found found,
      List<EventGroups.Member> group) {
    int turn;
    lock.lock();
    try {
      turn = turns++;
    } finally {
      lock.unlock();
    }
    return give(message, delivery, found, group, turn, null);
  }

  /** Asks one member after the other to take the event. */
  private Future<Void> give(
      Message message,
      DeliveryOptions delivery,
      EventGroups.Found found,
      List<EventGroups.Member> left,
      int turn,
      @Nullable Throwable refused) {
    if (left.isEmpty()) {
      return refused == null
          ? Future.succeededFuture() // Nobody is there any more.
          : Future.failedFuture(notTaken("all members hold as many events as they may", refused));
    }
    EventGroups.Member member = left.get(place(turn, left.size()));
    return bus.request(address(member), message, delivery)
        .transform(
            answer -> {
              if (answer.succeeded()) {
                warmed(member);
                return Future.succeededFuture();
              }
              Throwable failure = answer.cause();
              boolean full = isFull(failure);
              if (!full && !isNobody(failure)) {
                return Future.failedFuture(notTaken("queue " + member.queue(), failure));
              }
              if (!full) {
                found.gone(member);
              }
              List<EventGroups.Member> others =
                  left.stream().filter(each -> !each.equals(member)).toList();
              return give(message, delivery, found, others, turn, full ? failure : refused);
            });
  }

  /**
   * Returns whose turn it is: the multiples of the golden ratio (a Weyl sequence) fall evenly on
   * all members also where a group gets every second or third turn only, as with several groups of
   * one topic.
   */
  static int place(int turn, int members) {
    long fraction = (turn * 0x9E3779B9L) & 0xFFFF_FFFFL;
    return (int) ((fraction * members) >>> 32);
  }

  private static boolean isFull(Throwable failure) {
    return failure instanceof ReplyException reply
        && reply.failureType() == ReplyFailure.RECIPIENT_FAILURE
        && reply.failureCode() == EventBusSource.FULL;
  }

  private static boolean isNobody(Throwable failure) {
    return failure instanceof ReplyException reply
        && reply.failureType() == ReplyFailure.NO_HANDLERS;
  }

  private static RpcException notTaken(String why, Throwable failure) {
    boolean late =
        failure instanceof ReplyException reply && reply.failureType() == ReplyFailure.TIMEOUT;
    return RpcException.client(
            late ? GrpcStatus.DEADLINE_EXCEEDED : GrpcStatus.UNAVAILABLE,
            "event bus broker: " + why + ": " + failure.getMessage())
        .processed(Processed.UNKNOWN)
        .cause(failure)
        .build();
  }

  private String address(String topic) {
    Address last = lastAddress;
    if (!last.topic.equals(topic)) {
      last = new Address(topic, options.getAddressPrefix() + "topic:" + topic);
      lastAddress = last;
    }
    return last.address;
  }

  private String address(EventGroups.Member member) {
    return options.getAddressPrefix() + "member:" + member.id();
  }

  /** Gives what a member that has left holds to another; fails if there is none. */
  Future<Void> handOver(String topic, String queue, Delivery held) {
    DeliveryOptions delivery =
        new DeliveryOptions()
            .setCodecName(EventBusCodec.NAME)
            .addHeader(EventBusSource.ATTEMPT, Integer.toString(held.attempt()));
    return groups()
        .look(topic)
        .compose(
            found ->
                found.groups().stream()
                    .filter(group -> group.get(0).queue().equals(queue))
                    .findFirst()
                    .map(group -> give(held.message(), delivery, found, group))
                    .orElseGet(() -> Future.failedFuture(unavailable("no other member"))));
  }

  @Override
  public Future<Subscription> subscribe(
      String topic, Function<Event, Future<?>> handler, SubscribeOption... options) {
    Ranges.notBlank("topic", topic);
    Objects.requireNonNull(handler, "handler");
    SubscribeOptions own = SubscribeOptions.of(options);
    EventGroups.Member member =
        own.getQueue() == null
            ? null
            : new EventGroups.Member(own.getQueue(), UUID.randomUUID().toString());
    EventBusSource source = new EventBusSource(this, topic, member);
    EventGroups joined;
    LocalSubscription subscription;
    lock.lock();
    try {
      if (state != State.CONNECTED || groups == null) {
        return Future.failedFuture(unavailable(state == State.NEW ? "not connected" : "closed"));
      }
      joined = groups;
      subscription = new LocalSubscription(host, topic, own, handler, source);
      source.feed(subscription);
      subscriptions.add(subscription);
    } finally {
      lock.unlock();
    }
    String address = member == null ? address(topic) : address(member);
    Promise<Void> listening = Promise.promise();
    this.own.runOnContext(run -> source.listen(bus.consumer(address)).onComplete(listening));
    return Callers.onCaller(
        vertx,
        listening
            .future()
            .compose(done -> member == null ? joined.outlastReads() : joined.join(topic, member))
            .<Subscription>map(done -> subscription)
            .recover(
                failure -> {
                  subscription.close();
                  return Future.failedFuture(notListening(topic, failure));
                }));
  }

  private static RpcException notListening(String topic, Throwable failure) {
    return failure instanceof RpcException rpc
        ? rpc
        : RpcException.client(GrpcStatus.UNAVAILABLE, "event bus broker: not subscribed")
            .target(topic, "")
            .cause(failure)
            .build();
  }

  private static RpcException unavailable(String why) {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "event bus broker: " + why).build();
  }

  void forget(LocalSubscription subscription) {
    lock.lock();
    try {
      subscriptions.remove(subscription);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Future<Void> close() {
    lock.lock();
    try {
      if (closed == null) {
        state = State.CLOSED;
        open = null;
        List<Future<Void>> closes =
            List.copyOf(subscriptions).stream().map(LocalSubscription::close).toList();
        closed = closes.isEmpty() ? Future.succeededFuture() : Future.join(closes).mapEmpty();
      }
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Collects the parts of a broker. Not thread-safe. */
  public static final class Builder {

    private final Vertx vertx;
    private EventBusBrokerOptions options = new EventBusBrokerOptions();
    private @Nullable Codecs codecs;
    private TimeSource time;

    private Builder(Vertx vertx) {
      this.vertx = vertx;
      this.time = TimeSource.of(vertx);
    }

    /** Sets the options, of which the broker keeps a copy. Default: the defaults. */
    public Builder withOptions(EventBusBrokerOptions options) {
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

    /** Returns a broker, not yet connected. */
    public EventBusBroker build() {
      return new EventBusBroker(this);
    }
  }
}
