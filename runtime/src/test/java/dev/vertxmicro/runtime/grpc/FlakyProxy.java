// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A TCP proxy on loopback that can be slow, go silent or break, and that taps what passes.
 *
 * <p>What a method orders is in force when it returns, for the connections that are open and for
 * those to come; {@link #cut} alone is for the open ones only. Otherwise the proxy is transparent:
 * it passes FIN and RST on, and back-pressure. One event loop serves all connections.
 *
 * <pre>{@code
 * try (FlakyProxy proxy = FlakyProxy.to(server.port())) {
 *   ... call through 127.0.0.1:proxy.port() ...
 *   proxy.vanish();
 *   ... the client must find out by itself ...
 * }
 * }</pre>
 */
public final class FlakyProxy implements AutoCloseable {
  /** Which way bytes go. */
  public enum Direction {
    TO_SERVER,
    TO_CLIENT
  }

  /** How a connection is broken, towards both ends. */
  public enum Cut {
    FIN,
    RST
  }

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final WireTap tap = new WireTap();
  private final Channel listener;

  // event loop only
  private final List<ProxyLink> links = new ArrayList<>();
  private final List<Consumer<ProxyLink>> orders = new ArrayList<>();

  private FlakyProxy(InetSocketAddress target) {
    listener =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    accept(client, target);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  /** Listens on a free port of 127.0.0.1 and forwards to this port of 127.0.0.1. */
  public static FlakyProxy to(int port) {
    return new FlakyProxy(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** What has passed. */
  public WireTap tap() {
    return tap;
  }

  /** Holds every chunk back for that long; zero ends it for chunks to come. Order is kept. */
  public FlakyProxy delay(Direction direction, Duration delay) {
    return always(link -> link.pipe(direction).delay(delay));
  }

  /** Stops reading from the sender, whose writes fill the buffers, until {@link #resume}. */
  public FlakyProxy stall(Direction direction) {
    return always(link -> link.pipe(direction).stall());
  }

  /** Ends {@link #stall}; nothing has been lost. */
  public FlakyProxy resume(Direction direction) {
    return always(link -> link.pipe(direction).resume());
  }

  /** Reads and throws away from now on, the FIN too. Cannot be undone. */
  public FlakyProxy swallow(Direction direction) {
    return always(link -> link.pipe(direction).swallow());
  }

  /** Both ends go silent for each other without a FIN, as when a host loses its power. */
  public FlakyProxy vanish() {
    return swallow(Direction.TO_SERVER).swallow(Direction.TO_CLIENT);
  }

  /**
   * Forwards that many more bytes of each connection in this direction, then cuts it. An RST may
   * overtake the last bytes.
   */
  public FlakyProxy cutAfter(Direction direction, long bytes, Cut how) {
    return always(link -> link.pipe(direction).cutAfter(bytes, how));
  }

  /** Cuts the open connections; new ones are served. */
  public FlakyProxy cut(Cut how) {
    return order(() -> links.forEach(link -> link.cut(how)));
  }

  /** Drops all connections and frees the port. */
  @Override
  public void close() {
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    tap.check();
  }

  private void accept(SocketChannel client, InetSocketAddress target) {
    ProxyLink link = new ProxyLink(links.size(), client, tap);
    links.add(link);
    orders.forEach(order -> order.accept(link));
    link.connect(target);
  }

  private FlakyProxy always(Consumer<ProxyLink> change) {
    return order(
        () -> {
          orders.add(change);
          links.forEach(change);
        });
  }

  private FlakyProxy order(Runnable change) {
    Future<?> done = loop.submit(change);
    if (!done.awaitUninterruptibly(Journal.PATIENCE.toMillis()) || !done.isSuccess()) {
      throw new AssertionError("the proxy did not follow the order", done.cause());
    }
    return this;
  }
}
