// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * One delivery of a published message to one subscription. An event that is delivered again is a
 * new object. May be kept and settled from any thread.
 */
public interface Event {

  /** Returns the topic of the subscription; {@code message().target()} may name another. */
  String topic();

  /** Returns the message: id, headers, content type and bytes. */
  Message message();

  /** Returns which delivery of the message this is to the subscription or group, from 1. */
  int attempt();

  /**
   * Returns the body as a value, read by the codec of its content type; if the publisher named
   * none, {@code type} decides. Reads anew at each call.
   *
   * @throws dev.vertxmicro.codec.CodecException if the body is not a {@code type} or its content
   *     type is unknown
   */
  <T> T body(TypeRef<T> type);

  /**
   * Returns the body as a value, see {@link #body(TypeRef)}.
   *
   * @throws dev.vertxmicro.codec.CodecException if the body is not a {@code type} or its content
   *     type is unknown
   */
  default <T> T body(Class<T> type) {
    return body(TypeRef.of(type));
  }

  /**
   * Returns why the event will not be handled, for {@link SubscribeOption#onLoss}; null for an
   * event that is to be handled.
   */
  @Nullable RpcException error();

  /**
   * Tells the broker that the event is handled. Fails with code 412 if the event is settled
   * already: by an earlier {@code ack} or {@code nack}, by the end of its handler, or because it
   * took longer than the subscription allows.
   */
  Future<Void> ack();

  /**
   * Tells the broker that the event is not handled: it is delivered again, after a delay and as
   * often as the subscription allows. Fails as {@link #ack} does.
   */
  Future<Void> nack();
}
