// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.Exchange;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;

/**
 * A compressed request, and the same as it is if the server cannot inflate it. The deadline is that
 * of both. Belongs to the context that sent it, where the replies of both come.
 */
final class GzipExchange implements Exchange {

  private final RequestGzip gzip;
  private final Node node;
  private final Supplier<Exchange> plain;
  private final Promise<Message> promise = Promise.promise();
  private Exchange current;
  private PhaseTimes before = PhaseTimes.NONE;
  private boolean cancelled;

  GzipExchange(RequestGzip gzip, Node node, Exchange packed, Supplier<Exchange> plain) {
    this.gzip = gzip;
    this.node = node;
    this.plain = plain;
    this.current = packed;
    packed.reply().onComplete(this::answered);
  }

  private void answered(AsyncResult<Message> reply) {
    if (reply.succeeded() || cancelled || !RequestGzip.isRefusal(reply.cause())) {
      promise.handle(reply);
      return;
    }
    gzip.refusedBy(node);
    before = current.times();
    current = plain.get();
    current.reply().onComplete(promise);
  }

  @Override
  public Future<Message> reply() {
    return promise.future();
  }

  @Override
  public void cancel() {
    cancelled = true;
    current.cancel();
  }

  /** What the server refused to inflate does not count. */
  @Override
  public boolean isSent() {
    return current.isSent();
  }

  @Override
  public PhaseTimes times() {
    return before.plus(current.times());
  }
}
