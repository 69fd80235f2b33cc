// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.runtime.framing.MessageFrame;
import dev.vertxmicro.runtime.inbound.InboundCall;
import dev.vertxmicro.runtime.pooling.EventLoops;
import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/**
 * One call from its first byte to its answer. Made by {@link Serving}, which it tells of its end.
 *
 * <p>Two things end independently: the answer, which is given once (by the handler, the deadline,
 * the drain, or not at all if the caller left), and the handler, whose late reply is dropped. The
 * state changes before anything is written: Vert.x may report the end of the stream from within the
 * write that ends it.
 */
final class ServedCall<Q, R> extends Served {

  private enum State {
    /** The request is not there yet. */
    READING,
    /** The handler runs, and its reply is awaited. */
    RUNNING,
    /** The handler runs, but nobody waits for its reply. */
    ABANDONED,
    /** Nothing runs; the answer is given or not wanted. */
    ENDED
  }

  private final ServedEndpoint<Q, R> endpoint;

  // Touched on the call's context only.
  private State state = State.READING;
  private boolean requestEnded;

  ServedCall(
      Serving serving, ServedEndpoint<Q, R> endpoint, HttpServerRequest request, RequestHead head) {
    super(serving, endpoint.name(), request, head);
    this.endpoint = endpoint;
  }

  @Override
  void start() {
    listenForLoss();
    UnaryReader reader =
        new UnaryReader(serving.options().getMaxRequestBytes(), this::onMessage, this::onMisfit);
    request.handler(reader::chunk);
    request.endHandler(
        end -> {
          requestEnded = true;
          if (state == State.READING) {
            reader.end();
          }
        });
  }

  private void onMessage(Buffer body) {
    if (state != State.READING) {
      return;
    }
    Q value;
    try {
      value = decode(body, endpoint.requestType());
    } catch (CodecException unfit) {
      onMisfit(unreadable(unfit));
      return;
    }
    state = State.RUNNING;
    new InboundCall(deadline(), metadata()).attachTo(context);
    endpoint.handle(value, this).onComplete(this::onHandled);
  }

  /** The handler's future may complete on any thread. */
  private void onHandled(AsyncResult<R> reply) {
    if (EventLoops.isRunning(context)) {
      finish(reply);
    } else {
      context.runOnContext(hop -> finish(reply));
    }
  }

  private void finish(AsyncResult<R> reply) {
    boolean wanted = state == State.RUNNING;
    end();
    if (!wanted) {
      return;
    }
    if (reply.failed()) {
      fail(statusOf(reply.cause()));
      return;
    }
    Buffer body;
    try {
      body = encode(reply.result());
    } catch (CodecException unfit) {
      fail(unwritable(unfit));
      return;
    }
    int most = serving.options().getMaxReplyBytes();
    if (body.length() > most) {
      fail(tooLarge(body.length(), most));
    } else {
      answer(body);
    }
  }

  private void answer(Buffer body) {
    beginReply();
    closeReply();
    MessageFrame.end(body, response);
  }

  /** The request cannot be served as it is: it never reaches the handler. */
  private void onMisfit(WireStatus status) {
    end();
    fail(status);
    if (!requestEnded) {
      response.reset(NO_ERROR);
    }
  }

  @Override
  void giveUp(WireStatus status) {
    if (abandon(status)) {
      fail(status);
    }
  }

  @Override
  void onLost(WireStatus why) {
    abandon(why);
  }

  /** Returns whether the call was still open. */
  private boolean abandon(WireStatus why) {
    if (state == State.READING) {
      end();
      return true;
    }
    if (state != State.RUNNING) {
      return false;
    }
    state = State.ABANDONED;
    disarm();
    tellCancelled(why);
    return true;
  }

  private void end() {
    state = State.ENDED;
    disarm();
    serving.ended(this);
  }

  @Override
  public String toString() {
    return "ServedCall[%s, %s, %s]".formatted(endpoint(), state, deadline());
  }
}
