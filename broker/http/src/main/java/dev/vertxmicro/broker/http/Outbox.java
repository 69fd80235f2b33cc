// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Publishes: looks in the registry who is to get an event, and has it sent to each of them. Keeps
 * the order of the publishes: what comes while the registry is asked waits behind.
 *
 * <p>All methods are called on the broker's context, where all state is touched.
 */
final class Outbox {

  private static final System.Logger LOG = System.getLogger(HttpBroker.class.getName());

  /** The first wait before an event is sent again; it doubles up to {@link #LONGEST_WAIT}. */
  private static final long FIRST_WAIT = 10_000_000;

  private static final long LONGEST_WAIT = 500_000_000;

  private static final String LATE = "not taken in time";

  private static final String CLOSED = "the broker was closed first";

  private final Executor home;
  private final TimeSource time;
  private final Registry registry;
  private final Poster poster;
  private final IntUnaryOperator random;
  private final Complaints complaints;
  private final int bufferSize;
  private final long reachNanos;
  private final long requestNanos;
  private final Slots slots;

  private final Deque<OpenPublish> arrived = new ArrayDeque<>();
  private final Set<OpenPublish> open = new LinkedHashSet<>();
  private final Map<String, Lane> lanes = new HashMap<>();
  private final List<Promise<Void>> idle = new ArrayList<>();
  private final Map<String, Service> own = new LinkedHashMap<>();
  private List<Service> listed = List.of();
  private boolean ownChanged;
  private Subscribers subscribers = Subscribers.NONE;
  private boolean looking;
  private boolean closed;
  private int reserved;

  /**
   * Makes an outbox without publishes.
   *
   * @param home the broker's context
   * @param registry answers from memory, mostly
   * @param random returns a number from 0 to below its argument
   */
  Outbox(
      Executor home,
      TimeSource time,
      Registry registry,
      Poster poster,
      IntUnaryOperator random,
      HttpBrokerOptions options) {
    this.home = home;
    this.time = time;
    this.registry = registry;
    this.poster = poster;
    this.random = random;
    this.complaints = new Complaints(LOG, time);
    this.bufferSize = options.getBufferSize();
    this.reachNanos = Nanos.of(options.getReachTimeout());
    this.requestNanos = Nanos.of(options.getRequestTimeout());
    this.slots = new Slots(options.getMaxRequests(), options.getPoolSize());
  }

  /** Publishes; {@link OpenPublish} says what the arguments are. */
  void publish(
      String topic,
      Buffer payload,
      @Nullable String onlyQueue,
      boolean idempotent,
      long deadlineNanos,
      Consumer<@Nullable RpcException> ended) {
    OpenPublish publish = new OpenPublish(topic, payload, onlyQueue, idempotent, deadlineNanos);
    publish.start(
        time.timer(deadlineNanos - now(), () -> publish.giveUp(GrpcStatus.DEADLINE_EXCEEDED, LATE)),
        failure -> {
          onEnded(publish);
          ended.accept(failure);
        });
    open.add(publish);
    if (closed) {
      publish.giveUp(GrpcStatus.UNAVAILABLE, CLOSED);
      return;
    }
    arrived.add(publish);
    if (!looking) {
      lookForArrived();
    }
  }

  private void lookForArrived() {
    looking = true;
    look(
        failure -> {
          looking = false;
          List<OpenPublish> all = List.copyOf(arrived);
          arrived.clear();
          for (OpenPublish publish : all) {
            if (publish.isOver()) {
              continue;
            }
            if (failure != null) {
              publish.fail(unknown(publish, failure));
            } else {
              publish.address(this, subscribers);
            }
          }
        });
  }

  private static RpcException unknown(OpenPublish publish, Throwable failure) {
    return publish
        .failure(
            GrpcStatus.UNAVAILABLE,
            "the registry does not say who subscribes: " + RpcException.from(failure).detail())
        .cause(failure)
        .build();
  }

  /** Reads the registry; {@code then} is told what failed, at once if the answer is there. */
  private void look(Consumer<@Nullable Throwable> then) {
    Future<List<Service>> answer = registry.get(GoMicroNode.SERVICE);
    if (answer.isComplete()) {
      onAnswer(answer, then);
    } else {
      answer.onComplete(done -> home.execute(() -> onAnswer(done, then)));
    }
  }

  private void onAnswer(AsyncResult<List<Service>> answer, Consumer<@Nullable Throwable> then) {
    if (answer.failed()) {
      then.accept(answer.cause());
      return;
    }
    List<Service> services = answer.result();
    if (services != listed || ownChanged) {
      listed = services;
      ownChanged = false;
      subscribers = Subscribers.of(services, own.values(), complaints);
      lanes.values().removeIf(lane -> lane.isIdle() && subscribers.target(lane.id()) == null);
    }
    then.accept(null);
  }

  /** Adds a subscription of this broker: its publishes need not wait for the registry to tell. */
  void add(Service subscription) {
    own.put(subscription.nodes().get(0).id(), subscription);
    ownChanged = true;
  }

  /** Removes a subscription of this broker. */
  void remove(String id) {
    own.remove(id);
    ownChanged = true;
  }

  private void onEnded(OpenPublish publish) {
    open.remove(publish);
    if (open.isEmpty()) {
      List<Promise<Void>> waiting = List.copyOf(idle);
      idle.clear();
      waiting.forEach(Promise::complete);
    }
  }

  /** Completes when no publish is open. */
  Future<Void> idle() {
    if (open.isEmpty()) {
      return Future.succeededFuture();
    }
    Promise<Void> promise = Promise.promise();
    idle.add(promise);
    return promise.future();
  }

  /** Ends all publishes that are open, and those that come. */
  void close() {
    closed = true;
    List.copyOf(open).forEach(each -> each.giveUp(GrpcStatus.UNAVAILABLE, CLOSED));
  }

  // ---- For parcels and lanes

  Subscribers subscribers() {
    return subscribers;
  }

  Lane lane(Target target) {
    Lane lane = lanes.computeIfAbsent(target.id(), id -> new Lane(this, target));
    lane.moveTo(target);
    return lane;
  }

  Slots slots() {
    return slots;
  }

  Poster.Sent post(Target target, Parcel parcel, Consumer<Answer> answered) {
    OpenPublish publish = parcel.publish();
    long left = Math.min(requestNanos, publish.deadlineNanos() - now());
    return poster.post(target, publish.payload(), left, answered);
  }

  /** Tells whether a parcel may be sent; ends one whose time has just come to its end. */
  boolean isInTime(Parcel parcel) {
    if (!parcel.isOver() && parcel.publish().deadlineNanos() - now() <= 0) {
      parcel.giveUp(GrpcStatus.DEADLINE_EXCEEDED, LATE);
    }
    return !parcel.isOver();
  }

  /** Takes room in the buffer of events that wait. */
  boolean reserve(int size) {
    if (reserved + (long) size > bufferSize) {
      return false;
    }
    reserved += size;
    return true;
  }

  void unreserve(int size) {
    reserved -= size;
  }

  /** Returns how many bytes of the buffer are taken. */
  int reserved() {
    return reserved;
  }

  /** Runs {@code task} after a wait, with what the registry says then, if it says anything. */
  void after(int refusals, Runnable task) {
    time.timer(waitNanos(refusals), () -> look(failure -> task.run()));
  }

  long waitNanos(int refusals) {
    return Math.min(LONGEST_WAIT, FIRST_WAIT << Math.max(0, Math.min(refusals, 10)));
  }

  long reachNanos() {
    return reachNanos;
  }

  long now() {
    return time.nanoTime();
  }

  int random(int bound) {
    return random.applyAsInt(bound);
  }
}
