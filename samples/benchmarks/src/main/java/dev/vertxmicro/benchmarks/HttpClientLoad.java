// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The HTTP client of Vert.x with a pool of 100, a deadline for each call, and nothing else. */
final class HttpClientLoad implements Load {

  private static final int POOL_SIZE = 100;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context context = vertx.getOrCreateContext();
  private final HttpClient client;
  private final RequestOptions request;
  private final Buffer body;

  HttpClientLoad(int port, int size) {
    body = Buffer.buffer(new byte[size]);
    client =
        vertx.createHttpClient(
            new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(POOL_SIZE));
    request =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI("/echo")
            .putHeader("Content-Type", "application/octet-stream")
            .setTimeout(TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS));
  }

  @Override
  public String options() {
    return "pool of " + POOL_SIZE + ", deadline scheduled; no selection, no retries";
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(here -> task.run());
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    client
        .request(request)
        .compose(opened -> opened.send(body))
        .compose(HttpClientResponse::body)
        .onComplete(reply -> check(reply, done), done::accept);
  }

  private void check(Buffer reply, Consumer<@Nullable Throwable> done) {
    boolean right = reply.length() == body.length();
    done.accept(right ? null : new IllegalStateException("reply of " + reply.length()));
  }

  @Override
  public void close() {
    client.close().onComplete(closed -> vertx.close());
  }
}
