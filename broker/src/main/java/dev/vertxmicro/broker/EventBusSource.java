// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A consumer on the event bus that feeds a subscription. It is on a context of the broker's, so
 * that the prefetch bounds what a subscriber that blocks its own lets pile up.
 */
final class EventBusSource implements LocalSubscription.Source {

  /** The header of an event that was handed over: which delivery the next one is. */
  static final String ATTEMPT = "attempt";

  /** What a member that is full answers. */
  static final int FULL = 503;

  private static final int UNREADABLE = 400;

  private final EventBusBroker broker;
  private final String topic;
  private final EventGroups.@Nullable Member member;
  private final Promise<Void> left = Promise.promise();
  private @Nullable LocalSubscription subscription;
  private volatile @Nullable MessageConsumer<Object> consumer;

  /**
   * Makes one that does not listen yet.
   *
   * @param member of which group it is, or null
   */
  EventBusSource(EventBusBroker broker, String topic, EventGroups.@Nullable Member member) {
    this.broker = broker;
    this.topic = topic;
    this.member = member;
  }

  void feed(LocalSubscription subscription) {
    this.subscription = subscription;
  }

  private LocalSubscription subscription() {
    return Objects.requireNonNull(subscription, "subscription");
  }

  /** Starts to listen; on the broker's context. */
  Future<Void> listen(MessageConsumer<Object> consumer) {
    this.consumer = consumer;
    consumer.handler(this::onMessage);
    return consumer.completion();
  }

  private void onMessage(io.vertx.core.eventbus.Message<Object> message) {
    boolean asked = message.replyAddress() != null;
    Delivery delivery = read(message, asked);
    if (delivery == null) {
      return;
    }
    if (!asked) {
      subscription().offer(delivery);
    } else if (subscription().tryOffer(delivery)) {
      message.reply(null);
    } else {
      message.fail(FULL, "full");
    }
  }

  private static int attempt(io.vertx.core.eventbus.Message<Object> message) {
    String attempt = message.headers().get(ATTEMPT);
    return attempt == null ? 1 : Integer.parseInt(attempt);
  }

  /** Headers are looked at only where there may be some: Vert.x makes them when asked for them. */
  private @Nullable Delivery read(io.vertx.core.eventbus.Message<Object> message, boolean asked) {
    RuntimeException why = null;
    try {
      if (message.body() instanceof Message event && event.kind() == Message.Kind.EVENT) {
        return delivery(event, asked ? attempt(message) : 1);
      }
    } catch (RuntimeException malformed) {
      why = malformed;
    }
    subscription()
        .reject(
            new Delivery(Message.event(topic).build(), 1),
            RpcException.client(
                    GrpcStatus.INVALID_ARGUMENT, "not an event" + (why == null ? "" : ": " + why))
                .processed(Processed.YES)
                .target(topic, "")
                .cause(why)
                .build());
    if (asked) {
      message.fail(UNREADABLE, "not an event");
    }
    return null;
  }

  private Delivery delivery(Message event, int attempt) {
    return member == null ? new Delivery(event, attempt) : new GroupDelivery(event, attempt);
  }

  /** What another member of the group takes when this one closes. */
  private final class GroupDelivery extends Delivery {

    GroupDelivery(Message event, int attempt) {
      super(event, attempt);
    }

    @Override
    protected Delivery again() {
      return new GroupDelivery(message(), attempt() + 1);
    }

    @Override
    protected Future<Void> handedBack() {
      return left.future()
          .compose(gone -> broker.handOver(topic, Objects.requireNonNull(member).queue(), this));
    }
  }

  /** Leaves the group first: until all know it, what comes is refused, and goes to another. */
  @Override
  public Future<Void> stop() {
    MessageConsumer<Object> listening = consumer;
    Future<Void> leaving =
        member == null ? Future.succeededFuture() : broker.groups().leave(topic, member);
    leaving
        .transform(gone -> listening == null ? Future.succeededFuture() : listening.unregister())
        .onComplete(done -> left.complete());
    return left.future();
  }

  @Override
  public void closed() {
    broker.forget(subscription());
  }
}
