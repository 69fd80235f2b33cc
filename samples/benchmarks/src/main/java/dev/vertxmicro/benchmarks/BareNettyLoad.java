// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.BytesValue;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What Netty's HTTP/2 codec costs by itself: one frame listener, no pool, no deadline, no limits,
 * and nothing done about failures. A lower bound, not a client.
 */
final class BareNettyLoad implements Load {

  private static final int PREFIX = 5;
  private static final int WINDOW = 1 << 20;
  private static final int FLUSH_FRAMES = 32;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<Wire> wires = new ArrayList<>();
  private final BytesValue payload;
  private final Http2Headers head;
  private int turn;

  BareNettyLoad(Setup setup) {
    payload = Load.payload(setup.payloadBytes());
    head =
        ReadOnlyHttp2Headers.clientHeaders(
            false,
            AsciiString.cached("POST"),
            AsciiString.cached(PATH),
            AsciiString.cached(setup.tls() ? "https" : "http"),
            AsciiString.cached("127.0.0.1:" + setup.serverPort()),
            AsciiString.cached("content-type"),
            AsciiString.cached("application/grpc+proto"),
            AsciiString.cached("te"),
            AsciiString.cached("trailers"));
    for (int i = 0; i < setup.connections(); i++) {
      wires.add(connect(setup));
    }
  }

  private Wire connect(Setup setup) {
    Wire wire = new Wire();
    Bootstrap bootstrap = new Bootstrap().group(loop).channel(NioSocketChannel.class);
    bootstrap.handler(
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            if (setup.tls()) {
              channel.pipeline().addLast(trustAll().newHandler(channel.alloc()));
            }
            channel.pipeline().addLast(wire.handler);
          }
        });
    Channel channel =
        bootstrap.connect("127.0.0.1", setup.serverPort()).syncUninterruptibly().channel();
    wire.context = channel.pipeline().context(wire.handler);
    loop.submit(wire::openWindow).syncUninterruptibly();
    return wire;
  }

  private static SslContext trustAll() {
    try {
      return SslContextBuilder.forClient()
          .sslProvider(SslProvider.JDK)
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm("")
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  ApplicationProtocolConfig.Protocol.ALPN,
                  ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                  ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                  "h2"))
          .build();
    } catch (SSLException broken) {
      throw new IllegalStateException(broken);
    }
  }

  @Override
  public String options() {
    return "no deadline, no pool, nothing done about failures";
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    turn = turn + 1 < wires.size() ? turn + 1 : 0;
    wires.get(turn).call(done);
  }

  @Override
  public void close() {
    loop.shutdownGracefully();
  }

  /** A call on its stream. */
  private static final class Open {
    private final Consumer<@Nullable Throwable> done;
    private @Nullable ByteBuf reply;

    Open(Consumer<@Nullable Throwable> done) {
      this.done = done;
    }
  }

  /** One connection. */
  private final class Wire extends Http2FrameAdapter implements Runnable {

    private final Http2Connection http2 = new DefaultHttp2Connection(false);
    private final Http2Connection.PropertyKey key = http2.newKey();
    private final Http2ConnectionHandler handler;
    private @Nullable ChannelHandlerContext context;
    private int nextId = 1;
    private int written;
    private boolean armed;

    Wire() {
      http2
          .remote()
          .flowController(
              new DefaultHttp2RemoteFlowController(http2, new UniformStreamByteDistributor(http2)));
      handler =
          new Http2ConnectionHandlerBuilder()
              .connection(http2)
              .frameListener(this)
              .initialSettings(
                  new Http2Settings()
                      .pushEnabled(false)
                      .maxHeaderListSize(65_536)
                      .initialWindowSize(WINDOW))
              .build();
    }

    /** As wide as that of the other clients. */
    private boolean openWindow() throws Http2Exception {
      handler
          .decoder()
          .flowController()
          .incrementWindowSize(
              http2.connectionStream(), WINDOW - Http2CodecUtil.DEFAULT_WINDOW_SIZE);
      handler.flush(Objects.requireNonNull(context));
      return true;
    }

    void call(Consumer<@Nullable Throwable> done) {
      ChannelHandlerContext ctx = Objects.requireNonNull(context);
      int id = nextId;
      nextId += 2;
      int size = payload.getSerializedSize();
      ByteBuf frame = ctx.alloc().directBuffer(PREFIX + size).writeByte(0).writeInt(size);
      frame.writeBytes(bytes(size));
      handler.encoder().writeHeaders(ctx, id, head, 0, false, ctx.voidPromise());
      http2.stream(id).setProperty(key, new Open(done));
      handler.encoder().writeData(ctx, id, frame, 0, true, ctx.newPromise());
      written += 2;
      if (written >= FLUSH_FRAMES) {
        flush(ctx);
      } else if (!armed) {
        armed = true;
        ctx.executor().execute(this);
      }
    }

    private byte[] bytes(int size) {
      byte[] bytes = new byte[size];
      try {
        payload.writeTo(CodedOutputStream.newInstance(bytes));
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
      return bytes;
    }

    @Override
    public void run() {
      armed = false;
      if (written > 0) {
        flush(Objects.requireNonNull(context));
      }
    }

    private void flush(ChannelHandlerContext ctx) {
      written = 0;
      handler.flush(ctx);
    }

    private Open open(int id) {
      return http2.stream(id).getProperty(key);
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end) {
      Open open = open(id);
      int length = data.readableBytes();
      ByteBuf reply = open.reply == null ? ctx.alloc().buffer(length) : open.reply;
      open.reply = reply.writeBytes(data);
      return length + padding;
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int id,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end) {
      onHeadersRead(ctx, id, headers, padding, end);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean end) {
      if (!end) {
        return;
      }
      Open open = open(id);
      ByteBuf reply = open.reply;
      if (reply == null) {
        open.done.accept(new IllegalStateException("no message: " + headers));
        return;
      }
      byte[] bytes = new byte[reply.readableBytes() - PREFIX];
      reply.getBytes(PREFIX, bytes);
      reply.release();
      try {
        Load.check(BytesValue.parseFrom(bytes), payload, open.done);
      } catch (InvalidProtocolBufferException broken) {
        open.done.accept(broken);
      }
    }
  }
}
