// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.FlakyProxy.Direction.TO_CLIENT;
import static dev.vertxmicro.runtime.grpc.FlakyProxy.Direction.TO_SERVER;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.message;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.ok;
import static dev.vertxmicro.runtime.grpc.PlainClient.failure;
import static dev.vertxmicro.runtime.grpc.PlainClient.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.runtime.grpc.FlakyProxy.Cut;
import dev.vertxmicro.runtime.grpc.PlainClient.Answer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FlakyProxyIT {
  private final ScriptedHttp2Server server = ScriptedHttp2Server.start().answer(ok("hi"));
  private final FlakyProxy proxy = FlakyProxy.to(server.port());
  private final PlainClient client = PlainClient.create();

  @AfterEach
  void close() {
    client.close();
    proxy.close();
    server.close();
  }

  @Test
  void forwardsAndTapsBothWays() {
    value(client.post(proxy.port(), "hello"));

    List<SeenFrame> received = server.connection(0).frames();
    List<SeenFrame> tapped = proxy.tap().frames(0, TO_SERVER);
    assertEquals(received.subList(1, received.size()), tapped.subList(0, received.size() - 1));
    SeenFrame answer = proxy.tap().awaitFrame("DATA", 0, TO_CLIENT, f -> f.is(FrameType.DATA, 1));
    assertEquals(message(Buffer.buffer("hi")), answer.payload());
    assertEquals(proxy.tap().bytes(0, TO_CLIENT).length(), proxy.tap().count(TO_CLIENT));
    assertEquals(1, proxy.tap().connections());
  }

  @Test
  void forwardsLargeBodies() {
    Buffer large = Buffer.buffer(new byte[4 << 20]);
    server.answer(ok(large));

    assertEquals(message(large), value(client.post(proxy.port(), large)).body());

    assertTrue(proxy.tap().count(TO_SERVER) > large.length());
    assertTrue(proxy.tap().count(TO_CLIENT) > large.length());
  }

  @Test
  void aDelayedChunkArrivesInTheEnd() {
    proxy.delay(TO_SERVER, Duration.ofMillis(2)).delay(TO_CLIENT, Duration.ofMillis(1));

    assertEquals(message(Buffer.buffer("hi")), value(client.post(proxy.port(), "a")).body());
  }

  @Test
  void nothingOvertakesADelayedChunk() throws IOException {
    Buffer settings = FrameWriter.frame(FrameType.SETTINGS, 0, 0, Buffer.buffer());
    Buffer greeting = FrameParser.PREFACE.copy().appendBuffer(settings);
    try (Socket socket = connect()) {
      proxy.delay(TO_SERVER, Duration.ofHours(1));
      socket.getOutputStream().write(greeting.getBytes());
      proxy.tap().awaitBytes(0, TO_SERVER, greeting.length());
      proxy.delay(TO_SERVER, Duration.ZERO);
      socket.getOutputStream().write('!');
      proxy.tap().awaitBytes(0, TO_SERVER, greeting.length() + 1);

      proxy.cut(Cut.FIN);
    }

    // neither SETTINGS, as without a delay, nor GARBAGE, as from a lone "!"
    assertEquals(List.of(FrameType.OPENED, FrameType.CLOSED), typesUntilTheEnd());
  }

  @Test
  void stallsAndResumesWithoutLoss() {
    value(client.post(proxy.port(), "warm"));
    long before = proxy.tap().count(TO_CLIENT);
    proxy.stall(TO_CLIENT);
    Future<Answer> answer = client.post(proxy.port(), "hello");
    server.request(1);
    server.connection(0).play(Steps.ping());

    proxy.stall(TO_CLIENT).stall(TO_CLIENT); // the proxy's loop has selected in between

    assertEquals(before, proxy.tap().count(TO_CLIENT));
    proxy.resume(TO_CLIENT);
    assertEquals("0", value(answer).trailer("grpc-status"));
  }

  @Test
  void aVanishedClientsBytesDoNotArrive() {
    HttpClientConnection connection = value(client.connect(proxy.port()));
    value(client.ping(connection, 1));

    proxy.vanish();
    client.ping(connection, 2);
    proxy.tap().awaitFrame("PING", 0, TO_SERVER, f -> f.payload().equals(eight(2)));
    proxy.cut(Cut.FIN);

    assertFalse(typesUntilTheEnd().isEmpty());
    List<SeenFrame> frames = server.connection(0).frames();
    assertTrue(frames.stream().anyMatch(f -> f.payload().equals(eight(1))));
    assertTrue(frames.stream().noneMatch(f -> f.payload().equals(eight(2))));
  }

  @Test
  void aVanishedServersFinDoesNotArrive() throws IOException {
    try (Socket socket = connect()) {
      server.connection(0);
      proxy.tap().awaitBytes(0, TO_CLIENT, FrameParser.HEADER_LENGTH);

      proxy.vanish();
      server.connection(0).play(Steps.fin());
      proxy.tap().awaitEnd(0, TO_CLIENT);

      proxy.cut(Cut.RST); // seen by the client only if no FIN came before
      assertThrows(SocketException.class, () -> drain(socket));
    }
  }

  @Test
  void cutsWithFin() throws IOException {
    try (Socket socket = connect()) {
      proxy.tap().awaitBytes(0, TO_CLIENT, FrameParser.HEADER_LENGTH);

      proxy.cut(Cut.FIN);

      assertEquals(FrameParser.HEADER_LENGTH, drain(socket));
    }
    server.journal().await("end", f -> f.is(FrameType.CLOSED));
  }

  @Test
  void cutsWithRst() throws IOException {
    try (Socket socket = connect()) {
      server.connection(0);
      proxy.tap().awaitBytes(0, TO_CLIENT, FrameParser.HEADER_LENGTH);

      proxy.cut(Cut.RST);

      assertThrows(SocketException.class, () -> drain(socket));
    }
    SeenFrame end = server.journal().await("end", f -> f.is(FrameType.CLOSED));
    assertTrue(end.payload().toString().contains("reset"), end.toString());
  }

  @Test
  void servesNewConnectionsAfterACut() {
    server.answerNext(Steps.nothing());
    Future<Answer> lost = client.post(proxy.port(), "a");
    server.request(0);

    proxy.cut(Cut.FIN);

    assertInstanceOf(HttpClosedException.class, failure(lost));
    value(client.post(proxy.port(), "b"));
    assertEquals(2, proxy.tap().connections());
  }

  @Test
  void cutsAfterAGivenByte() throws IOException {
    server.onConnect(Steps.raw("0123456789"));
    proxy.cutAfter(TO_CLIENT, 4, Cut.FIN);

    try (Socket socket = connect()) {
      assertArrayEquals("0123".getBytes(UTF_8), socket.getInputStream().readAllBytes());
    }
  }

  @Test
  void passesFinOnInBothDirections() throws IOException {
    try (Socket socket = connect()) {
      server.connection(0).play(Steps.fin());
      assertEquals(FrameParser.HEADER_LENGTH, drain(socket));
    }
    SeenFrame end = server.journal().await("end", f -> f.is(FrameType.CLOSED));
    assertEquals("by the server, FIN", end.payload().toString());
  }

  @Test
  void passesRstOn() throws IOException {
    try (Socket socket = connect()) {
      server.connection(0);
      proxy.tap().awaitBytes(0, TO_CLIENT, FrameParser.HEADER_LENGTH);
      server.connection(0).play(Steps.rst());

      assertThrows(SocketException.class, () -> drain(socket));
    }
  }

  @Test
  void resetsTheClientWhenTheTargetRefuses() throws IOException {
    server.refuseConnections();

    try (Socket socket = connect()) {
      assertThrows(SocketException.class, () -> drain(socket));
    }
  }

  private List<FrameType> typesUntilTheEnd() {
    server.journal().await("end", f -> f.is(FrameType.CLOSED));
    return server.journal().entries().stream().map(SeenFrame::type).toList();
  }

  private static Buffer eight(long value) {
    return Buffer.buffer().appendLong(value);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", proxy.port());
    socket.setSoTimeout((int) Journal.PATIENCE.toMillis());
    return socket;
  }

  private static int drain(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    return in.readAllBytes().length;
  }
}
