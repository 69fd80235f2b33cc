// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.FrameType.CLOSED;
import static dev.vertxmicro.runtime.grpc.FrameType.DATA;
import static dev.vertxmicro.runtime.grpc.FrameType.HEADERS;
import static dev.vertxmicro.runtime.grpc.FrameType.PING;
import static dev.vertxmicro.runtime.grpc.FrameType.RST_STREAM;
import static dev.vertxmicro.runtime.grpc.FrameType.SETTINGS;
import static dev.vertxmicro.runtime.grpc.FrameType.WINDOW_UPDATE;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.head;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.message;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.ok;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.status;
import static dev.vertxmicro.runtime.grpc.GrpcSteps.trailersOnly;
import static dev.vertxmicro.runtime.grpc.PlainClient.failure;
import static dev.vertxmicro.runtime.grpc.PlainClient.value;
import static dev.vertxmicro.runtime.grpc.Steps.announceGoAway;
import static dev.vertxmicro.runtime.grpc.Steps.data;
import static dev.vertxmicro.runtime.grpc.Steps.dataCutAt;
import static dev.vertxmicro.runtime.grpc.Steps.fin;
import static dev.vertxmicro.runtime.grpc.Steps.frame;
import static dev.vertxmicro.runtime.grpc.Steps.goAwayAfter;
import static dev.vertxmicro.runtime.grpc.Steps.goAwayBelow;
import static dev.vertxmicro.runtime.grpc.Steps.hold;
import static dev.vertxmicro.runtime.grpc.Steps.lastHeaders;
import static dev.vertxmicro.runtime.grpc.Steps.mute;
import static dev.vertxmicro.runtime.grpc.Steps.nothing;
import static dev.vertxmicro.runtime.grpc.Steps.raw;
import static dev.vertxmicro.runtime.grpc.Steps.reset;
import static dev.vertxmicro.runtime.grpc.Steps.roundTrip;
import static dev.vertxmicro.runtime.grpc.Steps.rst;
import static dev.vertxmicro.runtime.grpc.Steps.settings;
import static dev.vertxmicro.runtime.grpc.Steps.untilRequestEnds;
import static dev.vertxmicro.runtime.grpc.Steps.untilReset;
import static dev.vertxmicro.runtime.grpc.Steps.untilSettingsAck;
import static dev.vertxmicro.runtime.grpc.Steps.without;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.runtime.grpc.PlainClient.Answer;
import dev.vertxmicro.runtime.grpc.ScriptedConnection.Duty;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScriptedHttp2ServerIT {
  private final ScriptedHttp2Server server = ScriptedHttp2Server.start();
  private final PlainClient client = PlainClient.create();

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  // what is recorded

  @Test
  void recordsARequestFrameByFrame() {
    server.answer(ok("hi"));

    value(client.post(server.port(), "hello"));

    List<SeenFrame> frames = server.connection(0).frames();
    assertEquals(FrameType.OPENED, frames.get(0).type());
    assertEquals(SETTINGS, frames.get(1).type());
    List<SeenFrame> stream = frames.stream().filter(f -> f.streamId() == 1).toList();
    assertEquals(List.of(HEADERS, DATA), stream.stream().map(SeenFrame::type).toList());
    assertEquals(Optional.of("/test.Service/Method"), stream.get(0).header(":path"));
    assertFalse(stream.get(0).endsStream());
    assertEquals(message(Buffer.buffer("hello")), stream.get(1).payload());
    assertTrue(stream.get(1).endsStream());
  }

  @Test
  void gathersRequestsInTheOrderOfTheirEnds() {
    server.answer(ok("hi"));

    value(client.post(server.port(), "first"));
    value(client.post(server.port(), "second"));

    assertEquals(message(Buffer.buffer("first")), server.request(0).body());
    assertEquals(message(Buffer.buffer("second")), server.request(1).body());
    assertEquals(3, server.request(1).streamId());
    assertEquals(Optional.of("trailers"), server.request(1).header("te"));
    assertEquals(1, server.connections());
  }

  @Test
  void tellsTheSameStreamOfTwoConnectionsApart() {
    server.answer(ok("hi"));

    try (PlainClient other = PlainClient.create()) {
      value(client.post(server.port(), "one"));
      value(other.post(server.port(), "two"));
    }

    assertEquals(1, server.request(1).streamId());
    assertEquals(1, server.request(1).connection());
    assertEquals(message(Buffer.buffer("one")), server.request(0).body());
    assertEquals(message(Buffer.buffer("two")), server.request(1).body());
  }

  @Test
  void recordsTheClientsReset() {
    HttpClientRequest request = value(client.request(server.port()));
    PlainClient.send(request, Buffer.buffer("unanswered"));
    server.request(0);

    request.reset(8);

    SeenFrame reset = server.journal().await("RST_STREAM", f -> f.is(RST_STREAM, 1));
    assertEquals(8, reset.errorCode());
  }

  @Test
  void aScriptCanWaitForTheClientsReset() {
    server.answerNext(untilReset(), settings(Steps.MAX_CONCURRENT_STREAMS, 7), untilSettingsAck());
    HttpClientRequest request = value(client.request(server.port()));
    PlainClient.send(request, Buffer.buffer("unanswered"));
    server.request(0);

    request.reset(8);

    SeenFrame ack = server.journal().await("second ack", 1, f -> f.is(SETTINGS) && f.isAck());
    List<SeenFrame> frames = server.journal().entries();
    SeenFrame reset = server.journal().await("RST_STREAM", f -> f.is(RST_STREAM));
    assertTrue(frames.indexOf(reset) < frames.lastIndexOf(ack));
  }

  @Test
  void afterABarrierAllThatWasSentIsInTheJournal() {
    HttpClientConnection connection = value(client.connect(server.port()));
    value(
        client.onLoop(
            () -> {
              for (int i = 0; i < 20; i++) {
                connection.ping(Buffer.buffer().appendLong(i));
              }
              return Future.succeededFuture();
            }));

    server.connection(0).barrier();

    List<SeenFrame> pings =
        server.connection(0).frames().stream().filter(f -> f.is(PING) && !f.isAck()).toList();
    assertEquals(20, pings.size());
  }

  @Test
  void recordsWhatIsNoHttp2AsGarbage() {
    try (PlainClient tls = PlainClient.create(PlainClient.tls().setTrustAll(true))) {
      server.onConnect(nothing());

      tls.request(server.port());

      server.journal().await("a ClientHello", f -> f.is(FrameType.GARBAGE));
    }
  }

  // answers

  @Test
  void answersWithHeadDataAndTrailers() {
    server.answer(
        untilRequestEnds(),
        head("x-initial", "a"),
        dataCutAt(message(Buffer.buffer("hello")), 0, 1, 5, 7),
        lastHeaders("grpc-status", "0", "x-trailing", "b"));

    Answer answer = value(client.post(server.port(), "hi"));

    assertEquals(200, answer.head().statusCode());
    assertEquals("a", answer.head().getHeader("x-initial"));
    assertEquals(message(Buffer.buffer("hello")), answer.body());
    assertEquals("0", answer.trailer("grpc-status"));
    assertEquals("b", answer.trailer("x-trailing"));
  }

  @Test
  void answersWithTrailersOnly() {
    server.answer(trailersOnly(5, "nobody"));

    Answer answer = value(client.post(server.port(), "hi"));

    assertEquals("5", answer.head().getHeader("grpc-status"));
    assertEquals("nobody", answer.head().getHeader("grpc-message"));
    assertEquals(0, answer.body().length());
  }

  @Test
  void playsTheNextScriptsFirst() {
    server.answerNext(trailersOnly(1, "")).answerNext(trailersOnly(2, "")).answer(ok("hi"));

    assertEquals("1", value(client.post(server.port(), "a")).head().getHeader("grpc-status"));
    assertEquals("2", value(client.post(server.port(), "b")).head().getHeader("grpc-status"));
    assertEquals("0", value(client.post(server.port(), "c")).trailer("grpc-status"));
  }

  @Test
  void choosesTheScriptByTheRequest() {
    server.answerBy(request -> request.streamId() == 1 ? trailersOnly(3, "") : trailersOnly(4, ""));

    assertEquals("3", value(client.post(server.port(), "a")).head().getHeader("grpc-status"));
    assertEquals("4", value(client.post(server.port(), "b")).head().getHeader("grpc-status"));
  }

  @Test
  void holdsAScriptUntilTheTestReleasesIt() {
    server.answer(untilRequestEnds(), head(), hold("body"), data(Buffer.buffer("x")), status(0));
    HttpClientRequest request = value(client.request(server.port()));
    Future<Buffer> body =
        PlainClient.send(request, Buffer.buffer("hi")).compose(head -> head.body());
    value(request.response());
    server.connection(0).barrier();
    assertFalse(body.isComplete());

    server.release("body");

    assertEquals("x", value(body).toString());
  }

  @Test
  void sendsLargeBodiesAsTheWindowsAllow() {
    Buffer large = Buffer.buffer(new byte[1 << 20]);
    server.answer(ok(large));

    Answer answer = value(client.post(server.port(), "hi"));

    assertEquals(message(large), answer.body());
    server.journal().await("window", f -> f.is(WINDOW_UPDATE, 1));
  }

  @Test
  void dataWaitsForTheWindowOfItsStream() {
    answerWithDataAndThenSettings(1 << 20);
    HttpClientResponse paused = pausedAnswer();
    server.connection(0).barrier();
    assertEquals(1, settingsAcknowledged());

    paused.resume();

    awaitSettingsAcknowledged(2);
  }

  @Test
  void dataWaitsForTheWindowOfTheConnection() {
    answerWithDataAndThenSettings(40_000); // fits once, not twice
    HttpClientResponse first = pausedAnswer();
    HttpClientResponse second = pausedAnswer();
    server.connection(0).barrier();
    assertEquals(2, settingsAcknowledged());

    first.resume();
    second.resume();

    awaitSettingsAcknowledged(3);
  }

  @Test
  void sendsHeaderListsOfAnySize() {
    String large = "v".repeat(100_000);
    server.answer(untilRequestEnds(), head("x-large", large), status(0));

    assertEquals(large, value(client.post(server.port(), "hi")).head().getHeader("x-large"));
  }

  // endings

  @ParameterizedTest
  @EnumSource(Http2Error.class)
  void resetsWithEveryCode(Http2Error error) {
    server.answer(untilRequestEnds(), head(), reset(error));

    Throwable failure = failure(client.post(server.port(), "hi"));

    assertEquals(error.code(), assertInstanceOf(StreamResetException.class, failure).getCode());
  }

  @Test
  void resetsBeforeDuringAndAfterData() {
    server.answerNext(reset(Http2Error.REFUSED_STREAM));
    server.answerNext(untilRequestEnds(), head(), data(Buffer.buffer("xx")), reset(99));
    server.answer(ok("connection lives"));

    StreamResetException refused =
        assertInstanceOf(StreamResetException.class, failure(client.post(server.port(), "first")));
    StreamResetException odd =
        assertInstanceOf(StreamResetException.class, failure(client.post(server.port(), "second")));
    value(client.post(server.port(), "third"));

    assertEquals(7, refused.getCode());
    assertEquals(99, odd.getCode());
    assertEquals(1, server.connections());
  }

  @Test
  void goAwayBelowAStreamEndsItAndTheNextCallConnectsAnew() {
    server.answerNext(untilRequestEnds(), goAwayBelow(Http2Error.NO_ERROR)).answer(ok("hi"));

    assertInstanceOf(HttpClosedException.class, failure(client.post(server.port(), "lost")));
    value(client.post(server.port(), "again"));

    assertEquals(1, server.request(1).connection());
    assertEquals(2, server.connections());
  }

  @Test
  void aGracefulGoAwayLetsTheStreamEnd() {
    server.answerNext(
        untilRequestEnds(), announceGoAway(), goAwayAfter(Http2Error.NO_ERROR), head(), status(0));
    server.answer(ok("hi"));

    assertEquals("0", value(client.post(server.port(), "last")).trailer("grpc-status"));
    value(client.post(server.port(), "next"));

    assertEquals(1, server.request(1).connection());
  }

  @Test
  void endsAConnectionWithFin() throws IOException {
    server.onConnect(settings(), fin());

    try (Socket socket = connect()) {
      assertEquals(FrameParser.HEADER_LENGTH, socket.getInputStream().readAllBytes().length);
    }

    SeenFrame closed = server.journal().await("end", f -> f.is(CLOSED));
    assertEquals("by the server, FIN", closed.payload().toString());
  }

  @Test
  void endsAConnectionWithRst() throws IOException {
    server.onConnect(hold("client is there"), rst());

    try (Socket socket = connect()) {
      server.connection(0);
      server.release("client is there");
      assertThrows(SocketException.class, () -> socket.getInputStream().read());
    }

    SeenFrame closed = server.journal().await("end", f -> f.is(CLOSED));
    assertEquals("by the server, RST", closed.payload().toString());
  }

  @Test
  void failsTheCallsOfAConnectionThatEnds() {
    server.answerNext(untilRequestEnds(), head(), fin()).answerNext(untilRequestEnds(), rst());

    assertInstanceOf(HttpClosedException.class, failure(client.post(server.port(), "a")));
    assertInstanceOf(HttpClosedException.class, failure(client.post(server.port(), "b")));
  }

  @Test
  void recordsThatTheClientClosed() {
    HttpClientConnection connection = value(client.connect(server.port()));

    connection.close();

    SeenFrame closed = server.journal().await("end", f -> f.is(CLOSED));
    assertEquals("by the peer, FIN", closed.payload().toString());
  }

  // connections

  @Test
  void aMutePeerSendsNothingUntilReleased() {
    server.onConnect(mute(), hold("settings"), settings()).answer(ok("hi"));
    Future<Answer> answer = client.post(server.port(), "hello");
    server.journal().await("the client's SETTINGS", f -> f.is(SETTINGS));
    assertFalse(answer.isComplete());

    server.release("settings");

    value(answer);
  }

  @Test
  void limitsConcurrentStreams() {
    server
        .onConnect(settings(Steps.MAX_CONCURRENT_STREAMS, 1))
        .answer(untilRequestEnds(), hold("answer"), head(), status(0));
    Future<Answer> first = client.post(server.port(), "a");
    server.request(0);
    Future<Answer> second = client.post(server.port(), "b");
    server.connection(0).barrier();
    assertEquals(1, count(HEADERS));

    server.release("answer");

    value(first);
    value(second);
    assertEquals(1, server.connections());
  }

  @Test
  void lowersTheStreamLimitLater() {
    server.answer(ok("hi"));
    value(client.post(server.port(), "a"));

    server.connection(0).play(settings(Steps.MAX_CONCURRENT_STREAMS, 0), untilSettingsAck());
    Future<Answer> held = client.post(server.port(), "b");
    server.connection(0).barrier();
    assertEquals(1, count(HEADERS));
    server.connection(0).play(settings(Steps.MAX_CONCURRENT_STREAMS, 1));

    value(held);
  }

  @Test
  void aSmallWindowHoldsTheRequestBodyBack() {
    server
        .onConnect(settings(Steps.INITIAL_WINDOW_SIZE, 10), without(Duty.WINDOW_UPDATE))
        .answer(ok("hi"));
    Future<Answer> answer = client.post(server.port(), Buffer.buffer(new byte[25]));
    server.journal().await("DATA", f -> f.is(DATA));
    server.connection(0).barrier();
    assertEquals(10, bytesReceived());

    server
        .connection(0)
        .play(1, frame(WINDOW_UPDATE, 0, Buffer.buffer().appendInt(15)), untilRequestEnds());

    assertEquals(25, bytesReceived());
    value(answer);
  }

  @Test
  void answersPings() {
    HttpClientConnection connection = value(client.connect(server.port()));

    assertEquals(7, value(client.ping(connection, 7)).getLong(0));
  }

  @Test
  void leavesPingsUnansweredWhenToldTo() {
    server.onConnect(settings(), without(Duty.PING_ACK));
    HttpClientConnection connection = value(client.connect(server.port()));
    Future<Buffer> ping = client.ping(connection, 7);
    server.journal().await("PING", f -> f.is(PING));

    server.connection(0).barrier();

    assertFalse(ping.isComplete());
  }

  @Test
  void greetsWithBytesThatAreNoHttp2() {
    server.onConnect(raw("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"));

    String failure = failure(client.post(server.port(), "hi")).toString();

    assertTrue(failure.contains("SETTINGS"), failure);
  }

  @Test
  void refusesConnections() {
    server.refuseConnections();

    assertInstanceOf(ConnectException.class, failure(client.post(server.port(), "hi")));
  }

  @Test
  void connectScriptsOfOneConnectionComeFirst() {
    server.onNextConnect(fin()).answer(ok("hi"));

    failure(client.post(server.port(), "a"));
    value(client.post(server.port(), "b"));

    assertEquals(2, server.connections());
  }

  // faults of the test itself

  @Test
  void aBrokenScriptFailsTheTest() {
    ScriptedHttp2Server broken = ScriptedHttp2Server.start();
    broken.answerBy(
        request -> {
          throw new IllegalStateException("broken script");
        });

    client.post(broken.port(), "hi");

    assertThrows(AssertionError.class, () -> broken.journal().await("never", f -> false));
    AssertionError error = assertThrows(AssertionError.class, broken::close);
    assertEquals("broken script", error.getCause().getMessage());
  }

  @Test
  void aScriptThatTheConnectionsEndCutsShortFailsItsPlay() {
    value(client.connect(server.port()));

    AssertionError error =
        assertThrows(AssertionError.class, () -> server.connection(0).play(fin(), hold("never")));

    assertTrue(error.getMessage().contains("never"), error.getMessage());
    assertThrows(AssertionError.class, () -> server.connection(0).play(roundTrip()));
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", server.port());
    socket.setSoTimeout((int) Journal.PATIENCE.toMillis());
    return socket;
  }

  private long count(FrameType type) {
    return server.journal().entries().stream().filter(f -> f.is(type)).count();
  }

  private void answerWithDataAndThenSettings(int bytes) {
    Step data = data(Buffer.buffer(new byte[bytes]));
    server.answer(untilRequestEnds(), head(), data, settings(Steps.MAX_CONCURRENT_STREAMS, 7));
  }

  private HttpClientResponse pausedAnswer() {
    HttpClientRequest request = value(client.request(server.port()));
    Future<HttpClientResponse> head = PlainClient.send(request, Buffer.buffer("hi"));
    return value(head.map(response -> response.pause().handler(bytes -> {})));
  }

  private long settingsAcknowledged() {
    return server.journal().entries().stream().filter(f -> f.is(SETTINGS) && f.isAck()).count();
  }

  private void awaitSettingsAcknowledged(int times) {
    server.journal().await("SETTINGS ACK", times - 1, f -> f.is(SETTINGS) && f.isAck());
  }

  private int bytesReceived() {
    return server.journal().entries().stream()
        .filter(f -> f.is(DATA))
        .mapToInt(SeenFrame::length)
        .sum();
  }
}
