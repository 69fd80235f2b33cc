// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One delivery. Settled once, see {@link State}. */
final class LocalEvent implements Event {

  /**
   * What has become of a delivery. {@code OPEN} is left once and for good:
   *
   * <pre>
   * OPEN --> ACKED     by ack() or a handler that succeeded
   *      --> NACKED    by nack() or a handler that failed
   *      --> EXPIRED   by the ack timeout or the end of the subscription
   * LOST               never delivered, or given up: what a loss handler sees
   * </pre>
   */
  enum State {
    OPEN,
    ACKED,
    NACKED,
    EXPIRED,
    LOST
  }

  private final LocalSubscription subscription;
  private final Delivery delivery;
  private final @Nullable RpcException error;

  // Guarded by the lock of the Monitor.
  private State state;

  /** Links of an {@link EventList}, which alone touches them. */
  @Nullable LocalEvent previous;

  @Nullable LocalEvent next;

  // Touched by the thread that settles the event, before ack() or nack() returns.
  private Future<Void> settlement = Future.succeededFuture();

  // Touched on the subscription's context only.
  private @Nullable Timer ackTimer;

  private LocalEvent(
      LocalSubscription subscription,
      Delivery delivery,
      State state,
      @Nullable RpcException error) {
    this.subscription = subscription;
    this.delivery = delivery;
    this.state = state;
    this.error = error;
  }

  static LocalEvent open(LocalSubscription subscription, Delivery delivery) {
    return new LocalEvent(subscription, delivery, State.OPEN, null);
  }

  static LocalEvent lost(LocalSubscription subscription, Delivery delivery, RpcException error) {
    return new LocalEvent(subscription, delivery, State.LOST, error);
  }

  @Override
  public String topic() {
    return subscription.topic();
  }

  @Override
  public Message message() {
    return delivery.message();
  }

  @Override
  public int attempt() {
    return delivery.attempt();
  }

  @Override
  public <T> T body(TypeRef<T> type) {
    return subscription.codecs().decode(message().contentType(), message().body(), type);
  }

  @Override
  public @Nullable RpcException error() {
    return error;
  }

  @Override
  public Future<Void> ack() {
    return settled(State.ACKED);
  }

  @Override
  public Future<Void> nack() {
    return settled(State.NACKED);
  }

  private Future<Void> settled(State next) {
    State before = subscription.settle(this, next);
    if (before == State.OPEN) {
      return settlement;
    }
    return Future.failedFuture(
        RpcException.client(GrpcStatus.FAILED_PRECONDITION, "event settled already: " + before)
            .processed(Processed.YES)
            .target(topic(), "")
            .build());
  }

  void acked() {
    settlement = delivery.acked();
  }

  void redelivered(Duration delay) {
    settlement = delivery.redelivered(delay);
  }

  /** Moves on if the event is open; returns where it was. Called with the lock. */
  State moveTo(State next) {
    State before = state;
    if (before == State.OPEN) {
      state = next;
    }
    return before;
  }

  Delivery delivery() {
    return delivery;
  }

  void setAckTimer(Timer timer) {
    ackTimer = timer;
  }

  void cancelAckTimer() {
    if (ackTimer != null) {
      ackTimer.cancel();
    }
  }

  @Override
  public String toString() {
    return "Event[" + topic() + ", attempt=" + attempt() + ", " + message() + "]";
  }
}
