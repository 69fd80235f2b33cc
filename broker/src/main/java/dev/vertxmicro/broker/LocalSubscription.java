// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
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
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The part of a subscription that is in this process, the same for all brokers: a bounded queue,
 * the handlers, and what becomes of each event. A broker hands in a {@link Delivery} at a time and
 * is told through it how that was settled.
 *
 * <p>An event waits in the queue, is taken by the {@link #work} loop on the subscriber's context
 * and stays unsettled until {@link #settle}; a nack gives it back to the broker, or puts it aside
 * until it is queued again, here or at a sibling in this process. Queued, unsettled and put aside,
 * it counts against the prefetch. The loop runs while there is something to do: {@code awake} says
 * that it runs or is about to, so that it is never started twice, and is cleared under the lock in
 * the moment it finds nothing.
 *
 * <p>Every method may be called from any thread: arrivals come from threads of the broker, events
 * are settled from where the handler likes, and a close must get through while a handler blocks its
 * context.
 */
public final class LocalSubscription implements Subscription {

  /**
   * What a broker lends to its subscriptions.
   *
   * @param codecs read the bodies of events
   * @param time the clock of delays and timeouts
   * @param closeTimeout how long a close waits for running handlers; zero does not wait
   * @param contexts give what runs tasks on the context of the caller, a new one if there is none
   */
  public record Host(
      Codecs codecs, TimeSource time, Duration closeTimeout, Supplier<Executor> contexts) {

    /** Returns what runs tasks on the context of the caller, a new one if there is none. */
    Executor newContext() {
      return contexts.get();
    }
  }

  /** Where the events of one subscription come from. Called with no lock held. */
  public interface Source {

    /**
     * Stops the events. Called once, when the close starts. The close goes on when it completes,
     * however it does; what still arrives is handed back or lost.
     */
    Future<Void> stop();

    /** Tells that there may be room for more events, for brokers that fetch them. */
    default void room() {}

    /** Tells that the subscription has closed. Called once. */
    default void closed() {}
  }

  /** Subscriptions of this process that share one lock. Called with the lock. */
  interface Siblings {

    Monitor monitor();

    /** Returns the member of the same group whose turn it is among those with room, or null. */
    @Nullable LocalSubscription withRoom(LocalSubscription subscription);

    void leave(LocalSubscription subscription);

    void closed(LocalSubscription subscription);
  }

  private static final Logger LOG = System.getLogger(LocalSubscription.class.getName());

  /** After so many the loop lets others on its context have a turn. */
  private static final int MOST_PER_TURN = 16;

  /** More losses that wait to be told are only counted. */
  private static final int MOST_LOSSES_UNTOLD = 64;

  private final Host host;
  private final String topic;
  private final SubscribeOptions options;
  private final Function<Event, Future<?>> handler;
  private final @Nullable Source source;
  private final @Nullable Siblings siblings;
  private final Executor context;
  private final Monitor monitor;
  private final Runnable workOnContext;
  private final @Nullable Runnable tellRoom;

  // Guarded by the monitor.
  private final Deque<Delivery> queue = new ArrayDeque<>();
  private final EventList unsettled = new EventList();
  private final Set<Aside> aside = new LinkedHashSet<>();
  private final Deque<LocalEvent> losses = new ArrayDeque<>();
  private int lossesNotKept;
  private long lost;
  private int running;
  private boolean awake;
  private @Nullable Closing closing;

  /**
   * Makes a subscription whose handlers run on the context of the caller. It delivers what is
   * offered to it from now on.
   */
  public LocalSubscription(
      Host host,
      String topic,
      SubscribeOptions options,
      Function<Event, Future<?>> handler,
      Source source) {
    this(host, topic, options, handler, source, null);
  }

  /** Makes one that shares its lock with others and hands over to them. */
  LocalSubscription(
      Host host,
      String topic,
      SubscribeOptions options,
      Function<Event, Future<?>> handler,
      Siblings siblings) {
    this(host, topic, options, handler, null, siblings);
  }

  private LocalSubscription(
      Host host,
      String topic,
      SubscribeOptions options,
      Function<Event, Future<?>> handler,
      @Nullable Source source,
      @Nullable Siblings siblings) {
    this.host = Objects.requireNonNull(host, "host");
    this.topic = Objects.requireNonNull(topic, "topic");
    this.options = new SubscribeOptions(options);
    this.handler = Objects.requireNonNull(handler, "handler");
    this.source = source;
    this.siblings = siblings;
    this.context = host.newContext();
    this.monitor = siblings == null ? new Monitor() : siblings.monitor();
    this.workOnContext = () -> context.execute(this::work);
    this.tellRoom = source == null ? null : source::room;
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
    return host.codecs();
  }

  @Override
  public int pending() {
    monitor.lock();
    try {
      return held();
    } finally {
      monitor.unlock();
    }
  }

  @Override
  public long lost() {
    monitor.lock();
    try {
      return lost;
    } finally {
      monitor.unlock();
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

  /** Returns the failure of a publish that {@link #tryOffer} refuses: code 503. */
  public RpcException refusal() {
    return failure(
            GrpcStatus.UNAVAILABLE,
            "a subscription holds " + options.getPrefetch() + " events, its prefetch")
        .build();
  }

  /**
   * Takes an event unless the prefetch is used up and the options say {@link Overflow#REFUSE}, for
   * brokers that can tell the publisher.
   *
   * @return false if the event is refused, and nobody here has it
   */
  public boolean tryOffer(Delivery delivery) {
    monitor.lock();
    try {
      if (closing != null || refuses()) {
        return false;
      }
      offer(delivery);
      return true;
    } finally {
      monitor.unlock();
    }
  }

  /**
   * Takes an event. Beyond the prefetch an event is lost by the overflow rule, where {@link
   * Overflow#REFUSE} counts as {@link Overflow#DROP_NEWEST}; once the close has started it is
   * handed back, or lost.
   */
  public void offer(Delivery delivery) {
    monitor.lock();
    try {
      if (closing != null) {
        handOver(delivery);
      } else if (hasRoom()) {
        enqueue(delivery);
      } else {
        overflow(delivery);
      }
    } finally {
      monitor.unlock();
    }
  }

  private void overflow(Delivery delivery) {
    Delivery oldest = options.getOverflow() == Overflow.DROP_OLDEST ? queue.poll() : null;
    if (oldest != null) {
      enqueue(delivery);
    }
    giveUp(
        oldest != null ? oldest : delivery,
        failure(GrpcStatus.RESOURCE_EXHAUSTED, "dropped: beyond the prefetch").build());
  }

  /**
   * Counts and tells the loss of an event that never became one: its bytes cannot be read, say.
   *
   * @param delivery what is known of it
   * @param why what the loss handler is told
   */
  public void reject(Delivery delivery, RpcException why) {
    monitor.lock();
    try {
      giveUp(delivery, why);
    } finally {
      monitor.unlock();
    }
  }

  /**
   * Forgets events that no handler has begun: of those that wait, and those put aside after a nack,
   * the ones that the broker has taken back, with a connection that was lost say, and delivers
   * again. They do not count as lost.
   *
   * @param takenBack tells which; called with a lock held
   */
  public void withdraw(Predicate<? super Delivery> takenBack) {
    monitor.lock();
    try {
      queue.removeIf(takenBack);
      for (Aside each : List.copyOf(aside)) {
        if (takenBack.test(each.delivery)) {
          remove(each);
        }
      }
    } finally {
      monitor.unlock();
    }
  }

  /** Called with the lock. */
  private void remove(Aside later) {
    aside.remove(later);
    monitor.afterwards(() -> context.execute(later::disarm));
  }

  private void enqueue(Delivery delivery) {
    queue.add(delivery);
    wake();
  }

  /** Starts the loop if it stands and has something to do. Called with the lock. */
  private void wake() {
    boolean canDeliver = !queue.isEmpty() && running < options.getConcurrency();
    if (!awake && (canDeliver || !losses.isEmpty())) {
      awake = true;
      monitor.afterwards(workOnContext);
    }
  }

  /** The loop; on the subscriber's context. */
  private void work() {
    for (int turn = 0; turn < MOST_PER_TURN; turn++) {
      if (!workOnce()) {
        return;
      }
    }
    context.execute(this::work);
  }

  private boolean workOnce() {
    LocalEvent event;
    monitor.lock();
    try {
      event = losses.poll();
      if (event == null && lossesNotKept > 0) {
        int count = lossesNotKept;
        lossesNotKept = 0;
        monitor.afterwards(() -> LOG.log(Level.WARNING, "{0}: {1} more events lost", topic, count));
        return true;
      }
      if (event == null) {
        Delivery delivery = running < options.getConcurrency() ? queue.poll() : null;
        if (delivery == null) {
          awake = false;
          return false;
        }
        event = LocalEvent.open(this, delivery);
        running++;
        unsettled.add(event);
      }
    } finally {
      monitor.unlock();
    }
    if (event.error() != null) {
      tell(event);
    } else {
      deliver(event);
    }
    return true;
  }

  private void deliver(LocalEvent event) {
    if (!options.getAckTimeout().isZero()) {
      event.setAckTimer(
          host.time()
              .timer(
                  Nanos.of(options.getAckTimeout()),
                  () -> settle(event, LocalEvent.State.EXPIRED)));
    }
    Future<?> handled = handle(event);
    if (handled.isComplete()) {
      onHandled(event, handled.cause());
    } else {
      handled.onComplete(done -> onHandled(event, done.cause()));
    }
  }

  private Future<?> handle(LocalEvent event) {
    try {
      Future<?> handled = handler.apply(event);
      return handled != null
          ? handled
          : Future.failedFuture(new NullPointerException("the handler returned null"));
    } catch (Throwable thrown) {
      return Future.failedFuture(thrown);
    }
  }

  private void onHandled(LocalEvent event, @Nullable Throwable failure) {
    monitor.lock();
    try {
      running--;
      if (failure != null) {
        if (settle(event, LocalEvent.State.NACKED, failure) == LocalEvent.State.ACKED) {
          monitor.afterwards(
              () -> LOG.log(Level.WARNING, topic + ": handler failed after its ack", failure));
        }
      } else if (options.getAckMode() == AckMode.ON_SUCCESS) {
        settle(event, LocalEvent.State.ACKED, null);
      }
      if (closing != null) {
        closing.advance();
      }
      wake();
    } finally {
      monitor.unlock();
    }
  }

  /** Settles an event that is open; returns in what state it was. From any thread. */
  LocalEvent.State settle(LocalEvent event, LocalEvent.State next) {
    monitor.lock();
    try {
      return settle(event, next, null);
    } finally {
      monitor.unlock();
    }
  }

  private LocalEvent.State settle(
      LocalEvent event, LocalEvent.State next, @Nullable Throwable cause) {
    LocalEvent.State before = event.moveTo(next);
    if (before != LocalEvent.State.OPEN) {
      return before;
    }
    unsettled.remove(event);
    if (!options.getAckTimeout().isZero()) {
      monitor.afterwards(() -> context.execute(event::cancelAckTimer));
    }
    if (next == LocalEvent.State.ACKED) {
      monitor.afterwards(event::acked);
    } else {
      retry(event, next, cause);
    }
    if (tellRoom != null) {
      monitor.afterwards(tellRoom);
    }
    return before;
  }

  private void retry(LocalEvent event, LocalEvent.State ended, @Nullable Throwable cause) {
    Delivery delivery = event.delivery();
    if (cause instanceof CodecException) {
      giveUp(
          delivery,
          failure(GrpcStatus.INVALID_ARGUMENT, "unreadable: " + cause.getMessage())
              .processed(Processed.YES)
              .cause(cause)
              .build());
    } else if (event.attempt() >= options.getMaxDeliveries()) {
      String why = cause == null ? ended.toString() : cause.toString();
      giveUp(
          delivery,
          failure(GrpcStatus.ABORTED, "given up after " + event.attempt() + " deliveries: " + why)
              .processed(Processed.YES)
              .cause(cause)
              .build());
    } else if (delivery.redeliveredByBroker()) {
      monitor.afterwards(() -> event.redelivered(options.getRedeliveryDelay()));
    } else if (closing != null) {
      handOver(delivery.again());
    } else if (options.getRedeliveryDelay().isZero()) {
      enqueueAgain(delivery.again());
    } else {
      Aside later = new Aside(delivery.again());
      aside.add(later);
      monitor.afterwards(() -> context.execute(later::arm));
    }
  }

  /** Queues at the sibling whose turn it is; here if nobody else has room, for here is a place. */
  private void enqueueAgain(Delivery delivery) {
    LocalSubscription sibling = siblings == null ? null : siblings.withRoom(this);
    (sibling == null ? this : sibling).enqueue(delivery);
  }

  /** A delivery between a nack and the next. */
  private final class Aside {
    private final Delivery delivery;

    // Touched on the subscriber's context only.
    private @Nullable Timer timer;

    Aside(Delivery delivery) {
      this.delivery = delivery;
    }

    void arm() {
      if (isAside()) {
        timer = host.time().timer(Nanos.of(options.getRedeliveryDelay()), this::fire);
      }
    }

    private boolean isAside() {
      monitor.lock();
      try {
        return aside.contains(this);
      } finally {
        monitor.unlock();
      }
    }

    private void fire() {
      monitor.lock();
      try {
        if (aside.remove(this)) {
          enqueueAgain(delivery);
        }
      } finally {
        monitor.unlock();
      }
    }

    void disarm() {
      if (timer != null) {
        timer.cancel();
      }
    }
  }

  /** Loses an event that was taken, and tells the broker. Called with the lock. */
  private void giveUp(Delivery delivery, RpcException why) {
    lose(delivery, why);
    monitor.afterwards(() -> delivery.givenUp(why));
  }

  /** Counts a loss and has the loop tell it. Called with the lock. */
  private void lose(Delivery delivery, RpcException why) {
    lost++;
    if (losses.size() < MOST_LOSSES_UNTOLD) {
      losses.add(LocalEvent.lost(this, delivery, why));
    } else {
      lossesNotKept++;
    }
    wake();
  }

  private void tell(LocalEvent loss) {
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
    monitor.lock();
    try {
      if (closing == null) {
        closing = new Closing();
        closing.start();
      }
      return closing.promise.future();
    } finally {
      monitor.unlock();
    }
  }

  /** Gives an event of a closed subscription to a sibling or the broker, or loses it. */
  private void handOver(Delivery delivery) {
    LocalSubscription heir = siblings == null ? null : siblings.withRoom(this);
    if (heir != null) {
      heir.enqueue(delivery);
      return;
    }
    Closing ending = Objects.requireNonNull(closing);
    ending.handingBack++;
    monitor.afterwards(
        () -> {
          Future<Void> handedBack = delivery.handedBack();
          if (handedBack == null) {
            ending.onHandedBack(delivery, true);
          } else {
            handedBack.onComplete(done -> ending.onHandedBack(delivery, done.failed()));
          }
        });
  }

  /**
   * A close: the source stops and the running handlers end; what is unsettled then, and what
   * waited, is handed over; then it is over. Its timer is on the context of its caller, who need
   * not wait for a handler that blocks the subscriber's.
   */
  private final class Closing {
    private final Promise<Void> promise = Promise.promise();
    private final Executor context = host.newContext();

    // Guarded by the monitor.
    private boolean stopped;
    private int handingBack;
    private boolean finished;

    // Touched on the caller's context only, and when that is gone.
    private @Nullable Timer timer;

    /** Called with the lock, as all up to {@link #arm}. */
    void start() {
      if (siblings != null) {
        siblings.leave(LocalSubscription.this);
      }
      List<Delivery> left = new ArrayList<>(queue);
      queue.clear();
      for (Aside each : List.copyOf(aside)) {
        left.add(each.delivery);
        remove(each);
      }
      if (source == null) {
        stopped = true;
      } else {
        monitor.afterwards(() -> source.stop().onComplete(done -> onStopped()));
      }
      left.forEach(LocalSubscription.this::handOver);
      if (host.closeTimeout().isZero()) {
        finish(null);
      } else {
        advance();
        if (!finished) {
          monitor.afterwards(() -> onContext(this::arm, this::waitNoLonger));
        }
      }
    }

    /** Runs a task, or the other if the context is gone: with its Vert.x, mostly. */
    private void onContext(Runnable task, Runnable otherwise) {
      try {
        context.execute(task);
      } catch (RejectedExecutionException gone) {
        otherwise.run();
      }
    }

    /** Nothing bounds the wait for handlers, of which none may run any more. */
    private void waitNoLonger() {
      monitor.lock();
      try {
        finish(null);
      } finally {
        monitor.unlock();
      }
    }

    void advance() {
      if (running > 0 || !stopped || finished) {
        return;
      }
      expireUnsettled();
      if (handingBack == 0) {
        finish(null);
      }
    }

    private void expireUnsettled() {
      for (LocalEvent event : unsettled.copy()) {
        settle(event, LocalEvent.State.EXPIRED, null);
      }
    }

    /** Ends the close, once. */
    private void finish(@Nullable RpcException failure) {
      if (finished) {
        return;
      }
      finished = true;
      expireUnsettled();
      if (siblings != null) {
        siblings.closed(LocalSubscription.this);
      }
      if (source != null) {
        monitor.afterwards(source::closed);
      }
      Runnable end = () -> end(failure);
      monitor.afterwards(() -> onContext(end, end));
    }

    private void onStopped() {
      monitor.lock();
      try {
        stopped = true;
        advance();
      } finally {
        monitor.unlock();
      }
    }

    private void onHandedBack(Delivery delivery, boolean failed) {
      monitor.lock();
      try {
        handingBack--;
        if (failed) {
          giveUp(
              delivery,
              failure(GrpcStatus.UNAVAILABLE, "left over when the subscription closed")
                  .processed(delivery.attempt() == 1 ? Processed.NOT_SENT : Processed.UNKNOWN)
                  .build());
        }
        advance();
      } finally {
        monitor.unlock();
      }
    }

    private void arm() {
      Duration most = host.closeTimeout();
      timer = host.time().timer(Nanos.of(most), () -> onLate(most));
    }

    private void onLate(Duration most) {
      monitor.lock();
      try {
        String late =
            running > 0
                ? running + " handlers still run after " + most.toMillis() + " ms"
                : "the broker does not answer for " + most.toMillis() + " ms";
        finish(failure(GrpcStatus.DEADLINE_EXCEEDED, late).build());
      } finally {
        monitor.unlock();
      }
    }

    private void end(@Nullable RpcException failure) {
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
    return "Subscription[" + topic + ", " + options + "]";
  }
}
