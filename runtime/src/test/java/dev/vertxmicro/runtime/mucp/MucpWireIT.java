// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import static dev.vertxmicro.runtime.mucp.ScriptedHttpServer.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.mucp.MucpCaller.Call;
import dev.vertxmicro.runtime.mucp.ScriptedHttpServer.Peer;
import dev.vertxmicro.runtime.mucp.ScriptedHttpServer.Script;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of calls, and which connections they take. */
class MucpWireIT {

  @Test
  void aCallLooksLikeOneOfGoMicro() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start();
        MucpCaller caller = MucpCaller.create(4, new MucpOptions().setStreamIdOnCalls(false))) {
      Message request =
          Message.request("test.svc", "Say.Hello")
              .contentType("application/json")
              .headers(Metadata.of("foo-bar", "baz", "Authorization", "Bearer x"))
              .body(Buffer.buffer("{\"name\":\"md\"}"))
              .build();

      caller
          .call(MucpCaller.node(server.address()), request, caller.in(Duration.ofSeconds(5)))
          .body();

      assertEquals(
          """
          POST / HTTP/1.1
          Host: %s
          User-Agent: vertx-micro/0.1
          Content-Length: 13
          Accept: application/json
          Content-Type: application/json
          Micro-Endpoint: Say.Hello
          Micro-Id: 0
          Micro-Method: Say.Hello
          Micro-Service: test.svc
          Timeout: 5000000000
          Authorization: Bearer x
          Foo-Bar: baz

          {"name":"md"}\
          """
              .formatted(server.address())
              .replace("\n", "\r\n"),
          server.nextRequest());
    }
  }

  @Test
  void eachCallHasANumberOfItsOwn() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start();
        MucpCaller caller = MucpCaller.create(4, new MucpOptions().setUserAgent("me"))) {
      for (int i = 0; i < 3; i++) {
        caller.call(server.address()).body();

        String request = server.nextRequest();
        assertTrue(request.contains("\r\nMicro-Id: " + i + "\r\n"), request);
        assertTrue(request.contains("\r\nMicro-Stream: " + i + "\r\n"), request);
        assertTrue(request.contains("\r\nUser-Agent: me\r\n"), request);
        assertFalse(request.contains("Timeout"), request);
      }
    }
  }

  @Test
  void metadataOfTheProtocolStaysHere() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start();
        MucpCaller caller = MucpCaller.create()) {
      Message request =
          MucpCaller.request("")
              .withHeaders(
                  Metadata.of(
                      "Micro-Topic",
                      "t",
                      "micro-id",
                      "7",
                      "X-Micro-Service",
                      "other",
                      "Expect",
                      "100-continue",
                      "Connection",
                      "close",
                      "content-length",
                      "5",
                      "Host",
                      "h",
                      "Micro-Error",
                      "EOS",
                      "Micro-From-Service",
                      "me",
                      "x-n",
                      "caf\u00e9",
                      "x-two",
                      "1",
                      "X-Two",
                      "2"));

      caller.call(MucpCaller.node(server.address()), request, Deadline.NONE).body();

      String head = server.nextRequest();
      List<String> names =
          head.lines().skip(1).filter(l -> l.contains(": ")).map(l -> l.split(": ")[0]).toList();
      assertEquals(
          List.of(
              "Host",
              "User-Agent",
              "Content-Length",
              "Accept",
              "Content-Type",
              "Micro-Endpoint",
              "Micro-Id",
              "Micro-Method",
              "Micro-Service",
              "Micro-Stream",
              "Micro-From-Service",
              "X-N",
              "X-Two"),
          names);
      assertTrue(head.contains("X-N: caf\u00c3\u00a9\r\n"), head);
      assertTrue(head.contains("X-Two: 1, 2\r\n"), head);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Say.Hello, Say.Hello",
    "/pkg.v1.Say/Hello, Say.Hello",
    "/Say/Hello, Say.Hello",
    "Hello, Hello"
  })
  void theMethodIsThatOfGoMicro(String endpoint, String method) {
    try (ScriptedHttpServer server = ScriptedHttpServer.start();
        MucpCaller caller = MucpCaller.create()) {
      Message request = Message.request("svc", endpoint).contentType(WireType.JSON).build();

      caller.call(MucpCaller.node(server.address()), request, Deadline.NONE).body();

      String head = server.nextRequest();
      assertTrue(head.contains("Micro-Endpoint: " + method + "\r\n"), head);
      assertTrue(head.contains("Micro-Method: " + method + "\r\n"), head);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rMicro-Id: 1", "a\u0000"})
  void namesThatWouldBreakTheHeadAreRefused(String name) {
    try (ScriptedHttpServer server = ScriptedHttpServer.start();
        MucpCaller caller = MucpCaller.create()) {
      for (Message bad :
          List.of(
              Message.request(name, "Say.Hello").contentType(WireType.JSON).build(),
              Message.request("svc", name).contentType(WireType.JSON).build())) {
        RpcException failure =
            caller.call(MucpCaller.node(server.address()), bad, Deadline.NONE).failure();

        assertEquals(GrpcStatus.INVALID_ARGUMENT, failure.grpcStatus());
        assertEquals(Processed.NOT_SENT, failure.processed());
      }
      assertEquals(0, server.connections());
    }
  }

  @Test
  void headersThatAreTooLargeAreNotSent() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start();
        MucpCaller caller = MucpCaller.create(4, new MucpOptions().setMaxHeaderBytes(2_000))) {
      Message large = MucpCaller.request("").withHeaders(Metadata.of("x-large", "x".repeat(2_000)));

      RpcException failure =
          caller.call(MucpCaller.node(server.address()), large, Deadline.NONE).failure();

      assertEquals(GrpcStatus.INVALID_ARGUMENT, failure.grpcStatus());
      assertEquals(Processed.NOT_SENT, failure.processed());
      assertEquals("fine", caller.call(server.address()).body());
      assertEquals(1, server.connections());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/grpc+proto", "text/plain", "", "application/json; x=y"})
  void contentTypesThatMucpDoesNotCarryAreRefused(String contentType) {
    try (MucpCaller caller = MucpCaller.create()) {
      Message request = Message.request("svc", "Say.Hello").contentType(contentType).build();

      RpcException failure =
          caller.call(MucpCaller.node("127.0.0.1:1"), request, Deadline.NONE).failure();

      assertEquals(500, failure.code());
      assertEquals("unsupported Content-Type: " + contentType, failure.detail());
      assertEquals(Processed.NOT_SENT, failure.processed());
    }
  }

  static Stream<Arguments> legacy() {
    String call = "\0\0\0\u000f\n\rGreeter.Hello\0\0\0\u0002{}";
    String answer = "\0\0\0\0\0\0\0\u0002ok";
    return Stream.of(
        Arguments.of(
            "application/json",
            "application/json-rpc",
            "{\"params\":[{}],\"id\":\"0\",\"method\":\"Greeter.Hello\"}\n",
            "{\"id\":\"0\",\"result\":{\"a\":1},\"error\":null}\n",
            "{\"a\":1}"),
        Arguments.of("application/protobuf", "application/proto-rpc", call, answer, "ok"),
        Arguments.of("application/octet-stream", "application/octet-stream", call, answer, "ok"));
  }

  @ParameterizedTest
  @MethodSource("legacy")
  void nodesWithoutProtocolGetTheMethodInAnEnvelope(
      String asked, String sent, String body, String answer, String value) {
    try (ScriptedHttpServer server = ScriptedHttpServer.start(answering(ok(answer)));
        MucpCaller caller = MucpCaller.create()) {
      Message request =
          Message.request("greeter", "Greeter.Hello")
              .contentType(asked)
              .body(Buffer.buffer("{}"))
              .build();

      Message reply = caller.call(Node.of("old", server.address()), request, Deadline.NONE).reply();

      String seen = server.nextRequest();
      assertTrue(seen.contains("\r\nAccept: " + asked + "\r\n"), seen);
      assertTrue(seen.contains("\r\nContent-Type: " + sent + "\r\n"), seen);
      assertEquals(body, seen.substring(seen.indexOf("\r\n\r\n") + 4));
      assertEquals(value, reply.body().toString());
      assertEquals(asked, reply.contentType());
    }
  }

  @Test
  void echoesAreNoMetadataOfTheReply() {
    String echo =
        "HTTP/1.1 200 OK\r\nAuthorization: Bearer one\r\nX-Same: a\r\nMicro-Id: 0\r\n"
            + "Micro-Service: greeter\r\nContent-Type: application/json\r\nX-Own: word\r\n"
            + "X-Same: other\r\nTimeout: 5\r\nX-Micro-Id: 0\r\nContent-Length: 0\r\n\r\n";
    try (ScriptedHttpServer server = ScriptedHttpServer.start(answering(echo), answering(echo));
        MucpCaller caller = MucpCaller.create()) {
      Node node = MucpCaller.node(server.address());
      Message first =
          MucpCaller.request("")
              .withHeaders(Metadata.of("authorization", "Bearer one", "x-same", "a"));

      Message one = caller.call(node, first, Deadline.NONE).reply();
      Message two = caller.call(node, MucpCaller.request(""), Deadline.NONE).reply();

      Metadata own = Metadata.of("X-Own", "word", "X-Same", "other");
      assertEquals(own, one.headers());
      assertEquals(own, two.headers());
      assertEquals(WireType.PROTO, two.contentType());
    }
  }

  // ---- the pool

  @Test
  void oneRequestAtATimeOnOneConnection() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(held("one"), answering(ok("two")), answering(ok("three")));
        MucpCaller caller = MucpCaller.create(1)) {
      Call one = caller.call(server.address());
      Call two = caller.call(server.address());
      Call three = caller.call(server.address());
      server.nextRequest();
      assertFalse(two.isSent());
      caller.time.advance(Duration.ofMillis(7));

      server.peer(0).release();

      assertEquals("one", one.body());
      assertEquals("two", two.body());
      assertEquals("three", three.body());
      assertEquals(1, server.connections());
      assertEquals(Duration.ofMillis(7), one.on(exchange -> exchange.times().in(Phase.WAIT)));
    }
  }

  @Test
  void callsAtTheSameTimeGetConnectionsAtTheSameTime() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(held("fine"), held("fine"), held("fine"));
        MucpCaller caller = MucpCaller.create(3)) {
      List<Call> calls = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        calls.add(caller.call(server.address()));
      }

      for (int i = 0; i < 3; i++) {
        server.nextRequest();
      }
      assertEquals(2, caller.observer.queued());
      for (int i = 0; i < 3; i++) {
        server.peer(i).release();
      }

      calls.forEach(call -> assertEquals("fine", call.body()));
      assertEquals(3, caller.observer.connectionsOpened());
    }
  }

  @Test
  void whoWaitsIsBoundedAndMayLeave() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start(held("one"));
        MucpCaller caller = MucpCaller.create(1, new MucpOptions().setMaxQueuedPerNode(2))) {
      Call one = caller.call(server.address());
      server.nextRequest();
      Call queued = caller.call(server.address());
      Call cancelled = caller.call(server.address());
      Call late =
          caller.call(MucpCaller.node(server.address()), MucpCaller.request(""), Deadline.NONE);

      RpcException refused = late.failure();
      assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.grpcStatus());
      assertEquals(Processed.NOT_SENT, refused.processed());
      assertEquals(1, caller.observer.limitReachedTimes("queue"));
      cancelled.cancel();
      assertEquals(Processed.NOT_SENT, cancelled.failure().processed());
      assertEquals(499, cancelled.failure().code());
      server.peer(0).release();

      assertEquals("one", one.body());
      assertEquals("fine", queued.body());
      server.nextRequest();
      assertEquals(0, server.requestsLeft());
    }
  }

  @Test
  void aDeadlineThatPassesInTheQueueSendsNothing() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start(held("one"));
        MucpCaller caller = MucpCaller.create(1)) {
      Call one = caller.call(server.address());
      server.nextRequest();
      Call late =
          caller.call(
              MucpCaller.node(server.address()),
              MucpCaller.request("late"),
              caller.in(Duration.ofMillis(100)));
      assertFalse(late.isSent());

      caller.time.advance(Duration.ofMillis(100));
      server.peer(0).release();

      assertEquals("one", one.body());
      RpcException failure = late.failure();
      assertEquals(408, failure.code());
      assertEquals(Processed.NOT_SENT, failure.processed());
      assertEquals("fine", caller.call(server.address()).body());
      assertTrue(server.nextRequest().endsWith("hello"));
      assertEquals(0, server.requestsLeft());
      assertEquals(1, server.connections());
    }
  }

  @Test
  void anAgedConnectionGetsNoMoreWork() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start();
        MucpCaller caller =
            MucpCaller.create(new PoolLimits(4, Duration.ofSeconds(60)), new MucpOptions())) {
      assertEquals("fine", caller.call(server.address()).body());
      caller.time.advance(Duration.ofSeconds(50));
      assertEquals("fine", caller.call(server.address()).body());
      assertEquals(1, server.connections());

      caller.time.advance(Duration.ofSeconds(10));

      assertEquals("fine", caller.call(server.address()).body());
      assertEquals(2, server.connections());
      assertEquals("FIN", server.peer(0).awaitEnd());
    }
  }

  @Test
  void anUnusedConnectionIsClosed() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start();
        MucpCaller caller =
            MucpCaller.create(4, new MucpOptions().setIdleTimeout(Duration.ofSeconds(40)))) {
      assertEquals("fine", caller.call(server.address()).body());

      for (int i = 0; i < 8; i++) {
        caller.time.advance(Duration.ofSeconds(10));
        caller.settle();
      }

      assertEquals("FIN", server.peer(0).awaitEnd());
    }
  }

  @Test
  void aSmallerPoolLetsCallsEnd() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(held("fine"), held("fine"), held("fine"));
        MucpCaller caller = MucpCaller.create(3)) {
      List<Call> calls = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        calls.add(caller.call(server.address()));
      }
      for (int i = 0; i < 3; i++) {
        server.nextRequest();
      }

      caller.transport.setPool(new PoolLimits(1, Duration.ZERO));
      caller.settle();
      for (int i = 0; i < 3; i++) {
        server.peer(i).release();
      }

      calls.forEach(call -> assertEquals("fine", call.body()));
      for (int i = 0; i < 10; i++) {
        assertEquals("fine", caller.call(server.address()).body());
      }
      assertEquals(3, server.connections());
      caller.settle();
      assertEquals(1, caller.observer.connections());
    }
  }

  @Test
  void otherEventLoopsUseConnectionsThatAreIdle() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start();
        MucpCaller caller = MucpCaller.create(1)) {
      assertEquals("fine", caller.call(server.address()).body());

      for (int i = 0; i < 20; i++) {
        Call elsewhere =
            caller.call(
                caller.newLoop(),
                MucpCaller.node(server.address()),
                MucpCaller.request("from elsewhere"),
                Deadline.NONE);
        assertEquals("fine", elsewhere.body());
      }

      assertEquals(1, server.connections());
    }
  }

  @Test
  void aConnectionThatIsRefusedIsNotSent() {
    try (MucpCaller caller = MucpCaller.create()) {
      Call one = caller.call("127.0.0.1:1");

      RpcException failure = one.failure();

      assertEquals(503, failure.code());
      assertEquals(Processed.NOT_SENT, failure.processed());
      assertTrue(failure.detail().startsWith("connection error: 127.0.0.1:1: "), failure.detail());
    }
  }

  private static Script held(String body) {
    return peer -> {
      peer.read();
      peer.hold();
      peer.write(ok(body));
    };
  }

  private static Script answering(String answer) {
    return (Peer peer) -> {
      peer.read();
      peer.write(answer);
    };
  }
}
