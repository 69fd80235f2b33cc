// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection to one member of etcd. Belongs to the home of the registry.
 *
 * <pre>
 * DIALLING --> OPEN --> CLOSED
 *     '--------------------^
 * </pre>
 *
 * <p>It has an agent of Vert.x' to itself: only closing the agent ends a dial to a peer that
 * accepts and then says nothing. It refers to the agent, since Vert.x shuts down one that nobody
 * refers to.
 *
 * <p>A peer that has vanished is found by a PING every {@link EtcdOptions#getKeepAliveTime} while
 * there are streams; without streams etcd does not allow any.
 */
final class EtcdConnection {

  private enum State {
    DIALLING,
    OPEN,
    CLOSED
  }

  private final Home home;
  private final EtcdOptions options;
  private final EtcdAddress address;
  private final HttpClientAgent agent;
  private final Promise<EtcdConnection> opened = Promise.promise();
  private final Set<GrpcStream> streams = new LinkedHashSet<>();

  private State state = State.DIALLING;
  private @Nullable HttpClientConnection http;
  private @Nullable Timer dialTimer;
  private @Nullable Timer pingTimer;
  private boolean goingAway;

  private EtcdConnection(Vertx vertx, Home home, EtcdOptions options, EtcdAddress address) {
    this.home = home;
    this.options = options;
    this.address = address;
    // The pool of the agent is never used, so that its cleaner need not run. Without a cleaner (0)
    // the agent, when closed, cancels the timer 0 of the Vert.x instance, whoever that belongs to.
    PoolOptions unused = new PoolOptions().setCleanerPeriod(Integer.MAX_VALUE);
    this.agent = vertx.httpClientBuilder().with(options.toHttp()).with(unused).build();
  }

  /** Connects, within {@code nanos}; {@link #opened} tells when. */
  static EtcdConnection dial(
      Vertx vertx, Home home, EtcdOptions options, EtcdAddress address, long nanos) {
    EtcdConnection connection = new EtcdConnection(vertx, home, options, address);
    connection.dial(nanos);
    return connection;
  }

  private void dial(long nanos) {
    HttpConnectOptions to =
        new HttpConnectOptions()
            .setServer(SocketAddress.inetSocketAddress(address.port(), address.host()))
            .setHost(address.host())
            .setPort(address.port());
    if (options.isTls(address)) {
      to.setSsl(true).setSslOptions(options.tls());
    }
    dialTimer = home.timer(nanos, () -> close("no connection within " + nanos / 1_000_000 + " ms"));
    agent.connect(to).onComplete(result -> home.execute(() -> dialled(result)));
  }

  private void dialled(AsyncResult<HttpClientConnection> result) {
    HttpClientConnection connected = result.result();
    if (state == State.CLOSED) {
      if (connected != null) {
        connected.close();
      }
    } else if (connected == null) {
      Throwable cause = result.cause();
      end(Failures.unavailable("cannot connect to " + address, Processed.NOT_SENT, cause), "");
    } else if (!speaksHttp2(connected)) {
      http = connected;
      close("the peer does not speak HTTP/2");
    } else {
      cancelTimers();
      state = State.OPEN;
      http = connected;
      connected.goAwayHandler(frame -> goingAway = true);
      connected.closeHandler(v -> close("the peer has closed the connection"));
      opened.complete(this);
    }
  }

  /** A TLS peer without ALPN is spoken to in HTTP/1.1 by Vert.x, which then knows no settings. */
  private static boolean speaksHttp2(HttpClientConnection connection) {
    try {
      connection.remoteSettings();
      return true;
    } catch (UnsupportedOperationException http1) {
      return false;
    }
  }

  /** Completes when it may be used; fails if it cannot. */
  Future<EtcdConnection> opened() {
    return opened.future();
  }

  EtcdAddress address() {
    return address;
  }

  /** Tells whether new streams may be opened. */
  boolean isOpen() {
    return state == State.OPEN && !goingAway;
  }

  /**
   * Opens a stream, or returns null if there is no room for one.
   *
   * @param token who asks; empty if nobody
   * @param needsLeader whether a member without a leader is to refuse
   */
  @Nullable GrpcStream open(
      String path, String token, boolean needsLeader, GrpcStream.Listener listener) {
    HttpClientConnection live = http;
    if (live == null || !isOpen() || live.activeStreams() >= live.maxActiveStreams()) {
      return null;
    }
    Future<HttpClientRequest> taken =
        live.request(new RequestOptions().setMethod(HttpMethod.POST).setURI(path));
    HttpClientRequest request = taken.result();
    if (request == null) {
      taken.onSuccess(late -> late.reset());
      return null;
    }
    request
        .headers()
        .set("content-type", Failures.GRPC)
        .set("te", "trailers")
        .set("user-agent", "vertx-micro/0.1");
    if (!token.isEmpty()) {
      request.headers().set("token", token);
    }
    if (needsLeader) {
      request.headers().set("hasleader", "true");
    }
    GrpcStream stream = new GrpcStream(this, request, options.getMaxReplyBytes(), listener);
    streams.add(stream);
    stream.start();
    armPing();
    return stream;
  }

  /** Called by a stream that is over. */
  void ended(GrpcStream stream) {
    streams.remove(stream);
    if (streams.isEmpty() && goingAway) {
      close("the peer is going away");
    }
  }

  private void armPing() {
    long period = Nanos.of(options.getKeepAliveTime());
    if (pingTimer == null && period > 0) {
      pingTimer = home.timer(period, this::ping);
    }
  }

  private void ping() {
    pingTimer = null;
    if (state != State.OPEN || http == null || streams.isEmpty()) {
      return;
    }
    long most = Nanos.of(options.getRequestTimeout());
    pingTimer = home.timer(most, () -> close("no answer to a PING"));
    http.ping(Buffer.buffer(8).appendLong(1)).onSuccess(v -> home.execute(this::answered));
  }

  private void answered() {
    if (state == State.OPEN && pingTimer != null) {
      pingTimer.cancel();
      pingTimer = null;
      if (!streams.isEmpty()) {
        armPing();
      }
    }
  }

  /** Ends the connection and what runs on it. May be called twice. */
  void close(String why) {
    end(Failures.unavailable(address + ": " + why, Processed.NOT_SENT, null), why);
  }

  private void end(RuntimeException failure, String why) {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    cancelTimers();
    opened.tryFail(failure);
    List.copyOf(streams).forEach(stream -> stream.lose(why));
    if (http != null) {
      http.close();
    }
    agent.close();
  }

  private void cancelTimers() {
    if (dialTimer != null) {
      dialTimer.cancel();
      dialTimer = null;
    }
    if (pingTimer != null) {
      pingTimer.cancel();
      pingTimer = null;
    }
  }
}
