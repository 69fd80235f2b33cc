// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.transport.TestCertificate;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A plain Vert.x HTTP/2 client that judges nothing: with it the fixtures are tested. One connection
 * at a time.
 */
final class PlainClient implements AutoCloseable {
  /** What came back: the head, and the body once it is whole. */
  record Answer(HttpClientResponse head, Buffer body) {
    String trailer(String name) {
      return head.trailers().get(name);
    }
  }

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final HttpClientAgent agent;

  private PlainClient(HttpClientOptions options) {
    agent = vertx.createHttpClient(options, new PoolOptions().setHttp2MaxSize(1));
  }

  /** A client that speaks HTTP/2 with prior knowledge. */
  static PlainClient create() {
    return create(headerLimit(1 << 20));
  }

  /** A client with these options, to which HTTP/2 is added. */
  static PlainClient create(HttpClientOptions options) {
    return new PlainClient(
        options.setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
  }

  /** A client that trusts this certificate and shows nothing. */
  static PlainClient trusting(TestCertificate certificate) {
    return create(tls().setTrustOptions(certificate.trust()));
  }

  /** Options that announce this MAX_HEADER_LIST_SIZE. */
  static HttpClientOptions headerLimit(int limit) {
    return new HttpClientOptions()
        .setInitialSettings(new Http2Settings().setMaxHeaderListSize(limit));
  }

  static HttpClientOptions tls() {
    return new HttpClientOptions().setSsl(true).setUseAlpn(true);
  }

  /** A request that has not been sent. */
  Future<HttpClientRequest> request(int port) {
    return agent.request(
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI("/test.Service/Method"));
  }

  /** Sends a gRPC-like request and gathers the answer. */
  Future<Answer> post(int port, Buffer body) {
    return request(port).compose(request -> send(request, body).compose(PlainClient::gather));
  }

  Future<Answer> post(int port, String text) {
    return post(port, GrpcSteps.message(Buffer.buffer(text)));
  }

  /** A connection outside of the pool, on the loop of {@link #ping}. */
  Future<HttpClientConnection> connect(int port) {
    HttpConnectOptions to = new HttpConnectOptions().setHost("127.0.0.1").setPort(port);
    return onLoop(() -> agent.connect(to));
  }

  /**
   * Sends PING with this number. On the connection's loop, because Vert.x loses an answer that is
   * quicker than the thread that asked.
   */
  Future<Buffer> ping(HttpClientConnection connection, long number) {
    return onLoop(() -> connection.ping(Buffer.buffer().appendLong(number)));
  }

  /** Acts on the loop of {@link #connect}. */
  <T> Future<T> onLoop(Supplier<Future<T>> action) {
    return Future.future(promise -> context.runOnContext(go -> action.get().onComplete(promise)));
  }

  static Future<HttpClientResponse> send(HttpClientRequest request, Buffer body) {
    request.setChunked(true);
    request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
    request.end(body);
    return request.response();
  }

  /** The value of a future that must succeed soon. */
  static <T> T value(Future<T> future) {
    try {
      return settled(future);
    } catch (ExecutionException e) {
      throw new AssertionError("failed: " + e.getCause(), e.getCause());
    }
  }

  /** The failure of a future that must fail soon. */
  static Throwable failure(Future<?> future) {
    try {
      throw new AssertionError("succeeded: " + settled(future));
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  @Override
  public void close() {
    value(vertx.close());
  }

  private static Future<Answer> gather(HttpClientResponse head) {
    return head.body().map(body -> new Answer(head, body));
  }

  private static <T> T settled(Future<T> future) throws ExecutionException {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(Journal.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("pending after " + Journal.PATIENCE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
