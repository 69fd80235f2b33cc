// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.GrpcCaller.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.runtime.http2.SocketPipeline;
import dev.vertxmicro.runtime.transport.TestCertificate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That sockets of Vert.x are still made as the Netty engine relies on. */
class SocketPipelineIT {

  private static final TestCertificate CERTIFICATE = ConnectMisbehaviours.certificate();

  private final Vertx vertx = Vertx.vertx();
  private final NetClient client = vertx.createNetClient();

  @AfterEach
  void close() {
    await(vertx.close());
  }

  /** Collects the first bytes, and answers them. */
  private static final class Echo extends ChannelInboundHandlerAdapter {
    final CompletableFuture<String> read = new CompletableFuture<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      read.complete(bytes.toString(StandardCharsets.US_ASCII));
      ctx.writeAndFlush(bytes);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theHandlerSeesTheFirstBytesOfThePeerAndVertxNone(boolean tls) {
    CompletableFuture<String> echoed = new CompletableFuture<>();
    NetServer server = server(tls);
    server.connectHandler(
        socket -> {
          socket.handler(bytes -> echoed.complete(bytes.toString()));
          socket.write("greeting");
        });
    int port = await(server.listen(0, "127.0.0.1")).actualPort();
    Echo echo = new Echo();
    CompletableFuture<String> vertxRead = new CompletableFuture<>();
    CompletableFuture<Void> closed = new CompletableFuture<>();
    CompletableFuture<Void> taken = new CompletableFuture<>();

    client
        .connect(to(port, tls))
        .onComplete(
            socket -> {
              SocketPipeline.take(socket, echo);
              socket.handler(bytes -> vertxRead.complete(bytes.toString()));
              socket.closeHandler(end -> closed.complete(null));
              taken.complete(null);
            },
            taken::completeExceptionally);

    await(taken);
    assertEquals("greeting", await(echo.read));
    assertEquals("greeting", await(echoed));
    await(server.close());
    await(closed);
    assertEquals("nothing", vertxRead.getNow("nothing"));
  }

  @Test
  void aSocketIsTakenOnItsEventLoopOnly() {
    NetServer server = server(false).connectHandler(socket -> {});
    int port = await(server.listen(0, "127.0.0.1")).actualPort();
    NetSocket socket = await(client.connect(to(port, false)));

    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> SocketPipeline.take(socket, new Echo()));

    assertTrue(refused.getMessage().contains("expected: the event loop"), refused::getMessage);
  }

  @Test
  void buffersShareOrCopyTheirBytes() {
    Buffer buffer = Buffer.buffer("body");
    ByteBuf bytes = Unpooled.copiedBuffer("reply", StandardCharsets.US_ASCII);

    assertEquals("body", SocketPipeline.bytes(buffer).toString(StandardCharsets.US_ASCII));
    Buffer copy = SocketPipeline.copy(bytes);
    bytes.setByte(0, 'x').release();
    assertEquals("reply and more", copy.appendString(" and more").toString());
  }

  private NetServer server(boolean tls) {
    NetServerOptions options = new NetServerOptions();
    if (tls) {
      options.setSsl(true).setKeyCertOptions(CERTIFICATE.identity());
    }
    return vertx.createNetServer(options);
  }

  private static ConnectOptions to(int port, boolean tls) {
    ConnectOptions to = new ConnectOptions().setHost("127.0.0.1").setPort(port).setSsl(tls);
    if (tls) {
      to.setSslOptions(
          new ClientSSLOptions()
              .setTrustOptions(CERTIFICATE.trust())
              .setHostnameVerificationAlgorithm("HTTPS"));
    }
    return to;
  }
}
