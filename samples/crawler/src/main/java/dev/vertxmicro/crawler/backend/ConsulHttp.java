// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Asks one agent of Consul over its HTTP API. */
final class ConsulHttp {

  /** How long an answer may take, beyond what Consul is asked to wait. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final int MOST_CONNECTIONS = 8;
  private static final int MOST_WAITING = 1_000;

  /**
   * An answer.
   *
   * @param index what a blocking query waits beyond; 0 without one
   */
  record Answer(int status, long index, Buffer body) {}

  private final HttpClientAgent http;
  private final String host;
  private final int port;
  private final @Nullable String token;

  ConsulHttp(Vertx vertx, String address, @Nullable String token) {
    int colon = address.lastIndexOf(':');
    this.host = colon < 0 ? address : address.substring(0, colon);
    this.port = colon < 0 ? 8500 : Integer.parseInt(address.substring(colon + 1));
    this.token = token;
    // The cleaner's default of 1 s is kept: 0 would cancel a timer of somebody else.
    this.http =
        vertx
            .httpClientBuilder()
            .with(
                new PoolOptions()
                    .setHttp1MaxSize(MOST_CONNECTIONS)
                    .setMaxWaitQueueSize(MOST_WAITING))
            .build();
  }

  Future<Answer> get(String path) {
    return send(HttpMethod.GET, path, Buffer.buffer(), PATIENCE);
  }

  /**
   * Waits until what {@code path} names has changed since {@code index}, or for {@code wait}.
   *
   * @param index 0 for an answer at once
   * @param query more of the query, for example {@code recurse=true}
   */
  Future<Answer> getAfter(String path, long index, Duration wait, String query) {
    String more = index > 0 ? "&index=" + index + "&wait=" + wait.toMillis() + "ms" : "";
    // Consul adds up to a sixteenth.
    Duration longest = wait.plus(wait.dividedBy(16)).plus(PATIENCE);
    return send(
        HttpMethod.GET,
        path + "?consistent" + (query.isEmpty() ? "" : "&" + query) + more,
        Buffer.buffer(),
        longest);
  }

  Future<Answer> put(String path, Buffer body) {
    return send(HttpMethod.PUT, path, body, PATIENCE);
  }

  private Future<Answer> send(HttpMethod method, String path, Buffer body, Duration timeout) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setHost(host)
            .setPort(port)
            .setURI("/v1/" + path)
            .setTimeout(Nanos.millis(timeout));
    if (token != null) {
      options.putHeader("X-Consul-Token", token);
    }
    return http.request(options)
        .compose(request -> request.send(body))
        .compose(response -> response.body().map(read -> answer(response, read)))
        .recover(failure -> Future.failedFuture(unavailable(path, failure)));
  }

  private static Answer answer(HttpClientResponse response, Buffer body) {
    String index = response.getHeader("X-Consul-Index");
    boolean number = index != null && index.matches("[0-9]{1,18}");
    return new Answer(response.statusCode(), number ? Long.parseLong(index) : 0, body);
  }

  private RpcException unavailable(String path, Throwable failure) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE,
            "consul " + host + ":" + port + ": " + path + ": " + failure.getMessage())
        .processed(Processed.UNKNOWN)
        .cause(failure)
        .build();
  }

  /** The failure of an answer that is not what was expected. */
  static RpcException unexpected(Answer answer) {
    String text = answer.body().getString(0, Math.min(200, answer.body().length()));
    GrpcStatus status =
        answer.status() == 403 ? GrpcStatus.PERMISSION_DENIED : GrpcStatus.UNAVAILABLE;
    return RpcException.client(status, "consul: " + answer.status() + " " + text.strip())
        .processed(Processed.YES)
        .build();
  }

  /** Returns the value of an entry, in the alphabet of plain Base64, which Vert.x' JSON has not. */
  static Buffer value(JsonObject entry) {
    String value = entry.getString("Value");
    return Buffer.buffer(value == null ? new byte[0] : Base64.getDecoder().decode(value));
  }

  /** Returns a value as Consul takes it. */
  static String encode(Buffer value) {
    return Base64.getEncoder().encodeToString(value.getBytes());
  }

  Future<Void> close() {
    return http.close();
  }
}
