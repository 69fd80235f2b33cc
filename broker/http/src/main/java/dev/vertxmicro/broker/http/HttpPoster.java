// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends events as go-micro's HTTP broker does: {@code POST /?id=...} with the event as JSON. */
final class HttpPoster implements Poster {

  /** After so long without use a connection is closed, before most servers do. */
  private static final int KEEP_ALIVE_SECONDS = 30;

  /** What is read of an answer to say what went wrong. */
  private static final int MOST_TEXT = 4_096;

  /** A connection on which an answer is longer is not worth keeping. */
  private static final int MOST_ANSWER = 65_536;

  private final TimeSource time;
  private final long connectMillis;
  private final ClientSSLOptions ssl;
  private final HttpClientAgent client;

  /** Makes one; called on the broker's context. */
  HttpPoster(Vertx vertx, TimeSource time, HttpBrokerOptions options) {
    this.time = time;
    this.connectMillis = Math.max(1, Nanos.millis(options.getConnectTimeout()));
    this.ssl = tls(options.getClientSsl());
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout((int) Math.min(Integer.MAX_VALUE, connectMillis))
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS),
            new PoolOptions().setHttp1MaxSize(options.getPoolSize()));
  }

  private static ClientSSLOptions tls(@Nullable ClientSSLOptions options) {
    ClientSSLOptions tls = options == null ? new ClientSSLOptions() : options.copy();
    return tls.getHostnameVerificationAlgorithm() == null
        ? tls.setHostnameVerificationAlgorithm("HTTPS")
        : tls;
  }

  /** Closes the connections. */
  Future<Void> close() {
    return client.shutdown(0, TimeUnit.SECONDS);
  }

  @Override
  public Sent post(Target target, Buffer body, long timeoutNanos, Consumer<Answer> answered) {
    Attempt attempt = new Attempt(target, body, answered);
    attempt.start(timeoutNanos);
    return attempt;
  }

  private RequestOptions request(Target target) {
    RequestOptions request =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(target.host())
            .setPort(target.port())
            .setURI(GoMicroNode.uri(target.id()))
            .setConnectTimeout(connectMillis);
    return target.secure() ? request.setSsl(true).setSslOptions(ssl) : request.setSsl(false);
  }

  /** One request. Its outcome is decided here, whatever the client says afterwards. */
  private final class Attempt implements Sent {

    private final Target target;
    private final Buffer body;
    private final Consumer<Answer> answered;
    private boolean over;
    private @Nullable Timer timer;
    private @Nullable HttpClientRequest request;
    private boolean neverLeft;
    private int status;
    private int length;
    private final Buffer text = Buffer.buffer();

    Attempt(Target target, Buffer body, Consumer<Answer> answered) {
      this.target = target;
      this.body = body;
      this.answered = answered;
    }

    void start(long timeoutNanos) {
      timer =
          time.timer(timeoutNanos, () -> cancel(GrpcStatus.DEADLINE_EXCEEDED, "no answer in time"));
      client.request(request(target)).onComplete(this::onRequest);
    }

    private void onRequest(AsyncResult<HttpClientRequest> made) {
      if (made.failed()) {
        finish(unreached(GrpcStatus.UNAVAILABLE, reason(made.cause()), made.cause()));
        return;
      }
      HttpClientRequest to = made.result();
      if (over) {
        to.reset(); // Given up while it was connecting: nothing has been sent.
        return;
      }
      request = to;
      to.exceptionHandler(this::onFailure);
      to.response().onComplete(this::onResponse, this::onFailure);
      to.putHeader("Host", target.peer());
      to.putHeader("Content-Length", Integer.toString(body.length()));
      to.putHeader("Content-Type", "application/json");
      to.end(body)
          .onFailure(
              failure -> {
                neverLeft = true;
                onFailure(failure);
              });
    }

    private void onResponse(HttpClientResponse response) {
      if (over) {
        return;
      }
      status = response.statusCode();
      response.exceptionHandler(this::onFailure);
      response.handler(this::onChunk);
      response.endHandler(end -> finish(answer()));
    }

    private void onChunk(Buffer chunk) {
      if (over) {
        return;
      }
      length += chunk.length();
      if (text.length() + chunk.length() <= MOST_TEXT) {
        text.appendBuffer(chunk);
      }
      if (length > MOST_ANSWER) {
        reset();
        finish(answer());
      }
    }

    private void onFailure(Throwable failure) {
      if (over) {
        return;
      }
      if (status != 0) {
        finish(answer()); // What counts has been said.
      } else if (neverLeft) {
        finish(unreached(GrpcStatus.UNAVAILABLE, reason(failure), failure));
      } else {
        finish(unknown(GrpcStatus.UNAVAILABLE, reason(failure), failure));
      }
    }

    @Override
    public void cancel(GrpcStatus why, String text) {
      if (over) {
        return;
      }
      boolean sent = request != null;
      Answer answer =
          status != 0 ? answer() : sent ? unknown(why, text, null) : unreached(why, text, null);
      finish(answer);
      reset();
    }

    private void reset() {
      if (request != null) {
        request.reset();
      }
    }

    private void finish(Answer answer) {
      if (over) {
        return;
      }
      over = true;
      if (timer != null) {
        timer.cancel();
      }
      answered.accept(answer);
    }

    private Answer answer() {
      if (status >= 200 && status < 300) {
        return Answer.TAKEN;
      }
      return switch (status) {
        case 404, 410 -> Answer.GONE;
        case 429, 503 ->
            new Answer(Answer.Kind.FULL, said(GrpcStatus.UNAVAILABLE, Processed.REFUSED));
        default ->
            status < 500
                ? new Answer(Answer.Kind.REFUSED, said(GrpcStatus.INVALID_ARGUMENT, Processed.YES))
                : new Answer(Answer.Kind.UNKNOWN, said(GrpcStatus.INTERNAL, Processed.UNKNOWN));
      };
    }

    private RpcException said(GrpcStatus why, Processed processed) {
      String detail = RpcError.parse(text.toString()).detail();
      return failure(why, processed, "answered " + status + (detail.isEmpty() ? "" : ": " + detail))
          .build();
    }

    private Answer unreached(GrpcStatus why, String text, @Nullable Throwable cause) {
      return new Answer(
          Answer.Kind.UNREACHED, failure(why, Processed.NOT_SENT, text).cause(cause).build());
    }

    private Answer unknown(GrpcStatus why, String text, @Nullable Throwable cause) {
      return new Answer(
          Answer.Kind.UNKNOWN, failure(why, Processed.UNKNOWN, text).cause(cause).build());
    }

    private RpcException.Builder failure(GrpcStatus why, Processed processed, String text) {
      return RpcException.client(why, "http: " + target.id() + " at " + target.peer() + ": " + text)
          .processed(processed)
          .node(target.id());
    }
  }

  private static String reason(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
