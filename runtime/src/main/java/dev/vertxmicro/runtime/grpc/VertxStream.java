// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.framing.MessageFrame;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import org.jspecify.annotations.Nullable;

/** A stream that is a request of Vert.x' HTTP client. */
final class VertxStream implements WireStream {

  private final HttpClientRequest request;
  private final PooledExchange exchange;
  private final boolean headFits;
  private @Nullable HttpClientResponse response;

  /**
   * Wraps a request that has its headers, and is to be sent in this tick.
   *
   * @param headFits whether the head is sure to be taken; else the rest waits until it has left, as
   *     Vert.x ends the whole connection if a message follows a head that could not be written
   */
  VertxStream(HttpClientRequest request, PooledExchange exchange, boolean headFits) {
    this.request = request;
    this.exchange = exchange;
    this.headFits = headFits;
    request
        .exceptionHandler(exchange::failed)
        .setChunked(true)
        .response()
        .onComplete(this::head, exchange::failed);
  }

  @Override
  public int id() {
    return request.streamId();
  }

  // ---- out

  @Override
  public void writeWhole(Buffer message) {
    if (headFits) {
      end(message);
    } else {
      request.sendHead().onComplete(sent -> headSent(message, sent));
    }
  }

  private void headSent(Buffer message, AsyncResult<Void> sent) {
    if (sent.failed()) {
      exchange.written(sent.cause());
    } else if (exchange.isFlowing()) {
      end(message);
    }
  }

  private void end(Buffer message) {
    MessageFrame.end(message, exchange.isCompressed(), request)
        .onComplete(left -> exchange.written(null), exchange::written);
  }

  @Override
  public Future<Void> writeHead() {
    return request.sendHead().mapEmpty();
  }

  @Override
  public boolean takesMessagesAtOnce() {
    return headFits;
  }

  @Override
  public Future<Void> write(Buffer message) {
    return MessageFrame.write(message, request);
  }

  @Override
  public Future<Void> end() {
    return request.end();
  }

  @Override
  public void reset(long code) {
    request.reset(code);
  }

  // ---- in

  private void head(HttpClientResponse received) {
    response = received;
    received.exceptionHandler(exchange::failed);
    if (exchange.isDone()) {
      return;
    }
    received.handler(exchange::chunk);
    received.endHandler(end -> exchange.ended(ReplyHeaders.of(received.trailers())));
    exchange.head(new ReplyHead(received.statusCode(), ReplyHeaders.of(received.headers())));
  }

  @Override
  public void pause() {
    if (response != null) {
      response.pause();
    }
  }

  @Override
  public void resume() {
    if (response != null) {
      response.resume();
    }
  }
}
