// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection of Vert.x' HTTP client.
 *
 * <p>A draining one sends no GOAWAY before its last exchange has ended: Vert.x breaks streams of a
 * connection that has sent one.
 */
final class VertxConnection extends Connection {

  private final HttpClientConnection http;
  private long maxHeaderListBytes;

  VertxConnection(ConnectionPool pool, Dialer dialer, HttpClientConnection http) {
    super(pool, dialer);
    this.http = http;
  }

  @Override
  void listen() {
    http.goAwayHandler(frame -> goneAway(frame.getLastStreamId()));
    http.closeHandler(v -> gone());
    http.remoteSettingsHandler(settings -> pool().loop().context().runOnContext(v -> settings()));
    settings();
  }

  private void settings() {
    maxHeaderListBytes = http.remoteSettings().getMaxHeaderListSize();
    allowStreams(http.maxActiveStreams());
  }

  @Override
  long streamsOnTheWire() {
    return http.activeStreams();
  }

  @Override
  @Nullable WireStream open(PooledExchange exchange, GrpcRoute route, long remainingNanos) {
    Future<HttpClientRequest> taken = http.request(route.request());
    if (!taken.isComplete()) {
      // Vert.x counts a stream that it could not open as open, and queues; what comes late leaves.
      taken.onSuccess(late -> late.reset());
    }
    HttpClientRequest request = taken.result();
    if (request == null) {
      return null;
    }
    GrpcHeaders.addTo(
        request.headers(),
        exchange.subtype(),
        exchange.request().contentType(),
        pool().loop().userAgent(),
        remainingNanos,
        exchange.options().previousAttempts(),
        exchange.request().headers());
    String encoding = exchange.options().requestEncoding();
    if (encoding != null) {
      request.headers().add(GrpcHeaders.ENCODING, encoding);
    }
    boolean fits = GrpcHeaders.fit(exchange.request().headers(), maxHeaderListBytes);
    return new VertxStream(request, exchange, fits);
  }

  @Override
  Future<?> ping(long data) {
    return http.ping(Buffer.buffer(8).appendLong(data));
  }

  @Override
  Future<?> askForSettingsAck() {
    return http.updateSettings(http.settings());
  }

  @Override
  void closeWire() {
    http.shutdown(0, TimeUnit.SECONDS);
  }
}
