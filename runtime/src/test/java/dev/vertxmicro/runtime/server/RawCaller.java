// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Calls a server with HTTP/2 requests made by hand, so that tests see every header. */
final class RawCaller {

  private static final long PATIENCE_SECONDS = 10;

  private final HttpClientAgent client;
  private final int port;

  RawCaller(Vertx vertx, String address) {
    this.port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setInitialSettings(
                    new Http2Settings().setMaxHeaderListSize(65_536).setPushEnabled(false)));
  }

  /** What came back. */
  record Answer(int httpStatus, MultiMap headers, Buffer body, MultiMap trailers) {

    /** Returns a trailer, or a header of an answer that has nothing but headers. */
    String trailer(String name) {
      return trailers.contains("grpc-status") ? trailers.get(name) : headers.get(name);
    }

    String status() {
      return trailer("grpc-status");
    }

    boolean isTrailersOnly() {
      return headers.contains("grpc-status");
    }

    /** Returns the message without its prefix. */
    Buffer message() {
      return body.getBuffer(5, body.length());
    }
  }

  /** Sends {@code body} in one frame; headers are names and values. */
  Answer call(String path, Buffer body, String... headers) throws Exception {
    return await(send(HttpMethod.POST, path, frame(body), headers));
  }

  Future<Answer> send(HttpMethod method, String path, Buffer bytes, String... headers) {
    return open(method, path, headers)
        .compose(
            request -> {
              Future<Answer> answer = answerOf(request);
              request.end(bytes);
              return answer;
            });
  }

  /** Opens a request whose body the test writes by itself. */
  Future<HttpClientRequest> open(HttpMethod method, String path, String... headers) {
    return client
        .request(
            new RequestOptions().setMethod(method).setHost("127.0.0.1").setPort(port).setURI(path))
        .map(
            request -> {
              request.setChunked(true);
              request.putHeader("content-type", "application/grpc");
              for (int i = 0; i < headers.length; i += 2) {
                request.putHeader(headers[i], headers[i + 1]);
              }
              return request;
            });
  }

  static Future<Answer> answerOf(HttpClientRequest request) {
    Promise<Answer> answer = Promise.promise();
    request.exceptionHandler(answer::tryFail);
    request
        .response()
        .onFailure(answer::tryFail)
        .onSuccess(
            response -> {
              response.exceptionHandler(answer::tryFail);
              response
                  .body()
                  .onFailure(answer::tryFail)
                  .onSuccess(
                      body ->
                          answer.tryComplete(
                              new Answer(
                                  response.statusCode(),
                                  response.headers(),
                                  body,
                                  response.trailers())));
            });
    return answer.future();
  }

  static Buffer frame(Buffer body) {
    return Buffer.buffer().appendByte((byte) 0).appendInt(body.length()).appendBuffer(body);
  }

  static <T> T await(Future<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  static Throwable failure(Future<?> future) throws InterruptedException, TimeoutException {
    try {
      throw new AssertionError("completed with " + await(future) + " (expected: a failure)");
    } catch (ExecutionException failed) {
      return failed.getCause();
    }
  }
}
