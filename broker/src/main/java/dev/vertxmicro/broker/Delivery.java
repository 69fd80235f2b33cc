// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A message that waits for a subscriber. Brokers that settle over a wire extend it and hand it to a
 * {@link LocalSubscription}, which calls one of {@link #acked}, {@link #redelivered}, {@link
 * #handedBack} and {@link #givenUp}, once, from any thread and with no lock held.
 */
public class Delivery {

  private final Message message;
  private final int attempt;

  /**
   * Makes a delivery.
   *
   * @param message the message
   * @param attempt which delivery this is, from 1
   */
  public Delivery(Message message, int attempt) {
    this.message = Objects.requireNonNull(message, "message");
    this.attempt = attempt;
  }

  /** Returns the message. */
  public final Message message() {
    return message;
  }

  /** Returns which delivery this is, from 1. */
  public final int attempt() {
    return attempt;
  }

  /** Returns the next delivery of the message by this process. */
  protected Delivery again() {
    return new Delivery(message, attempt + 1);
  }

  /** Tells the broker that the event is handled. Default: nobody needs to know. */
  protected Future<Void> acked() {
    return Future.succeededFuture();
  }

  /** Tells whether the broker delivers again what is not acknowledged. Default: this process. */
  protected boolean redeliveredByBroker() {
    return false;
  }

  /**
   * Has the broker deliver the event again, here or elsewhere; only if {@link
   * #redeliveredByBroker}.
   *
   * @param delay how long it waits before
   */
  protected Future<Void> redelivered(Duration delay) {
    return Future.succeededFuture();
  }

  /**
   * Gives back what this process holds while its subscription closes. Default null: the broker does
   * not take it back, and it is lost here. If the future fails, it is lost, too.
   */
  protected @Nullable Future<Void> handedBack() {
    return null;
  }

  /**
   * Tells the broker that the event is lost here for good. Default: it need not know.
   *
   * @param why what the loss handler is told
   */
  protected void givenUp(RpcException why) {}
}
