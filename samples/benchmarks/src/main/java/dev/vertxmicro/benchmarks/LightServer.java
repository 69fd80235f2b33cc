// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.runtime.transport.TestCertificate;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.netty.handler.ssl.SslContext;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The server of {@link Matrix}, as light as Netty's HTTP/2 codec permits, so that it is not what
 * bounds the clients: sends the bytes of each request back as they come, looks at none of them, and
 * ends with status 0. One event loop.
 */
public final class LightServer {

  private static final int WINDOW = 1 << 20;
  private static final int FLUSH_FRAMES = 48;

  private static final Http2Headers HEAD =
      ReadOnlyHttp2Headers.serverHeaders(
          false,
          AsciiString.cached("200"),
          AsciiString.cached("content-type"),
          AsciiString.cached("application/grpc+proto"));
  private static final Http2Headers TRAILERS =
      ReadOnlyHttp2Headers.trailers(
          false, AsciiString.cached("grpc-status"), AsciiString.cached("0"));

  private LightServer() {}

  /** Prints the port without and the one with TLS, then serves until standard input ends. */
  public static void main(String[] args) throws IOException {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    SslContext tls = TestCertificate.forLoopback().server("h2");
    System.out.println(listen(loop, null) + " " + listen(loop, tls));
    while (System.in.read() >= 0) {
      // until the parent goes
    }
    System.exit(0);
  }

  private static int listen(EventLoopGroup loop, @Nullable SslContext tls) {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (tls != null) {
                      channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                    }
                    channel.pipeline().addLast(new Echo().handler);
                  }
                });
    Channel listening = bootstrap.bind("127.0.0.1", 0).syncUninterruptibly().channel();
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /** One connection. */
  private static final class Echo extends Http2FrameAdapter {

    private final Http2Connection http2 = new DefaultHttp2Connection(true);
    private final Http2Connection.PropertyKey begun = http2.newKey();
    private final Http2ConnectionHandler handler;
    private int written;

    Echo() {
      http2
          .remote()
          .flowController(
              new DefaultHttp2RemoteFlowController(http2, new UniformStreamByteDistributor(http2)));
      handler =
          new Http2ConnectionHandlerBuilder()
              .connection(http2)
              .frameListener(this)
              // Clients of a benchmark may cancel as they like.
              .decoderEnforceMaxRstFramesPerWindow(0, 0)
              .initialSettings(
                  new Http2Settings().maxConcurrentStreams(10_000).initialWindowSize(WINDOW))
              .build();
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
        throws Http2Exception {
      int more = WINDOW - handler.decoder().flowController().windowSize(http2.connectionStream());
      if (more > 0) {
        handler.decoder().flowController().incrementWindowSize(http2.connectionStream(), more);
      }
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end) {
      if (http2.stream(id).setProperty(begun, begun) == null) {
        handler.encoder().writeHeaders(ctx, id, HEAD, 0, false, ctx.newPromise());
        written++;
      }
      int length = data.readableBytes();
      if (length > 0) {
        handler.encoder().writeData(ctx, id, data.retain(), 0, false, ctx.newPromise());
        written++;
      }
      if (end) {
        handler.encoder().writeHeaders(ctx, id, TRAILERS, 0, true, ctx.newPromise());
        written++;
      }
      if (written >= FLUSH_FRAMES) {
        written = 0;
        handler.flush(ctx);
      }
      return length + padding;
    }
  }
}
