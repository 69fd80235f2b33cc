// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static dev.vertxmicro.runtime.rest.Waiting.await;
import static dev.vertxmicro.runtime.rest.Waiting.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.TestCertificate;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that misbehave, and other ways to reach one. */
class RestFaultsIT {

  private Vertx vertx;
  private Wire wire;
  private RawServer server;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    wire = new Wire(vertx, new RestOptions(), 1);
  }

  @AfterEach
  void stop() {
    wire.close();
    assertEquals("connections=0, streams=0, queued=0", wire.observer().toString());
    if (server != null) {
      server.close();
    }
    await(vertx.close());
  }

  private Node serve(BiConsumer<NetSocket, String> answer) {
    server = new RawServer(vertx, answer);
    return server.node();
  }

  /** The next call gets a connection of its own, and its own answer. */
  private void assertGoesOn(Node node, int connections) {
    assertEquals("fine", await(wire.call(node, "GET /fine")).body().toString());
    assertEquals(connections, server.connections());
  }

  private static boolean fine(NetSocket socket, String head) {
    if (head.startsWith("GET /fine ")) {
      socket.write(RawServer.ok("fine"));
      return true;
    }
    return false;
  }

  @ParameterizedTest
  @CsvSource({
    "'', UNKNOWN, UNAVAILABLE",
    "'HTTP/1.1 200 O', UNKNOWN, UNAVAILABLE",
    "'HTTP/1.1 200 OK~Content-Length: 9~~half', YES, UNAVAILABLE",
    "'HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5~hel', YES, UNAVAILABLE"
  })
  void aCloseWithinAnAnswerIsNoReply(String bytes, Processed processed, GrpcStatus status) {
    Node node =
        serve(
            (socket, head) -> {
              if (!fine(socket, head)) {
                socket.end(Buffer.buffer(bytes.replace("~", "\r\n")));
              }
            });

    RpcException lost = failure(wire.call(node, "GET /x"));

    assertEquals(status, lost.grpcStatus());
    assertEquals(processed, lost.processed());
    assertGoesOn(node, 2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH~",
        "HTTP/1.1 200 OK~Content-Length: 1~Content-Length: 2~~",
        "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~nonsense~"
      })
  void garbageFailsTheCallAndItsConnection(String bytes) {
    Node node =
        serve(
            (socket, head) -> {
              if (!fine(socket, head)) {
                socket.write(bytes.replace("~", "\r\n"));
              }
            });

    assertEquals(GrpcStatus.INTERNAL, failure(wire.call(node, "GET /x")).grpcStatus());
    assertGoesOn(node, 2);
  }

  @Test
  void answersMayComeByteByByte() {
    String answer =
        "HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n"
            + RawServer.chunk("hello")
            + RawServer.chunk(" world")
            + "0\r\nX-T: u\r\n\r\n";
    Node node = serve((socket, head) -> byByte(socket, answer, 0));

    for (int i = 0; i < 3; i++) {
      Message reply = await(wire.call(node, "GET /x"));
      assertEquals("hello world", reply.body().toString());
      assertEquals("u", reply.trailers().get("x-t"));
    }
    assertEquals(1, server.connections());
  }

  private void byByte(NetSocket socket, String answer, int at) {
    if (at < answer.length()) {
      socket
          .write(answer.substring(at, at + 1))
          .onSuccess(v -> vertx.runOnContext(next -> byByte(socket, answer, at + 1)));
    }
  }

  @Test
  void aFloodOfHeadersIsCut() {
    Node node =
        serve(
            (socket, head) -> {
              if (!fine(socket, head)) {
                socket.write("HTTP/1.1 200 OK\r\n" + "X-A: b\r\n".repeat(100_000));
              }
            });

    RpcException flood = failure(wire.call(node, "GET /x"));

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, flood.grpcStatus());
    assertGoesOn(node, 2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFloodOfBodyIsCut(boolean said) {
    String body = "x".repeat(Wire.MOST_BYTES + 1);
    Node node =
        serve(
            (socket, head) -> {
              if (!fine(socket, head)) {
                socket.write(
                    said
                        ? RawServer.ok(body)
                        : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + RawServer.chunk(body));
              }
            });

    RpcException flood = failure(wire.call(node, "GET /x"));

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, flood.grpcStatus());
    assertEquals(Processed.YES, flood.processed());
    assertGoesOn(node, 2);
  }

  @Test
  void ofAnErrorTheFirstBytesAreKept() {
    String body = "e".repeat(1_000_000);
    Node node =
        serve(
            (socket, head) ->
                socket.write("HTTP/1.1 500 Oops\r\nContent-Length: 1000000\r\n\r\n" + body));

    RpcException failed = failure(wire.call(node, "GET /x"));

    assertEquals(500, failed.code());
    assertEquals(64 * 1024, ((HttpError) failed.getCause()).body().length());
    assertEquals(4_096, failed.detail().length());
  }

  @Test
  void aSecondAnswerReachesNobody() {
    Node node =
        serve(
            (socket, head) -> {
              if (!fine(socket, head)) {
                socket.write(RawServer.ok("first") + RawServer.ok("second"));
              }
            });

    assertEquals("first", await(wire.call(node, "GET /x")).body().toString());
    assertGoesOn(node, 2);
  }

  @Test
  void aLateAnswerReachesNobody() {
    List<Runnable> late = new ArrayList<>();
    Node node =
        serve(
            (socket, head) -> {
              if (!fine(socket, head)) {
                late.add(() -> socket.write(RawServer.ok("late")));
              }
            });
    Exchange given = wire.onLoop(() -> wire.start(node, Wire.request("GET /x")));
    wire.onLoop(
        () -> {
          given.cancel();
          return true;
        });
    assertEquals(499, failure(given.reply()).code());

    late.forEach(Runnable::run);
    assertEquals("fine", await(wire.call(node, "GET /fine")).body().toString());
  }

  @Test
  void whatIsSaidUnaskedClosesTheConnection() {
    List<NetSocket> sockets = new ArrayList<>();
    Node node =
        serve(
            (socket, head) -> {
              sockets.add(socket);
              fine(socket, head);
            });
    assertGoesOn(node, 1);

    await(sockets.get(0).write("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"));

    // Either the bytes have come before the call, or they make it fail: never a wrong answer.
    Message reply = await(wire.call(node, "GET /fine").otherwiseEmpty());
    assertTrue(reply == null || reply.body().toString().equals("fine"));
  }

  @ParameterizedTest
  @CsvSource({
    "307, '', 307, UNKNOWN, YES, 307 Reason",
    "400, '{\"code\":400,\"message\":\"bad cid\"}', 400, INVALID_ARGUMENT, YES, bad cid",
    "404, '{\"message\":\"gone\"}', 404, NOT_FOUND, YES, gone",
    "500, plain text, 500, INTERNAL, YES, plain text",
    "500, '[1]', 500, INTERNAL, YES, [1]",
    "502, '', 502, UNAVAILABLE, UNKNOWN, 502 Reason",
    "421, '', 421, UNAVAILABLE, REFUSED, 421 Reason",
    "429, '{\"error\":\"slow down\"}', 429, RESOURCE_EXHAUSTED, YES, slow down"
  })
  void statusCodesAreErrors(
      int status, String body, int code, GrpcStatus grpc, Processed processed, String detail) {
    Node node =
        serve(
            (socket, head) ->
                socket.write(
                    "HTTP/1.1 %d Reason\r\nLocation: /y\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(status, body.length(), body)));

    RpcException failed = failure(wire.call(node, "GET /x"));

    assertEquals(code, failed.code());
    assertEquals(grpc, failed.grpcStatus());
    assertEquals(processed, failed.processed());
    assertEquals(detail, failed.detail());
    assertEquals("/y", failed.metadata().get("location"));
    assertEquals(status, ((HttpError) failed.getCause()).status());
    failure(wire.call(node, "GET /x"));
    assertEquals(1, server.connections());
  }

  @Test
  void connectionsThatCloseAgainAndAgainHurtNobodyElse() {
    int[] count = new int[1];
    Node node =
        serve(
            (socket, head) -> {
              if (++count[0] % 3 == 0) {
                socket.close();
              } else {
                socket.write(RawServer.ok(head.substring(5, head.indexOf(' ', 5))));
              }
            });
    int lost = 0;
    for (int i = 0; i < 300; i++) {
      String name = "call-" + i;
      Message reply = null;
      try {
        reply = await(wire.call(node, "GET /" + name));
      } catch (RpcException failed) {
        assertEquals(Processed.UNKNOWN, failed.processed());
        lost++;
      }
      assertTrue(reply == null || reply.body().toString().equals(name));
    }
    assertEquals(100, lost);
    assertEquals(100, server.connections());
  }

  @Test
  void metadataThatCannotBeSentIsRefused() {
    Node node = serve(RestFaultsIT::fine);
    Message request = Wire.request("GET /fine").withHeaders(Metadata.of("x-a", "b\u0007"));

    RpcException refused = failure(wire.call(node, request));

    assertEquals(GrpcStatus.INVALID_ARGUMENT, refused.grpcStatus());
    assertEquals(Processed.NOT_SENT, refused.processed());
    assertEquals(0, server.connections());
  }

  @Test
  void callsThatWaitAreBounded() {
    wire.close();
    wire = new Wire(vertx, new RestOptions().setMaxQueuedPerNode(1), 1);
    Node node = serve((socket, head) -> {});
    List<Exchange> calls =
        wire.onLoop(
            () ->
                List.of(
                    wire.start(node, Wire.request("GET /x")),
                    wire.start(node, Wire.request("GET /x"))));

    RpcException refused = failure(calls.get(1).reply());

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.grpcStatus());
    assertEquals(1, wire.observer().limitReachedTimes("queue"));
    wire.onLoop(
        () -> {
          calls.get(0).cancel();
          return true;
        });
  }

  // ---- other ways

  @Test
  void checksCertificatesUnlessToldOtherwise() {
    wire.close();
    TestCertificate certificate = TestCertificate.forLoopback();
    HttpServer tls =
        vertx
            .createHttpServer(
                new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.identity()))
            .requestHandler(request -> request.response().end("by TLS"));
    await(tls.listen(0, "127.0.0.1"));
    Node node = Node.of("tls", "https://127.0.0.1:" + tls.actualPort());

    wire = new Wire(vertx, new RestOptions(), 1);
    RpcException refused = failure(wire.call(node, "GET /x"));
    wire.close();
    ClientSSLOptions trusting = new ClientSSLOptions().setTrustOptions(certificate.trust());
    wire = new Wire(vertx, new RestOptions().addSsl(node.address(), trusting), 1);

    assertEquals(Processed.NOT_SENT, refused.processed());
    assertEquals(GrpcStatus.UNAVAILABLE, refused.grpcStatus());
    assertEquals("by TLS", await(wire.call(node, "GET /x")).body().toString());
    await(tls.close());
  }

  @Test
  void callsOverAUnixSocket(@TempDir Path directory) {
    Path path = directory.resolve("api.sock");
    HttpServer unix =
        vertx
            .createHttpServer()
            .requestHandler(request -> request.response().end(request.getHeader("Host")));
    await(unix.listen(SocketAddress.domainSocketAddress(path.toString())));

    Node node = Node.of("unix", "unix:" + path);
    assertEquals("localhost", await(wire.call(node, "GET /x")).body().toString());
    RpcException absent =
        failure(wire.call(Node.of("no", "unix:" + directory.resolve("none")), "GET /x"));

    assertEquals(Processed.NOT_SENT, absent.processed());
    assertTrue(absent.detail().contains("unix domain socket"), absent.detail());
    assertFalse(absent.detail().contains("neither"), absent.detail());
    await(unix.close());
  }
}
