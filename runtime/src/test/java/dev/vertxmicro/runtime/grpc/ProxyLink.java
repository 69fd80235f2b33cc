// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.grpc.FlakyProxy.Cut;
import dev.vertxmicro.runtime.grpc.FlakyProxy.Direction;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;

/** One client's connection through the proxy and its counterpart. Event loop only. */
final class ProxyLink {
  private final SocketChannel client;
  private final SocketChannel server;
  private final ProxyPipe toServer;
  private final ProxyPipe toClient;

  /** Joins a client that has just been accepted with a server yet to be connected to. */
  ProxyLink(int index, SocketChannel client, WireTap tap) {
    this.client = client;
    this.server = new NioSocketChannel();
    toServer = new ProxyPipe(this, index, Direction.TO_SERVER, tap);
    toClient = new ProxyPipe(this, index, Direction.TO_CLIENT, tap);
    tap.event(index, Direction.TO_SERVER, Tapped.Event.OPENED);
  }

  ProxyPipe pipe(Direction direction) {
    return direction == Direction.TO_SERVER ? toServer : toClient;
  }

  SocketChannel from(Direction direction) {
    return direction == Direction.TO_SERVER ? client : server;
  }

  SocketChannel to(Direction direction) {
    return direction == Direction.TO_SERVER ? server : client;
  }

  /** Connects to the target; the client is reset if that fails. */
  void connect(InetSocketAddress target) {
    client.pipeline().addLast(toServer);
    ChannelFuture connect =
        new Bootstrap()
            .group(client.eventLoop())
            .channelFactory(() -> server)
            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .option(ChannelOption.AUTO_READ, false)
            .handler(toClient)
            .connect(target);
    connect.addListener(
        connected -> {
          if (connected.isSuccess()) {
            toServer.start();
            toClient.start();
          } else {
            cut(Cut.RST);
          }
        });
  }

  void cut(Cut how) {
    toServer.silence();
    toClient.silence();
    if (how == Cut.RST) {
      reset(client);
      reset(server);
    } else {
      finish(client);
      finish(server);
    }
  }

  /** Sends FIN behind what has been written, and closes once both ways of the socket ended. */
  void finish(SocketChannel channel) {
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(sent -> channel.shutdownOutput().addListener(shut -> closeIfDone(channel)));
  }

  void closeIfDone(SocketChannel channel) {
    if (channel.isInputShutdown() && channel.isOutputShutdown()) {
      channel.close();
    }
  }

  private static void reset(SocketChannel channel) {
    if (channel.isOpen()) {
      channel.config().setSoLinger(0);
      channel.close();
    }
  }
}
