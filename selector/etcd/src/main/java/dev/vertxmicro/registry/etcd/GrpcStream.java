// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import org.jspecify.annotations.Nullable;

/**
 * One gRPC call on one HTTP/2 stream: messages out, messages in, and one end. Belongs to the home
 * of the registry.
 *
 * <p>The outcome is decided here: after the end, or after {@link #cancel}, whatever the stream
 * still reports is not passed on.
 */
final class GrpcStream {

  /** Who is told. */
  interface Listener {

    /** A message has come. */
    void message(Buffer message);

    /**
     * The call is over; nothing follows.
     *
     * @param failure null if it ended well
     */
    void ended(@Nullable RpcException failure);
  }

  private static final long CANCEL = 8;

  private final EtcdConnection connection;
  private final HttpClientRequest request;
  private final Listener listener;
  private final MessageReader reader;
  private boolean written;
  private boolean over;

  GrpcStream(EtcdConnection connection, HttpClientRequest request, int most, Listener listener) {
    this.connection = connection;
    this.request = request;
    this.listener = listener;
    this.reader = new MessageReader(most);
  }

  /** Starts to listen; called in the tick that gave the request. */
  void start() {
    request.exceptionHandler(this::failed).setChunked(true).response().onComplete(this::head);
  }

  void send(Buffer message) {
    if (!over) {
      request.write(MessageReader.frame(message)).onComplete(this::written);
    }
  }

  /** Sends the last message. */
  void finish(Buffer message) {
    if (!over) {
      request.end(MessageReader.frame(message)).onComplete(this::written);
    }
  }

  /** Gives the call up; the listener hears nothing more. */
  void cancel() {
    if (!over) {
      over = true;
      request.reset(CANCEL);
      connection.ended(this);
    }
  }

  /** Ends the call because its connection ends. */
  void lose(String why) {
    end(Failures.unavailable(connection.address() + ": " + why, processed(), null));
  }

  private void written(AsyncResult<Void> result) {
    if (result.succeeded()) {
      written = true;
    } else {
      failed(result.cause());
    }
  }

  private void head(AsyncResult<HttpClientResponse> result) {
    HttpClientResponse reply = result.result();
    if (reply == null) {
      failed(result.cause());
      return;
    }
    reply.exceptionHandler(this::failed);
    String type = reply.headers().get("content-type");
    if (type == null || !type.startsWith(Failures.GRPC)) {
      abandon(Failures.foreign(reply, connection.address()));
      return;
    }
    reply.handler(this::chunk);
    reply.endHandler(v -> completed(reply));
  }

  private void chunk(Buffer chunk) {
    if (over) {
      return;
    }
    reader.add(chunk);
    while (!over) {
      if (reader.isTooLarge()) {
        abandon(
            Failures.exhausted(
                "an answer of " + reader.announced() + " bytes (limit: maxReplyBytes)"));
      } else if (reader.isCompressed()) {
        abandon(Failures.malformed(connection.address(), "a compressed message"));
      } else {
        Buffer message = reader.next();
        if (message == null) {
          return;
        }
        pass(message);
      }
    }
  }

  private void pass(Buffer message) {
    try {
      listener.message(message);
    } catch (RuntimeException malformed) {
      abandon(Failures.malformed(connection.address(), String.valueOf(malformed.getMessage())));
    }
  }

  private void completed(HttpClientResponse reply) {
    RpcException failure = Failures.of(reply, connection.address());
    if (failure == null && reader.isInside()) {
      failure = Failures.malformed(connection.address(), "the end inside of a message");
    }
    end(failure);
  }

  private void failed(Throwable cause) {
    end(Failures.unavailable(connection.address().toString(), processed(), cause));
  }

  private Processed processed() {
    return written ? Processed.UNKNOWN : Processed.NOT_SENT;
  }

  /** Ends the call although the server goes on. */
  private void abandon(RpcException failure) {
    if (!over) {
      request.reset(CANCEL);
      end(failure);
    }
  }

  private void end(@Nullable RpcException failure) {
    if (!over) {
      over = true;
      connection.ended(this);
      listener.ended(failure);
    }
  }
}
