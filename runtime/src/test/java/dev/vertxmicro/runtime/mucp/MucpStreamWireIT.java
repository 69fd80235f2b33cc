// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import static dev.vertxmicro.runtime.mucp.ScriptedHttpServer.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.mucp.MucpCaller.Stream;
import dev.vertxmicro.runtime.mucp.ScriptedHttpServer.Script;
import dev.vertxmicro.runtime.transport.SendOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of streams, and what ends them. */
class MucpStreamWireIT {

  private static final String EOS =
      "HTTP/1.1 200 OK\r\nMicro-Error: EOS\r\nX-Micro-Error: EOS\r\nContent-Length: 0\r\n\r\n";

  @Test
  void aStreamLooksLikeOneOfGoMicro() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start(reading(), reading(), reading());
        MucpCaller caller = MucpCaller.create()) {
      Stream stream =
          caller.open(
              MucpCaller.node(server.address()),
              MucpCaller.request("not sent").withHeaders(Metadata.of("foo", "bar")),
              SendOptions.DEFAULT);
      stream.write("one");
      stream.end();

      String head =
          """
          POST / HTTP/1.1
          Host: %s
          User-Agent: vertx-micro/0.1
          Content-Length: %d
          Accept: application/protobuf
          Content-Type: application/protobuf
          Micro-Endpoint: Greeter.Hello
          %sMicro-Id: 0
          Micro-Method: Greeter.Hello
          Micro-Service: greeter
          Micro-Stream: 0
          Foo: bar

          """;
      assertEquals(head(head, server, 0, ""), server.nextRequest());
      assertEquals(head(head, server, 3, "") + "one", server.nextRequest());
      assertEquals(head(head, server, 0, "Micro-Error: EOS\r\n"), server.nextRequest());
      assertEquals(1, server.connections());
      stream.cancel();
    }
  }

  private static String head(String head, ScriptedHttpServer server, int length, String error) {
    return head.replace("\n", "\r\n").formatted(server.address(), length, error);
  }

  @Test
  void answersNeedNoRequests() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                peer -> {
                  peer.read();
                  peer.write(ok("one") + ok("two"));
                  peer.write(ok("three") + EOS);
                });
        MucpCaller caller = MucpCaller.create()) {
      Stream stream = caller.open(server.address());

      assertEquals(
          List.of("one", "two", "three"), List.of(stream.next(), stream.next(), stream.next()));
      assertEquals(Metadata.empty(), stream.trailers());
      assertEquals("FIN", server.peer(0).awaitEnd());
    }
  }

  @Test
  void silenceAfterTheEndOfTheRequestsIsTheEnd() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                reading(),
                peer -> {
                  peer.read();
                  peer.hold();
                  peer.write(ok("last"));
                });
        MucpCaller caller =
            MucpCaller.create(4, new MucpOptions().setEndTimeout(Duration.ofSeconds(3)))) {
      Stream stream = caller.open(server.address());
      stream.end();
      caller.settle();
      caller.time.advance(Duration.ofMillis(2_999));
      server.nextRequest();
      server.nextRequest();
      server.peer(0).release();
      assertEquals("last", stream.next());

      caller.time.advance(Duration.ofMillis(2_000));
      caller.settle();
      assertFalse(stream.isDone());
      caller.time.advance(Duration.ofMillis(3_000));

      assertEquals(Metadata.empty(), stream.trailers());
      assertEquals("FIN", server.peer(0).awaitEnd());
    }
  }

  @Test
  void ofAStreamWithOneRequestNoEndIsTold() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                reading(),
                peer -> {
                  peer.read();
                  peer.write(ok("one"));
                  peer.hold();
                  peer.write(ok("two") + EOS);
                });
        MucpCaller caller = MucpCaller.create()) {
      Stream stream =
          caller.open(
              MucpCaller.node(server.address()),
              MucpCaller.request(""),
              SendOptions.DEFAULT.withOneRequest());
      stream.write("ask");
      stream.end();
      assertEquals("one", stream.next());

      caller.time.advance(Duration.ofHours(1));
      caller.settle();
      server.peer(0).release();

      assertEquals("two", stream.next());
      assertEquals(Metadata.empty(), stream.trailers());
      server.nextRequest();
      assertTrue(server.nextRequest().endsWith("ask"));
      assertEquals(0, server.requestsLeft());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Micro-Error: {\"id\":\"a\",\"code\":404,\"detail\":\"d\"}|NOT_FOUND|404|YES",
        "Micro-Error: text|INTERNAL|500|YES",
        "Content-Type: text/plain|INTERNAL|500|YES",
        "Content-Length: 9|INTERNAL|500|YES",
        "garbage|INTERNAL|500|UNKNOWN"
      })
  void errorsComeBehindTheRepliesBeforeThem(
      String header, GrpcStatus status, int code, Processed processed) {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                peer -> {
                  peer.read();
                  peer.write(ok("one"));
                  peer.write("HTTP/1.1 200 OK\r\n" + header + "\r\nContent-Length: 0\r\n\r\n");
                });
        MucpCaller caller = MucpCaller.create()) {
      Stream stream = caller.open(server.address());

      RpcException failure = stream.failure();

      assertEquals(status, failure.grpcStatus());
      assertEquals(code, failure.code());
      assertEquals(processed, failure.processed());
      assertEquals("one", stream.next());
      server.peer(0).awaitEnd();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"})
  void aStreamThatIsCutIsLost(String last) {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                peer -> {
                  peer.read();
                  peer.write(ok("one") + last);
                  peer.fin();
                });
        MucpCaller caller = MucpCaller.create()) {
      Stream stream = caller.open(server.address());

      RpcException failure = stream.failure();

      assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
      assertEquals(Processed.UNKNOWN, failure.processed());
      assertEquals("one", stream.next());
    }
  }

  @Test
  void aStreamThatHasEndedBeforeItIsCutHasEnded() {
    try (ScriptedHttpServer server =
            ScriptedHttpServer.start(
                peer -> {
                  peer.read();
                  peer.hold();
                  peer.write(ok("one") + ok("two") + EOS);
                  peer.fin();
                });
        MucpCaller caller = MucpCaller.create()) {
      Stream stream = caller.open(server.address());
      stream.opened();
      stream.on(
          opened -> {
            opened.pause();
            return true;
          });
      server.nextRequest();
      server.peer(0).release();
      stream.head();
      assertEquals("FIN", server.peer(0).awaitEnd());
      assertFalse(stream.isDone());

      stream.on(
          opened -> {
            opened.fetch(2);
            return true;
          });

      assertEquals(List.of("one", "two"), List.of(stream.next(), stream.next()));
      assertEquals(Metadata.empty(), stream.trailers());
    }
  }

  @Test
  void nothingOfACancelledStreamLeaves() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start(reading(), reading());
        MucpCaller caller = MucpCaller.create()) {
      Stream stream = caller.open(server.address());
      stream.opened();
      server.nextRequest();

      stream.cancel();

      RpcException failure = stream.failure();
      assertEquals(499, failure.code());
      assertEquals(Processed.UNKNOWN, failure.processed());
      assertEquals("RST", server.peer(0).awaitEnd());
      assertEquals(0, server.requestsLeft());
    }
  }

  @Test
  void streamsAreBoundedAndDoNotTakeThePlacesOfCalls() {
    try (ScriptedHttpServer server = ScriptedHttpServer.start(reading(), reading());
        MucpCaller caller = MucpCaller.create(1, new MucpOptions().setMaxStreamsPerNode(2))) {
      Stream one = caller.open(server.address());
      Stream two = caller.open(server.address());
      one.opened();
      two.opened();
      server.nextRequest();
      server.nextRequest();

      RpcException refused = caller.open(server.address()).failure();

      assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.grpcStatus());
      assertEquals(Processed.NOT_SENT, refused.processed());
      assertEquals(1, caller.observer.limitReachedTimes("streams"));
      assertEquals("fine", caller.call(server.address()).body());
      one.cancel();
      Stream three = caller.open(server.address());
      three.opened();
      two.cancel();
      three.cancel();
    }
  }

  private static Script reading() {
    return peer -> peer.read();
  }
}
