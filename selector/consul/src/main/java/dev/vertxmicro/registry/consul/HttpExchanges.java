// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Exchanges requests and answers with Consul's agents: one at a time is used, the next after it
 * could not be reached.
 *
 * <p>Queries that Consul holds back have a pool of connections of their own, so that signs of life
 * never wait behind them. Every exchange ends: with its answer, at its timeout, when it is
 * cancelled, or when this is closed. Touched on the home of the registry only.
 */
final class HttpExchanges {

  private static final int MAX_CONNECTIONS = 16;
  private static final int MAX_WAITING = 10_000;

  /** From this status on the failure is the agent's, or that of the servers it sees. */
  private static final int FIRST_FAILURE = 500;

  /**
   * An answer.
   *
   * @param agent who gave it, as {@code host:port}
   * @param index of {@code X-Consul-Index}; 0 without one
   * @param led whether the servers have a leader, as far as the answer says
   */
  record Answer(String agent, int status, long index, boolean led, Buffer body) {}

  private final Vertx vertx;
  private final TimeSource time;
  private final List<ConsulAddress> addresses;
  private final @Nullable String token;
  private final @Nullable ClientSSLOptions ssl;
  private final int maxAnswerBytes;
  private final HttpClientAgent quick;
  private final HttpClientAgent slow;
  private final Set<Exchange> open = new HashSet<>();

  /** The connections that have carried a query; who asks holds none of them. */
  private final Set<HttpConnection> used = Collections.newSetFromMap(new WeakHashMap<>());

  private int current;
  private boolean closed;

  HttpExchanges(Vertx vertx, TimeSource time, ConsulOptions options) {
    this.vertx = vertx;
    this.time = time;
    this.addresses = options.getAddresses().stream().map(ConsulAddress::parse).toList();
    this.token = options.getToken();
    this.maxAnswerBytes = options.getMaxAnswerBytes();
    this.ssl = options.isTls() ? ssl(options) : null;
    HttpClientOptions http =
        new HttpClientOptions().setConnectTimeout((int) options.getTimeout().toMillis());
    this.quick = client(vertx, http, MAX_CONNECTIONS);
    this.slow = client(vertx, http, options.getMaxWatches());
  }

  private static HttpClientAgent client(Vertx vertx, HttpClientOptions http, int connections) {
    PoolOptions pool =
        new PoolOptions().setHttp1MaxSize(connections).setMaxWaitQueueSize(MAX_WAITING);
    return vertx.httpClientBuilder().with(http).with(pool).build();
  }

  private static ClientSSLOptions ssl(ConsulOptions options) {
    ClientSSLOptions ssl = options.getSsl();
    ssl = ssl == null ? new ClientSSLOptions() : ssl.copy();
    String caFile = options.getCaFile();
    if (options.getSsl() == null && caFile != null) {
      ssl.setTrustOptions(new PemTrustOptions().addCertPath(caFile));
    }
    if (ssl.getHostnameVerificationAlgorithm() == null) {
      ssl.setHostnameVerificationAlgorithm("HTTPS");
    }
    return ssl;
  }

  /**
   * Sends a request to the agent in use, and to the next and the next where one cannot be reached.
   *
   * @param timeout for each of them
   */
  Future<Answer> send(HttpMethod method, String uri, @Nullable Buffer body, Duration timeout) {
    return send(inOrder(), false, method, uri, body, timeout);
  }

  /**
   * Sends a request that any agent can answer as well: the next is asked also where one answers
   * that it has a failure of its own, that it sees no leader say.
   *
   * @param timeout for each of them
   */
  Future<Answer> read(HttpMethod method, String uri, @Nullable Buffer body, Duration timeout) {
    return send(inOrder(), true, method, uri, body, timeout);
  }

  private Future<Answer> send(
      List<ConsulAddress> left,
      boolean reads,
      HttpMethod method,
      String uri,
      @Nullable Buffer body,
      Duration timeout) {
    Future<Answer> answer =
        start(new Exchange(quick, left.get(0), reads, timeout), method, uri, body);
    List<ConsulAddress> others = left.subList(1, left.size());
    if (others.isEmpty()) {
      return answer;
    }
    return answer.transform(
        got -> {
          boolean next =
              got.succeeded()
                  ? reads && got.result().status() >= FIRST_FAILURE
                  : isUnreachable(got.cause()) && !closed;
          return next ? send(others, reads, method, uri, body, timeout) : answer;
        });
  }

  private static boolean isUnreachable(Throwable failure) {
    return RpcException.from(failure).grpcStatus() == GrpcStatus.UNAVAILABLE;
  }

  /** Sends a request to one agent. */
  Future<Answer> sendTo(
      ConsulAddress to, HttpMethod method, String uri, @Nullable Buffer body, Duration timeout) {
    return start(new Exchange(quick, to, false, timeout), method, uri, body);
  }

  /**
   * Sends a query that Consul may hold back to the agent in use.
   *
   * @param uri sent over a connection that has carried a query before
   * @param uriOnNewConnection sent otherwise: whoever is at the end of a new connection may not be
   *     who gave the index in {@code uri}, and would hold the query back until its own index gets
   *     there
   */
  Exchange query(String uri, String uriOnNewConnection, Duration timeout) {
    Exchange exchange = new Exchange(slow, addresses.get(current), true, timeout);
    exchange.uriOnNewConnection = uriOnNewConnection;
    start(exchange, HttpMethod.GET, uri, null);
    return exchange;
  }

  /** Returns the agents in the order in which they are asked now. */
  private List<ConsulAddress> inOrder() {
    List<ConsulAddress> order = new ArrayList<>(addresses);
    Collections.rotate(order, -current);
    return order;
  }

  private Future<Answer> start(
      Exchange exchange, HttpMethod method, String uri, @Nullable Buffer body) {
    if (closed) {
      exchange.fail(closedFailure());
    } else {
      open.add(exchange);
      exchange.start(method, uri, body);
    }
    return exchange.answer();
  }

  /** Makes the next agent the one in use, if this one is. */
  private void passOver(ConsulAddress address) {
    if (addresses.get(current).equals(address)) {
      current = (current + 1) % addresses.size();
    }
  }

  void close() {
    closed = true;
    for (Exchange exchange : List.copyOf(open)) {
      exchange.fail(closedFailure());
    }
    quick.close();
    slow.close();
  }

  static RpcException closedFailure() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "consul registry: closed").build();
  }

  /** One request and its answer. */
  final class Exchange {

    private final HttpClientAgent client;
    private final ConsulAddress to;
    private final boolean reads;
    private final Duration timeout;
    private final Promise<Answer> promise = Promise.promise();
    private final Buffer body = Buffer.buffer();
    private @Nullable String uriOnNewConnection;
    private @Nullable HttpClientRequest request;
    private @Nullable Timer timer;
    private boolean sent;
    private boolean over;

    private Exchange(HttpClientAgent client, ConsulAddress to, boolean reads, Duration timeout) {
      this.client = client;
      this.to = to;
      this.reads = reads;
      this.timeout = timeout;
    }

    Future<Answer> answer() {
      return promise.future();
    }

    /** Ends the exchange without an answer. */
    void cancel() {
      fail(RpcException.cancelled("consul " + to + ": not asked any more").build());
    }

    private void start(HttpMethod method, String uri, @Nullable Buffer content) {
      timer = time.timer(timeout.toNanos(), () -> unreachable("no answer in " + timeout, null));
      RequestOptions request =
          new RequestOptions()
              .setMethod(method)
              .setHost(to.host())
              .setPort(to.port())
              .setURI(uri)
              .setSsl(ssl != null);
      if (ssl != null) {
        request.setSslOptions(ssl);
      }
      client
          .request(request)
          .onComplete(
              opened -> {
                if (opened.failed()) {
                  unreachable("no connection: " + opened.cause().getMessage(), opened.cause());
                  return;
                }
                // What fails a request fails its answer, too; Vert.x would log it otherwise.
                opened.result().exceptionHandler(failure -> {});
                if (over) {
                  opened.result().reset();
                } else {
                  send(opened.result(), content);
                }
              });
    }

    private void send(HttpClientRequest opened, @Nullable Buffer content) {
      request = opened;
      if (uriOnNewConnection != null && used.add(opened.connection())) {
        opened.setURI(uriOnNewConnection);
      }
      if (token != null) {
        opened.putHeader("X-Consul-Token", token);
      }
      sent = true;
      (content == null ? opened.send() : opened.send(content))
          .onComplete(
              head -> {
                if (over) {
                  return;
                }
                if (head.failed()) {
                  unreachable("no answer: " + head.cause().getMessage(), head.cause());
                } else {
                  read(head.result());
                }
              });
    }

    private void read(HttpClientResponse response) {
      response.exceptionHandler(
          cut -> unreachable("the answer broke off: " + cut.getMessage(), cut));
      response.handler(
          part -> {
            if (!over && body.length() + part.length() > maxAnswerBytes) {
              fail(
                  RpcException.client(
                          GrpcStatus.RESOURCE_EXHAUSTED,
                          "consul " + to + ": the answer exceeds " + maxAnswerBytes + " bytes")
                      .processed(Processed.YES)
                      .build());
            } else if (!over) {
              body.appendBuffer(part);
            }
          });
      response.endHandler(
          end -> {
            if (!over) {
              request = null;
              end();
              if (reads && response.statusCode() >= FIRST_FAILURE) {
                passOver(to);
              }
              Answer answer =
                  new Answer(
                      to.toString(),
                      response.statusCode(),
                      index(response.getHeader("X-Consul-Index")),
                      !"false".equals(response.getHeader("X-Consul-KnownLeader")),
                      body);
              // Afterwards the connection is free, and what is asked next goes over it.
              vertx.runOnContext(free -> promise.complete(answer));
            }
          });
    }

    private void unreachable(String what, @Nullable Throwable cause) {
      if (over) {
        return;
      }
      passOver(to);
      RpcException.Builder failure =
          RpcException.client(GrpcStatus.UNAVAILABLE, "consul " + to + ": " + what)
              .processed(sent ? Processed.UNKNOWN : Processed.NOT_SENT);
      fail(cause == null ? failure.build() : failure.cause(cause).build());
    }

    private void fail(RpcException failure) {
      if (!over) {
        end();
        if (request != null) {
          // In HTTP/1 this closes the connection, which is how Consul learns of it.
          request.reset();
        }
        promise.fail(failure);
      }
    }

    private void end() {
      over = true;
      open.remove(this);
      if (timer != null) {
        timer.cancel();
      }
    }
  }

  /** An index is above 0 by Consul's own rules; whatever else stands there is none. */
  private static long index(@Nullable String text) {
    if (text == null || !text.matches("[0-9]{1,18}")) {
      return 0;
    }
    return Long.parseLong(text);
  }
}
