// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.broker.GoMicroPayload;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.shareddata.LocalMap;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Listens for the events of all subscriptions of a broker. An event that has been taken is answered
 * with 200 and nothing, as go-micro does; everything else with a status that says what is wrong and
 * go-micro's error as JSON, which a publisher of go-micro does not look at.
 *
 * <p>What is wrong is counted and told by the subscription that it was for, else logged, each thing
 * once. Touched on the broker's context only.
 */
final class Inlet {

  private static final System.Logger LOG = System.getLogger(HttpBroker.class.getName());

  /** The id of errors that go-micro's broker makes. */
  private static final String ERROR_ID = "go.micro.broker";

  /** A topic of 1,024 characters that all take nine bytes when escaped. */
  private static final int LONGEST_LINE = 16_384;

  /** Connections on which nothing comes; longer than publishers of ours keep unused ones. */
  private static final int IDLE_SECONDS = 120;

  private static final String NO_SUBSCRIPTION = "no such subscription";

  /** What all requests that are being read may have together. */
  private static final long MOST_BYTES = 64 << 20;

  private final Vertx vertx;
  private final TimeSource time;
  private final HttpBrokerOptions options;
  private final Complaints complaints;
  private final long readNanos;
  private final Map<String, HttpSource> sources = new HashMap<>();
  private @Nullable Future<String> listening;
  private @Nullable HttpServer server;
  private int connections;
  private long receiving;

  Inlet(Vertx vertx, TimeSource time, HttpBrokerOptions options) {
    this.vertx = vertx;
    this.time = time;
    this.options = options;
    this.complaints = new Complaints(LOG, time);
    this.readNanos = Nanos.of(options.getRequestTimeout());
  }

  /** Listens, unless it does already; returns the address to register. */
  Future<String> listen() {
    Future<String> joined = listening;
    if (joined == null) {
      if (!takePort()) {
        return Future.failedFuture(new IllegalStateException("another broker listens there"));
      }
      HttpServer made =
          vertx
              .createHttpServer(http())
              .connectionHandler(this::onConnection)
              .requestHandler(request -> new Incoming(request).read());
      joined =
          made.listen()
              .map(
                  bound -> {
                    server = bound;
                    ports().put(bound.actualPort(), true);
                    return address(bound.actualPort());
                  });
      listening = joined;
      joined.onFailure(
          failure -> {
            listening = null;
            ports().remove(options.getPort());
          });
    }
    return joined;
  }

  /** Vert.x would let several listen on one port, and give each of them some connections. */
  private boolean takePort() {
    return options.getPort() == 0 || ports().putIfAbsent(options.getPort(), true) == null;
  }

  private LocalMap<Integer, Boolean> ports() {
    return vertx.sharedData().getLocalMap("dev.vertxmicro.broker.http.ports");
  }

  private HttpServerOptions http() {
    HttpServerOptions http =
        new HttpServerOptions()
            .setHost(options.getHost())
            .setPort(options.getPort())
            .setMaxInitialLineLength(LONGEST_LINE)
            .setHttp2ClearTextEnabled(false)
            .setHandle100ContinueAutomatically(true)
            .setIdleTimeout(IDLE_SECONDS);
    ServerSSLOptions ssl = options.getSsl();
    if (ssl != null) {
      http.setSsl(true)
          .setUseAlpn(false)
          .setSni(ssl.isSni())
          .setClientAuth(ssl.getClientAuth())
          .setKeyCertOptions(ssl.getKeyCertOptions())
          .setTrustOptions(ssl.getTrustOptions())
          .setEnabledSecureTransportProtocols(ssl.getEnabledSecureTransportProtocols())
          .setSslHandshakeTimeout(ssl.getSslHandshakeTimeout())
          .setSslHandshakeTimeoutUnit(ssl.getSslHandshakeTimeoutUnit());
      ssl.getEnabledCipherSuites().forEach(http::addEnabledCipherSuite);
      ssl.getCrlPaths().forEach(http::addCrlPath);
      ssl.getCrlValues().forEach(http::addCrlValue);
    }
    return http;
  }

  private String address(int port) {
    String advertised = options.getAdvertisedAddress();
    String host = advertised != null ? advertised : options.getHost();
    boolean v6 = host.indexOf(':') != host.lastIndexOf(':');
    if (advertised != null
        && (host.startsWith("[") ? !host.endsWith("]") : !v6 && host.contains(":"))) {
      return advertised;
    }
    return (v6 && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
  }

  void add(HttpSource source) {
    sources.put(source.id(), source);
  }

  void remove(HttpSource source) {
    sources.remove(source.id());
  }

  /** Stops to listen; requests that are being answered get a moment. */
  Future<Void> close() {
    Future<String> started = listening;
    if (started == null) {
      return Future.succeededFuture();
    }
    return started.transform(
        bound -> {
          HttpServer closing = server;
          return closing == null
              ? Future.<Void>succeededFuture()
              : closing
                  .shutdown(1, TimeUnit.SECONDS)
                  .onComplete(closed -> ports().remove(closing.actualPort()));
        });
  }

  private void onConnection(HttpConnection connection) {
    if (connections >= options.getMaxConnections()) {
      complaints.about(
          "publishers", connections + " connections, the most; further ones are closed");
      connection.close();
      return;
    }
    connections++;
    connection.closeHandler(closed -> connections--);
  }

  /** One request, until it is answered and its end has come. */
  private final class Incoming {

    private final HttpServerRequest request;
    private final Buffer body = Buffer.buffer();
    private @Nullable HttpSource source;
    private int length;
    private int dropped;
    private boolean answered;
    private @Nullable Timer timer;

    Incoming(HttpServerRequest request) {
      this.request = request;
    }

    void read() {
      timer = time.timer(readNanos, this::onLate);
      request.exceptionHandler(broken -> release());
      request.handler(this::onChunk);
      request.endHandler(end -> onEnd());
      checkHead();
    }

    private void checkHead() {
      if (!request.method().equals(HttpMethod.POST)) {
        request.response().putHeader("Allow", "POST");
        refuse(405, "Method not allowed");
        return;
      }
      if (!"/".equals(request.path())) {
        refuse(404, "no such path");
        return;
      }
      String id = id();
      if (id == null) {
        refuse(400, "no id (expected: /?id=...)");
        return;
      }
      HttpSource named = sources.get(id);
      if (named == null || named.isStopped()) {
        refuse(404, NO_SUBSCRIPTION);
        return;
      }
      source = named;
      if (announced() > options.getMaxBodyBytes()) {
        refuse(413, tooLarge());
      }
    }

    private @Nullable String id() {
      try {
        return request.getParam("id");
      } catch (IllegalArgumentException malformed) {
        return null;
      }
    }

    private long announced() {
      String announced = request.getHeader("Content-Length");
      try {
        return announced == null ? 0 : Long.parseLong(announced);
      } catch (NumberFormatException malformed) {
        return 0; // Vert.x does not let it through.
      }
    }

    private String tooLarge() {
      return "an event of more than " + options.getMaxBodyBytes() + " bytes";
    }

    private void onChunk(Buffer chunk) {
      if (answered) {
        drop(chunk);
        return;
      }
      length += chunk.length();
      receiving += chunk.length();
      if (length > options.getMaxBodyBytes()) {
        refuse(413, tooLarge());
      } else if (receiving > Math.max(MOST_BYTES, options.getMaxBodyBytes())) {
        refuse(503, "too many events at a time");
      } else {
        body.appendBuffer(chunk);
      }
    }

    /**
     * What comes behind the answer is read for a while: closing a connection on which something is
     * unread would take the answer away from the publisher.
     */
    private void drop(Buffer chunk) {
      dropped += chunk.length();
      if (dropped > options.getMaxBodyBytes()) {
        request.connection().close();
      }
    }

    private void onLate() {
      if (answered) {
        request.connection().close();
      } else {
        refuse(408, "the request came too slowly");
      }
    }

    private void onEnd() {
      HttpSource to = source;
      if (!answered && to != null) {
        take(to);
      }
      release();
    }

    private void take(HttpSource to) {
      Message event;
      try {
        event = GoMicroPayload.decode("", body.getBytes());
      } catch (CodecException unreadable) {
        refuse(400, "unreadable " + unreadable.getMessage());
        return;
      }
      if (event.target().isEmpty()) {
        refuse(400, "Topic not found");
      } else if (!event.target().equals(to.topic())) {
        refuse(400, "Micro-Topic: " + event.target() + " (expected: " + to.topic() + ")");
      } else if (to.isStopped()) {
        refuse(404, NO_SUBSCRIPTION);
      } else if (to.take(event)) {
        answer(200, "");
      } else {
        refuse(503, to.subscription().refusal().detail());
      }
    }

    /** Answers with an error and reports it. */
    private void refuse(int status, String wrong) {
      HttpSource of = source;
      if (of != null && (status == 400 || status == 408 || status == 413)) {
        of.reject(wrong, null);
      } else if (status == 503 || wrong.equals(NO_SUBSCRIPTION)) {
        LOG.log(Level.DEBUG, "http: {0} {1}: {2}", status, wrong, request.uri());
      } else {
        complaints.about(
            "a publisher at " + request.remoteAddress().host(),
            status + " " + wrong + ": " + request.method() + " " + request.uri());
      }
      answer(status, RpcError.of(ERROR_ID, status, wrong).toJson());
    }

    private void answer(int status, String text) {
      answered = true;
      receiving -= length;
      HttpServerResponse response = request.response();
      if (response.closed()) {
        return;
      }
      response.setStatusCode(status);
      if (!text.isEmpty()) {
        response.putHeader("Content-Type", "application/json");
      }
      response.end(text);
    }

    /** The request has come to its end, or its connection has. */
    private void release() {
      if (!answered) {
        answered = true;
        receiving -= length;
      }
      if (timer != null) {
        timer.cancel();
      }
    }
  }
}
