// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import dev.vertxmicro.broker.Delivery;
import dev.vertxmicro.broker.GoMicroPayload;
import dev.vertxmicro.broker.LocalSubscription;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where one subscription gets its events from: a subject on which the server sends them. It has a
 * dispatcher of jnats, that is a thread, which reads payloads; handlers do not run there.
 */
abstract class NatsSource implements LocalSubscription.Source {

  private final NatsBroker broker;
  private final String topic;
  private @Nullable LocalSubscription subscription;

  // Replaced when a connection was closed and made anew; not when jnats reconnects by itself.
  private volatile @Nullable Dispatcher dispatcher;
  private volatile @Nullable Connection connection;

  NatsSource(NatsBroker broker, String topic) {
    this.broker = broker;
    this.topic = topic;
  }

  /** Sets whom the events are for. Called once, before anything else. */
  void feed(LocalSubscription subscription) {
    this.subscription = subscription;
  }

  final LocalSubscription subscription() {
    if (subscription == null) {
      throw new IllegalStateException("source of " + topic + " without a subscription");
    }
    return subscription;
  }

  final NatsBroker broker() {
    return broker;
  }

  final String topic() {
    return topic;
  }

  final @Nullable Connection connection() {
    return connection;
  }

  /** Subscribes over a connection; the server may not know of it yet when this returns. */
  final void attach(Connection to) {
    connection = to;
    Dispatcher made = to.createDispatcher();
    dispatcher = made;
    attach(made);
  }

  abstract void attach(Dispatcher dispatcher);

  /** Tells that jnats has reconnected, and subscribed again. */
  void reconnected() {}

  /** Reads a payload and hands it in, or reports it. On the dispatcher's thread. */
  final void onPayload(io.nats.client.Message payload) {
    Message event;
    try {
      event = GoMicroPayload.decode(payload.getSubject(), payload.getData());
    } catch (CodecException unreadable) {
      Message raw =
          Message.event(payload.getSubject()).body(Buffer.buffer(payload.getData())).build();
      RpcException why =
          RpcException.client(GrpcStatus.INVALID_ARGUMENT, "unreadable " + unreadable.getMessage())
              .processed(Processed.YES)
              .target(topic, "")
              .cause(unreadable)
              .build();
      subscription().reject(delivery(raw, payload), why);
      return;
    }
    take(delivery(event, payload));
  }

  abstract Delivery delivery(Message event, io.nats.client.Message payload);

  void take(Delivery delivery) {
    subscription().offer(delivery);
  }

  /** Unsubscribes; what is on its way still comes, so that it is handed back or counted. */
  @Override
  public Future<Void> stop() {
    Dispatcher draining = dispatcher;
    Connection over = connection;
    if (draining == null || over == null) {
      return Future.succeededFuture();
    }
    Duration most = broker.closeTimeout();
    if (over.getStatus() != Connection.Status.CONNECTED || most.isZero()) {
      over.closeDispatcher(draining);
      return Future.succeededFuture();
    }
    Promise<Void> drained = Promise.promise();
    try {
      draining.drain(most).whenComplete((done, failure) -> drained.complete());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      drained.complete();
    } catch (IllegalStateException closed) {
      drained.complete(); // The connection went away; so did the dispatcher.
    }
    return drained.future();
  }

  @Override
  public void closed() {
    broker.forget(this);
  }
}
