// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.GrpcCaller.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcCounters;
import dev.vertxmicro.runtime.RpcStream;
import dev.vertxmicro.runtime.server.RpcServer;
import dev.vertxmicro.runtime.server.ServerOptions;
import dev.vertxmicro.runtime.server.ServerStream;
import dev.vertxmicro.runtime.transport.TestCertificate;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Both ends of this runtime on the sockets and the TLS that a machine may have besides Java's own.
 * What it has not is left out, and the reason told.
 */
@Timeout(60)
class NativeSocketsIT {

  private static final TestCertificate CERTIFICATE = TestCertificate.forLoopback();
  private static final int CALLS = 500;
  private static final int LARGE_BYTES = 300_000;
  private static final int MESSAGES = 2_000;

  static {
    // Netty 4.2.9 asserts that its array of buffers is empty where its own next line allows for one
    // that is not (several writes in one turn), and the event loop dies of it. Where assertions are
    // off, as they usually are, nothing is wrong.
    NativeSocketsIT.class
        .getClassLoader()
        .setClassAssertionStatus("io.netty.channel.uring.IoUringIoHandler", false);
  }

  enum Sockets {
    NIO(Transport.NIO),
    EPOLL(Transport.EPOLL),
    IO_URING(Transport.IO_URING);

    private final @Nullable Transport transport;

    /** Vert.x has none of a kind whose classes are not there. */
    Sockets(@Nullable Transport transport) {
      this.transport = transport;
    }

    Transport orLeaveOut() {
      assumeTrue(transport != null, () -> this + ": not on the class path");
      assumeTrue(transport.available(), () -> this + ": " + transport.unavailabilityCause());
      return transport;
    }
  }

  enum Tls {
    NONE,
    JDK,
    OPEN_SSL;

    void orLeaveOut() {
      assumeTrue(
          this != OPEN_SSL || OpenSsl.isAvailable(),
          () -> "OpenSSL: " + OpenSsl.unavailabilityCause());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NIO, OPEN_SSL",
    "EPOLL, NONE",
    "EPOLL, JDK",
    "EPOLL, OPEN_SSL",
    "IO_URING, NONE",
    "IO_URING, JDK",
    "IO_URING, OPEN_SSL"
  })
  void carryCallsAndStreams(Sockets sockets, Tls tls) {
    tls.orLeaveOut();
    Vertx vertx = Vertx.builder().withTransport(sockets.orLeaveOut()).build();
    assertEquals(sockets != Sockets.NIO, vertx.isNativeTransportEnabled());
    RpcCounters counters = new RpcCounters();
    MemoryRegistry registry = MemoryRegistry.create(vertx);
    RpcServer server = serve(vertx, tls);
    await(server.start(registry));
    RpcClient client =
        RpcClient.builder(vertx)
            .withRegistry(registry)
            .withObserver(counters)
            .withTransport(new GrpcTransports(options(tls)))
            .build();

    call(client);
    stream(client);

    await(client.close());
    assertEquals(0, counters.openConnections(), counters.toString());
    assertEquals(0, counters.openStreams(), counters.toString());
    await(server.close());
    await(vertx.close());
  }

  private static RpcServer serve(Vertx vertx, Tls tls) {
    ServerOptions options = new ServerOptions("echo");
    if (tls != Tls.NONE) {
      options.setSsl(new ServerSSLOptions().setKeyCertOptions(CERTIFICATE.identity()));
    }
    return RpcServer.create(vertx, options)
        .handle("Echo.Say", Buffer.class, Future::succeededFuture)
        .handleStream(
            "Echo.All",
            Buffer.class,
            (ServerStream<Buffer, Buffer> stream) -> stream.pipeTo(stream));
  }

  private static GrpcOptions options(Tls tls) {
    GrpcOptions options =
        new GrpcOptions().setEngine(GrpcEngine.NETTY).setOpenSsl(tls == Tls.OPEN_SSL);
    return tls == Tls.NONE
        ? options
        : options.setSsl(new ClientSSLOptions().setTrustOptions(CERTIFICATE.trust()));
  }

  private static void call(RpcClient client) {
    List<Future<Buffer>> replies = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      Buffer body = i == 0 ? Buffer.buffer(new byte[LARGE_BYTES]) : Buffer.buffer("call " + i);
      replies.add(
          client.call(
              Request.of("echo", "Echo.Say", body, Buffer.class),
              CallOption.contentType("application/grpc+bytes")));
    }
    for (int i = 0; i < CALLS; i++) {
      Buffer reply = await(replies.get(i));
      assertEquals(i == 0 ? LARGE_BYTES : ("call " + i).length(), reply.length());
    }
  }

  private static void stream(RpcClient client) {
    RpcStream<Buffer, Buffer> stream =
        await(
            client.stream(
                Request.stream("echo", "Echo.All", Buffer.class, Buffer.class),
                CallOption.contentType("application/grpc+bytes")));
    List<String> seen = new ArrayList<>();
    Promise<Void> ended = Promise.promise();
    stream.handler(message -> seen.add(message.toString()));
    stream.endHandler(end -> ended.complete()).exceptionHandler(ended::tryFail);
    stream.resume();
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < MESSAGES; i++) {
      sent.add("message " + i);
      stream.write(Buffer.buffer("message " + i));
    }
    stream.end();

    await(ended.future());
    assertEquals(sent, seen);
  }

  @Test
  void openSslIsWhatDoesTlsIfItIsToldTo() {
    Tls.OPEN_SSL.orLeaveOut();
    Vertx vertx = Vertx.vertx();
    NetServerOptions served =
        new NetServerOptions().setSsl(true).setKeyCertOptions(CERTIFICATE.identity());
    int port =
        await(vertx.createNetServer(served).connectHandler(socket -> {}).listen(0, "127.0.0.1"))
            .actualPort();
    GrpcOptions options = options(Tls.OPEN_SSL);
    NetClient client = vertx.createNetClient(options.toNet());

    NetSocket socket =
        await(
            client.connect(
                new ConnectOptions()
                    .setHost("127.0.0.1")
                    .setPort(port)
                    .setSsl(true)
                    .setSslOptions(options.tls())));

    SslHandler handler =
        ((NetSocketInternal) socket).channelHandlerContext().pipeline().get(SslHandler.class);
    assertInstanceOf(ReferenceCountedOpenSslEngine.class, handler.engine());
    await(client.close()); // Vert.x closes one that nothing refers to, and its sockets with it.
    await(vertx.close());
  }
}
