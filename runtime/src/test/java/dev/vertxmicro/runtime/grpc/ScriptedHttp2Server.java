// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 server on loopback that does what it is told, right or wrong, frame by frame, and
 * remembers every frame it received.
 *
 * <p>A connection plays its connect script when accepted (default: an empty SETTINGS frame); each
 * request plays its answer script when its HEADERS arrive. Scripts are made of {@link Steps} and
 * {@link GrpcSteps}. Between scripts the server acknowledges SETTINGS and PING and returns window
 * for DATA, until a script says {@code without(..)}. Prior-knowledge h2c, or TLS after {@link
 * #tls}.
 *
 * <pre>{@code
 * try (ScriptedHttp2Server server = ScriptedHttp2Server.start()) {
 *   server.answerNext(untilRequestEnds(), head(), reset(Http2Error.CANCEL)).answer(ok("fine"));
 *   ... let a client call 127.0.0.1:server.port() ...
 *   server.connection(0).barrier();
 *   assertEquals(2, server.connection(0).frames().stream().filter(f -> f.is(HEADERS)).count());
 * }
 * }</pre>
 *
 * <p>Scripts are set before the connection or request that plays them; one event loop plays all.
 */
final class ScriptedHttp2Server implements AutoCloseable {
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Journal<SeenFrame> journal = new Journal<>();
  private final List<ScriptedConnection> connections = new CopyOnWriteArrayList<>();
  private final Queue<Step> nextConnects = new ConcurrentLinkedQueue<>();
  private final Queue<Step> nextAnswers = new ConcurrentLinkedQueue<>();
  private volatile Step connect = Steps.settings();
  private volatile Function<SeenFrame, Step> answer = head -> Steps.nothing();
  private volatile @Nullable SslContext tls;
  private final Channel listener;
  private @Nullable Socket portKeeper;

  private ScriptedHttp2Server() {
    listener =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    accept(channel);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  /** Listens on a free port of 127.0.0.1. */
  static ScriptedHttp2Server start() {
    return new ScriptedHttp2Server();
  }

  int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Speaks TLS on the connections accepted from now on. */
  ScriptedHttp2Server tls(SslContext context) {
    tls = context;
    return this;
  }

  /** What every connection plays when accepted, those with a script of their own apart. */
  ScriptedHttp2Server onConnect(Step... script) {
    connect = Step.all(script);
    return this;
  }

  /** What one more of the next connections plays when accepted. */
  ScriptedHttp2Server onNextConnect(Step... script) {
    nextConnects.add(Step.all(script));
    return this;
  }

  /** What every request plays, those with a script of their own apart. */
  ScriptedHttp2Server answer(Step... script) {
    Step all = Step.all(script);
    return answerBy(head -> all);
  }

  /** What one more of the next requests plays. */
  ScriptedHttp2Server answerNext(Step... script) {
    nextAnswers.add(Step.all(script));
    return this;
  }

  /** Chooses each request's script by its HEADERS, for requests without one of their own. */
  ScriptedHttp2Server answerBy(Function<SeenFrame, Step> choice) {
    answer = choice;
    return this;
  }

  /** Lets every script go on that stands, or will come, at {@code hold(name)}. */
  void release(String name) {
    loop.execute(() -> connections.forEach(connection -> connection.release(name)));
  }

  /**
   * Stops listening; the port stays taken, so that every connect is refused. Open connections live
   * on.
   */
  ScriptedHttp2Server refuseConnections() {
    int port = port();
    listener.close().syncUninterruptibly();
    awaitSelect();
    try {
      Socket keeper = new Socket();
      keeper.setReuseAddress(true);
      keeper.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      portKeeper = keeper;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** All that was received, over all connections, in order. */
  Journal<SeenFrame> journal() {
    return journal;
  }

  /** How many connections have been accepted so far. */
  int connections() {
    return connections.size();
  }

  /** Waits for the n-th connection, counted from 0. */
  ScriptedConnection connection(int n) {
    journal.await("connection " + n, f -> f.is(FrameType.OPENED) && f.connection() == n);
    return connections.get(n);
  }

  /** Waits for the end of the n-th request to end, counted from 0. */
  SeenRequest request(int n) {
    return journal.awaitThat(
        "request " + n,
        frames ->
            frames.stream()
                .filter(SeenFrame::endsStream)
                .skip(n)
                .findFirst()
                .map(last -> SeenRequest.endedBy(last, frames)));
  }

  /**
   * Closes every connection and frees the port.
   *
   * @throws AssertionError if a script failed while it was played
   */
  @Override
  public void close() {
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    Socket keeper = portKeeper;
    if (keeper != null) {
      try {
        keeper.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    journal.check();
  }

  /** Event loop: the connect script of a new connection. */
  Step nextConnectScript() {
    Step next = nextConnects.poll();
    return next == null ? connect : next;
  }

  /** Event loop: the answer script of a new request. */
  Step nextAnswer(SeenFrame head) {
    Step next = nextAnswers.poll();
    return next == null ? answer.apply(head) : next;
  }

  /** NIO frees a closed port in its next select; what the loop schedules for itself comes after. */
  private void awaitSelect() {
    CompletableFuture<Void> selected = new CompletableFuture<>();
    loop.execute(() -> loop.schedule(() -> selected.complete(null), 1, TimeUnit.NANOSECONDS));
    selected.orTimeout(Journal.PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  private void accept(SocketChannel channel) {
    ScriptedConnection connection = new ScriptedConnection(connections.size(), channel, this);
    connections.add(connection);
    SslContext context = tls;
    if (context != null) {
      channel.pipeline().addLast(context.newHandler(channel.alloc()));
    }
    channel.pipeline().addLast(connection.recorder());
  }
}
