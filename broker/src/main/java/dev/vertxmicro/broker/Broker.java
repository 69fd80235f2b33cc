// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.Message;
import io.vertx.core.Future;
import java.util.function.Function;

/**
 * Carries events from publishers to subscribers. Implemented by plug-ins, see {@link
 * BrokerProvider}.
 *
 * <p>Every method may be called from any thread. Futures fail with {@link
 * dev.vertxmicro.errors.RpcException}: code 503 and NOT_SENT before {@link #connect} has succeeded,
 * after {@link #close} and while the broker cannot be reached. Arguments that no broker could take
 * throw at once. What a broker promises of the delivery is written down in its class.
 */
public interface Broker {

  /**
   * Makes the broker ready. Calls while it is being made ready, and later ones, join the first.
   * Fails with code 503 if the broker cannot be reached or was closed.
   */
  Future<Void> connect();

  /**
   * Tells whether the broker is connected now, as far as it knows without asking anybody. Default
   * {@link Connectivity#UNKNOWN}.
   */
  default Connectivity connectivity() {
    return Connectivity.UNKNOWN;
  }

  /**
   * Publishes one event. Completes when the broker has taken it, as far as the broker can tell; an
   * event that nobody subscribes to is taken, too.
   *
   * @param topic where it is published, unless an exchange is named in the options; not blank
   * @param message the event; its target is the topic that subscribers are told
   * @param options applied in order, later ones win
   * @throws IllegalArgumentException if the topic is blank or the message is not an event
   */
  Future<Void> publish(String topic, Message message, PublishOption... options);

  /**
   * Subscribes to a topic. Completes when the subscription stands: events published after that are
   * delivered.
   *
   * <p>The handler runs on the Vert.x context that calls this method (on a new one if there is
   * none), for one event at a time unless the options allow more, and must not block it. The future
   * that it returns ends the handling: success acknowledges the event, unless the options leave
   * that to the handler; a failure, an exception and null count as a {@link Event#nack}. A {@link
   * dev.vertxmicro.codec.CodecException} gives the event up at once: it would not be readable the
   * next time either.
   *
   * @param topic the topic; not blank
   * @param handler handles one event
   * @param options applied in order, later ones win
   * @throws IllegalArgumentException if the topic is blank or an option is not for this broker
   */
  Future<Subscription> subscribe(
      String topic, Function<Event, Future<?>> handler, SubscribeOption... options);

  /**
   * Closes the subscriptions made through this object as {@link Subscription#close} does, then what
   * the broker holds. Completes when all is closed, also if a subscription fails to wait for its
   * handlers: then it fails with that. May be called twice.
   */
  Future<Void> close();
}
