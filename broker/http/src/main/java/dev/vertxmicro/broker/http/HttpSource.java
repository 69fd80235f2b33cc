// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.broker.Delivery;
import dev.vertxmicro.broker.LocalSubscription;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Registration;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.System.Logger.Level;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where one subscription gets its events from: requests that name its id. */
final class HttpSource implements LocalSubscription.Source {

  private static final System.Logger LOG = System.getLogger(HttpBroker.class.getName());

  private final HttpBroker broker;
  private final String topic;
  private final @Nullable String queue;
  private final String id;
  private final Promise<Void> left = Promise.promise();
  private @Nullable LocalSubscription subscription;

  // Touched on the broker's context only.
  private @Nullable Registration registration;
  private boolean stopped;

  HttpSource(HttpBroker broker, String topic, @Nullable String queue, String id) {
    this.broker = broker;
    this.topic = topic;
    this.queue = queue;
    this.id = id;
  }

  /** Sets whom the events are for. Called once, before anything else. */
  void feed(LocalSubscription subscription) {
    this.subscription = subscription;
  }

  LocalSubscription subscription() {
    return Objects.requireNonNull(subscription, "subscription");
  }

  String id() {
    return id;
  }

  String topic() {
    return topic;
  }

  @Nullable String queue() {
    return queue;
  }

  /** Takes what keeps the subscription in the registry; false if it has been stopped meanwhile. */
  boolean register(Registration registration) {
    this.registration = registration;
    return !stopped;
  }

  boolean isStopped() {
    return stopped;
  }

  /** Takes an event unless the subscription is full. */
  boolean take(Message event) {
    return subscription().tryOffer(queue == null ? new Delivery(event, 1) : new InGroup(event, 1));
  }

  /** Reports what came for the subscription and is no event. */
  void reject(String why, @Nullable Throwable cause) {
    subscription()
        .reject(
            new Delivery(Message.event(topic).build(), 1),
            RpcException.client(GrpcStatus.INVALID_ARGUMENT, why)
                .processed(Processed.YES)
                .target(topic, "")
                .cause(cause)
                .build());
  }

  /** What another member of the group takes when this one closes. */
  private final class InGroup extends Delivery {

    InGroup(Message event, int attempt) {
      super(event, attempt);
    }

    @Override
    protected Delivery again() {
      return new InGroup(message(), attempt() + 1);
    }

    @Override
    protected Future<Void> handedBack() {
      return left.future()
          .compose(gone -> broker.handOver(topic, Objects.requireNonNull(queue), message()));
    }
  }

  /** Leaves the registry; until publishers know it, what comes is answered with 404. */
  @Override
  public Future<Void> stop() {
    broker.home(
        () -> {
          stopped = true;
          broker.leaving(this);
          leave();
        },
        left::tryComplete);
    return left.future();
  }

  /** Deregisters; on the broker's context. */
  void leave() {
    Registration leaving = registration;
    Future<Void> gone = leaving == null ? Future.succeededFuture() : leaving.close();
    gone.onComplete(
        done -> {
          if (done.failed()) {
            LOG.log(
                Level.WARNING,
                "http: " + id + " may stay in the registry for its TTL",
                done.cause());
          }
          left.tryComplete();
        });
  }

  @Override
  public void closed() {
    broker.forget(this);
  }
}
