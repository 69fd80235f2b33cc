// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One subscription to a {@link MemoryBroker}.
 *
 * <p>An event waits in the queue, is taken by the {@link #work} loop on the subscriber's context
 * and stays unsettled until {@link #settle}; a nack puts it aside until it is queued again, here or
 * at another member of the group. Queued, unsettled and put aside, it counts against the prefetch.
 * The loop runs while there is something to do: {@code awake} says that it runs or is about to, so
 * that it is never started twice, and is cleared under the lock in the moment it finds nothing.
 */
final class MemorySubscription implements Subscription {

  private static final Logger LOG = System.getLogger(MemorySubscription.class.getName());

  /** After so many the loop lets others on its context have a turn. */
  private static final int MOST_PER_TURN = 16;

  /** More losses that wait to be told are only counted. */
  private static final int MOST_LOSSES_UNTOLD = 64;

  private final MemoryBroker broker;
  private final MemoryTopics topics;
  private final String topic;
  private final SubscribeOptions options;
  private final Function<Event, Future<?>> handler;
  private final Executor context;

  // Guarded by the lock of MemoryTopics.
  private final Deque<Parcel> queue = new ArrayDeque<>();
  private final Set<MemoryEvent> unsettled = new LinkedHashSet<>();
  private final Set<Aside> aside = new LinkedHashSet<>();
  private final Deque<MemoryEvent> losses = new ArrayDeque<>();
  private int lossesNotKept;
  private long lost;
  private int running;
  private boolean awake;
  private @Nullable Closing closing;

  MemorySubscription(
      MemoryBroker broker,
      String topic,
      SubscribeOptions options,
      Function<Event, Future<?>> handler,
      Executor context) {
    this.broker = broker;
    this.topics = broker.topics();
    this.topic = topic;
    this.options = new SubscribeOptions(options);
    this.handler = handler;
    this.context = context;
  }

  @Override
  public String topic() {
    return topic;
  }

  @Override
  public SubscribeOptions options() {
    return new SubscribeOptions(options);
  }

  @Nullable String queue() {
    return options.getQueue();
  }

  Codecs codecs() {
    return broker.codecs();
  }

  @Override
  public int pending() {
    topics.lock();
    try {
      return held();
    } finally {
      topics.unlock();
    }
  }

  @Override
  public long lost() {
    topics.lock();
    try {
      return lost;
    } finally {
      topics.unlock();
    }
  }

  private int held() {
    return queue.size() + unsettled.size() + aside.size();
  }

  /** Called with the lock. */
  boolean hasRoom() {
    return held() < options.getPrefetch();
  }

  /** Tells whether a publish must fail because of this subscription. Called with the lock. */
  boolean refuses() {
    return options.getOverflow() == Overflow.REFUSE && !hasRoom();
  }

  RpcException refusal() {
    return failure(
            GrpcStatus.UNAVAILABLE,
            "a subscription holds " + options.getPrefetch() + " events, its prefetch")
        .build();
  }

  /** Takes an event, or loses one by the overflow rule. Called with the lock. */
  void offer(Parcel parcel) {
    if (hasRoom()) {
      enqueue(parcel);
      return;
    }
    Parcel oldest = options.getOverflow() == Overflow.DROP_OLDEST ? queue.poll() : null;
    if (oldest != null) {
      enqueue(parcel);
    }
    lose(
        oldest != null ? oldest : parcel,
        failure(GrpcStatus.RESOURCE_EXHAUSTED, "dropped: beyond the prefetch").build());
  }

  private void enqueue(Parcel parcel) {
    queue.add(parcel);
    wake();
  }

  /** Starts the loop if it stands and has something to do. Called with the lock. */
  private void wake() {
    boolean canDeliver = !queue.isEmpty() && running < options.getConcurrency();
    if (!awake && (canDeliver || !losses.isEmpty())) {
      awake = true;
      topics.afterwards(() -> context.execute(this::work));
    }
  }

  /** The loop; on the subscriber's context. */
  private void work() {
    for (int turn = 0; turn < MOST_PER_TURN; turn++) {
      Runnable next = nextWork();
      if (next == null) {
        return;
      }
      next.run();
    }
    context.execute(this::work);
  }

  private @Nullable Runnable nextWork() {
    topics.lock();
    try {
      MemoryEvent loss = losses.poll();
      if (loss != null) {
        return () -> tell(loss);
      }
      if (lossesNotKept > 0) {
        int count = lossesNotKept;
        lossesNotKept = 0;
        return () -> LOG.log(Level.WARNING, "{0}: {1} more events lost", topic, count);
      }
      Parcel parcel = running < options.getConcurrency() ? queue.poll() : null;
      if (parcel != null) {
        MemoryEvent event = MemoryEvent.open(this, parcel);
        running++;
        unsettled.add(event);
        return () -> deliver(event);
      }
      awake = false;
      return null;
    } finally {
      topics.unlock();
    }
  }

  private void deliver(MemoryEvent event) {
    if (!options.getAckTimeout().isZero()) {
      event.setAckTimer(
          broker
              .time()
              .timer(
                  Nanos.of(options.getAckTimeout()),
                  () -> settle(event, MemoryEvent.State.EXPIRED)));
    }
    handle(event).onComplete(done -> onHandled(event, done.cause()));
  }

  private Future<?> handle(MemoryEvent event) {
    try {
      Future<?> handled = handler.apply(event);
      return handled != null
          ? handled
          : Future.failedFuture(new NullPointerException("the handler returned null"));
    } catch (Throwable thrown) {
      return Future.failedFuture(thrown);
    }
  }

  private void onHandled(MemoryEvent event, @Nullable Throwable failure) {
    topics.lock();
    try {
      running--;
      if (failure != null) {
        if (settle(event, MemoryEvent.State.NACKED, failure) == MemoryEvent.State.ACKED) {
          topics.afterwards(
              () -> LOG.log(Level.WARNING, topic + ": handler failed after its ack", failure));
        }
      } else if (options.getAckMode() == AckMode.ON_SUCCESS) {
        settle(event, MemoryEvent.State.ACKED, null);
      }
      if (closing != null && running == 0) {
        finishClosing(null);
      }
      wake();
    } finally {
      topics.unlock();
    }
  }

  /** Settles an event that is open; returns in what state it was. From any thread. */
  MemoryEvent.State settle(MemoryEvent event, MemoryEvent.State next) {
    topics.lock();
    try {
      return settle(event, next, null);
    } finally {
      topics.unlock();
    }
  }

  private MemoryEvent.State settle(
      MemoryEvent event, MemoryEvent.State next, @Nullable Throwable cause) {
    MemoryEvent.State before = event.moveTo(next);
    if (before != MemoryEvent.State.OPEN) {
      return before;
    }
    unsettled.remove(event);
    if (!options.getAckTimeout().isZero()) {
      topics.afterwards(() -> context.execute(event::cancelAckTimer));
    }
    if (next != MemoryEvent.State.ACKED) {
      retry(event, next, cause);
    }
    return before;
  }

  private void retry(MemoryEvent event, MemoryEvent.State ended, @Nullable Throwable cause) {
    if (cause instanceof CodecException) {
      lose(
          event.parcel(),
          failure(GrpcStatus.INVALID_ARGUMENT, "unreadable: " + cause.getMessage())
              .processed(Processed.YES)
              .cause(cause)
              .build());
    } else if (event.attempt() >= options.getMaxDeliveries()) {
      String why = cause == null ? ended.toString() : cause.toString();
      lose(
          event.parcel(),
          failure(GrpcStatus.ABORTED, "given up after " + event.attempt() + " deliveries: " + why)
              .processed(Processed.YES)
              .cause(cause)
              .build());
    } else if (closing != null) {
      handOver(event.parcel().again());
    } else if (options.getRedeliveryDelay().isZero()) {
      enqueueInGroup(event.parcel().again());
    } else {
      Aside later = new Aside(event.parcel().again());
      aside.add(later);
      topics.afterwards(() -> context.execute(later::arm));
    }
  }

  /** Queues at the member whose turn it is; here if nobody else has room, for here is a place. */
  private void enqueueInGroup(Parcel parcel) {
    MemorySubscription member = topics.withRoom(topic, options.getQueue());
    (member == null ? this : member).enqueue(parcel);
  }

  /** A parcel between a nack and its next delivery. */
  private final class Aside {
    private final Parcel parcel;

    // Touched on the subscriber's context only.
    private @Nullable Timer timer;

    Aside(Parcel parcel) {
      this.parcel = parcel;
    }

    void arm() {
      if (isAside()) {
        timer = broker.time().timer(Nanos.of(options.getRedeliveryDelay()), this::fire);
      }
    }

    private boolean isAside() {
      topics.lock();
      try {
        return aside.contains(this);
      } finally {
        topics.unlock();
      }
    }

    private void fire() {
      topics.lock();
      try {
        if (aside.remove(this)) {
          enqueueInGroup(parcel);
        }
      } finally {
        topics.unlock();
      }
    }

    void disarm() {
      if (timer != null) {
        timer.cancel();
      }
    }
  }

  /** Counts a loss and has the loop tell it. Called with the lock. */
  private void lose(Parcel parcel, RpcException error) {
    lost++;
    if (losses.size() < MOST_LOSSES_UNTOLD) {
      losses.add(MemoryEvent.lost(this, parcel, error));
    } else {
      lossesNotKept++;
    }
    wake();
  }

  private void tell(MemoryEvent loss) {
    Handler<Event> told = options.getLossHandler();
    if (told == null) {
      LOG.log(Level.WARNING, "event {0} lost: {1}", loss.message().id(), loss.error());
      return;
    }
    try {
      told.handle(loss);
    } catch (RuntimeException thrown) {
      LOG.log(Level.WARNING, topic + ": loss handler failed", thrown);
    }
  }

  private RpcException.Builder failure(GrpcStatus status, String detail) {
    return RpcException.client(status, detail).target(topic, "");
  }

  @Override
  public Future<Void> close() {
    topics.lock();
    try {
      if (closing == null) {
        closing = new Closing();
        topics.remove(this);
        List<Parcel> left = new ArrayList<>(queue);
        queue.clear();
        for (Aside each : aside) {
          left.add(each.parcel);
          topics.afterwards(() -> context.execute(each::disarm));
        }
        aside.clear();
        left.forEach(this::handOver);
        Closing started = closing;
        if (running == 0 || broker.closeTimeout().isZero()) {
          finishClosing(null);
        } else {
          topics.afterwards(() -> started.context.execute(started::arm));
        }
      }
      return closing.promise.future();
    } finally {
      topics.unlock();
    }
  }

  /** Gives a parcel of a closed subscription to another member of the group, or loses it. */
  private void handOver(Parcel parcel) {
    MemorySubscription heir = topics.withRoom(topic, options.getQueue());
    if (heir != null) {
      heir.enqueue(parcel);
    } else {
      lose(
          parcel,
          failure(GrpcStatus.UNAVAILABLE, "left over when the subscription closed")
              .processed(parcel.attempt() == 1 ? Processed.NOT_SENT : Processed.UNKNOWN)
              .build());
    }
  }

  /** Ends the close, once. Called with the lock. */
  private void finishClosing(@Nullable RpcException failure) {
    Closing ending = closing;
    if (ending == null || ending.finished) {
      return;
    }
    ending.finished = true;
    for (MemoryEvent event : List.copyOf(unsettled)) {
      settle(event, MemoryEvent.State.EXPIRED, null);
    }
    broker.forget(this);
    topics.afterwards(() -> ending.context.execute(() -> ending.end(failure)));
  }

  /** A close that waits for handlers, on the context of its caller. */
  private final class Closing {
    private final Promise<Void> promise = Promise.promise();
    private final Executor context = broker.newContext();

    // Guarded by the lock of MemoryTopics.
    private boolean finished;

    // Touched on the caller's context only.
    private @Nullable Timer timer;

    void arm() {
      Duration most = broker.closeTimeout();
      timer =
          broker
              .time()
              .timer(
                  Nanos.of(most),
                  () -> {
                    topics.lock();
                    try {
                      String late =
                          running + " handlers still run after " + most.toMillis() + " ms";
                      finishClosing(failure(GrpcStatus.DEADLINE_EXCEEDED, late).build());
                    } finally {
                      topics.unlock();
                    }
                  });
    }

    void end(@Nullable RpcException failure) {
      if (timer != null) {
        timer.cancel();
      }
      if (failure == null) {
        promise.complete();
      } else {
        promise.fail(failure);
      }
    }
  }

  @Override
  public String toString() {
    return "MemorySubscription[" + topic + ", " + options + "]";
  }
}
