// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.grpc.SeenFrame.Header;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a request looks like on the wire, and what never gets there. */
@ParameterizedClass
@EnumSource(GrpcEngine.class)
class GrpcWireIT {

  @Parameter GrpcEngine engine;

  @Test
  void aRequestLooksAsGoMicroMakesIt() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(GrpcSteps.ok("fine"));
      Message request =
          Message.request("test.svc", "Say.Hello")
              .contentType("application/json")
              .headers(
                  Metadata.of("Foo-Bar", "baz", "Authorization", "Bearer x", "foo-bar", "again "))
              .body(Buffer.buffer("{}"))
              .build();

      caller.call(node(server), request, caller.in(Duration.ofSeconds(30))).body();

      SeenRequest seen = server.request(0);
      assertEquals(
          List.of(
              new Header(":method", "POST"),
              new Header(":path", "/test.svc.Say/Hello"),
              new Header(":scheme", "http"),
              new Header(":authority", "127.0.0.1:" + server.port()),
              new Header("content-type", "application/grpc+json"),
              new Header("te", "trailers"),
              new Header("user-agent", "vertx-micro/0.1"),
              new Header("grpc-timeout", "30000000u"),
              new Header("timeout", "30000000000"),
              new Header("x-content-type", "application/json"),
              new Header("foo-bar", "baz"),
              new Header("authorization", "Bearer x"),
              new Header("foo-bar", "again")),
          seen.headers());
      assertEquals(GrpcSteps.message(Buffer.buffer("{}")), seen.body());
      assertEquals(
          1, server.journal().entries().stream().filter(f -> f.is(FrameType.DATA)).count());
    }
  }

  @Test
  void earlierAttemptsAreTold() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(GrpcSteps.ok("fine"));

      send(caller, server, SendOptions.DEFAULT).body();
      send(caller, server, SendOptions.DEFAULT.withPreviousAttempts(2)).body();

      String name = "grpc-previous-rpc-attempts";
      assertTrue(server.request(0).header(name).isEmpty());
      assertEquals("2", server.request(1).header(name).orElseThrow());
    }
  }

  @Test
  void metadataAboveTheServersBoundFailsThatCallOnly() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server
          .onConnect(Steps.settings(Steps.MAX_HEADER_LIST_SIZE, 2_000))
          .answer(GrpcSteps.ok("fine"));
      Message large =
          GrpcCaller.request("hello").withHeaders(Metadata.of("name", "v".repeat(2_000)));

      RpcException failure = caller.call(node(server), large, Deadline.NONE).failure();

      assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure.grpcStatus());
      assertEquals(Processed.NOT_SENT, failure.processed());
      assertEquals("fine", caller.call(server.port()).body());
      assertEquals(1, server.connections());
      assertEquals(
          1, server.journal().entries().stream().filter(f -> f.is(FrameType.HEADERS)).count());
    }
  }

  @Test
  void muchMetadataIsSentToAServerWithoutABound() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(GrpcSteps.ok("fine"));
      String value = "v".repeat(20_000);
      Message large = GrpcCaller.request("hello").withHeaders(Metadata.of("name", value));

      assertEquals("fine", caller.call(node(server), large, Deadline.NONE).body());

      assertEquals(value, server.request(0).header("name").orElseThrow());
      assertEquals(GrpcSteps.message(Buffer.buffer("hello")), server.request(0).body());
    }
  }

  @Test
  void reservedNamesStayHere() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(GrpcSteps.ok("fine"));
      Metadata metadata =
          Metadata.of(
              "Connection",
              "close",
              "Host",
              "other",
              "TE",
              "gzip",
              "Content-Length",
              "1",
              "Transfer-Encoding",
              "chunked",
              "grpc-status",
              "0",
              "Timeout",
              "1",
              "Keep-Alive",
              "1",
              "kept",
              "yes",
              "data-bin",
              "AAEC");
      Message request = GrpcCaller.request("hello").withHeaders(metadata);

      caller.call(node(server), request, Deadline.NONE).body();

      List<String> names = server.request(0).headers().stream().map(Header::name).toList();
      assertEquals(
          List.of(
              ":method",
              ":path",
              ":scheme",
              ":authority",
              "content-type",
              "te",
              "user-agent",
              "x-content-type",
              "kept",
              "data-bin"),
          names);
    }
  }

  static Stream<Message> unsendable() {
    Message fine = GrpcCaller.request("hello");
    return Stream.of(
        Message.request("s", "").build(),
        Message.request("s", "Hello").build(),
        Message.request("s", "a.b.C.D").build(),
        Message.request("s", "A.B").contentType("text/plain").build(),
        fine.withHeaders(Metadata.of("name", "caf\u00e9")),
        fine.withHeaders(Metadata.of("name", "a\u0001b")));
  }

  @ParameterizedTest
  @MethodSource("unsendable")
  void whatCannotBeSentFailsBeforeItConnects(Message request) {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      RpcException failure = caller.call(node(server), request, Deadline.NONE).failure();

      assertEquals(Processed.NOT_SENT, failure.processed());
      assertEquals("go.micro.client", failure.error().id());
      boolean metadata = !request.headers().isEmpty();
      assertEquals(metadata ? 400 : 500, failure.code());
      assertEquals(
          metadata ? GrpcStatus.INVALID_ARGUMENT : GrpcStatus.INTERNAL, failure.grpcStatus());
      assertEquals(0, server.connections());
    }
  }

  @ParameterizedTest
  @CsvSource({"'',500", "nowhere:0,500", "a b:1,500"})
  void aBadAddressIsNamed(String address, int code) {
    try (GrpcCaller caller = GrpcCaller.on(engine).create()) {
      RpcException failure =
          caller
              .call(Node.of("node", address), GrpcCaller.request("hello"), Deadline.NONE)
              .failure();

      assertEquals(code, failure.code());
      assertEquals(Processed.NOT_SENT, failure.processed());
      assertTrue(failure.detail().contains("address: '" + address + "'"), failure.detail());
    }
  }

  @Test
  void unsupportedContentTypesReadAsInGoMicro() {
    try (GrpcCaller caller = GrpcCaller.on(engine).create()) {
      Message request = Message.request("s", "A.B").contentType("text/x").build();

      RpcException failure =
          caller.call(Node.of("n", "127.0.0.1:1"), request, Deadline.NONE).failure();

      assertEquals("unsupported Content-Type: text/x", failure.detail());
      assertEquals("Internal Server Error", failure.error().status());
    }
  }

  @Test
  void aCallFromAForeignThreadCompletesOnItsEventLoop() throws InterruptedException {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(GrpcSteps.ok("fine"));
      Context[] contexts = new Context[2];
      Thread thread =
          new Thread(
              () -> {
                contexts[0] = caller.vertx.getOrCreateContext();
                GrpcCaller.await(
                    caller
                        .transport
                        .send(
                            node(server),
                            GrpcCaller.request("hello"),
                            Deadline.NONE,
                            SendOptions.DEFAULT)
                        .reply()
                        .onComplete(reply -> contexts[1] = Vertx.currentContext()));
              });

      thread.start();
      thread.join();

      assertEquals(EventLoops.loopOf(contexts[0]), EventLoops.loopOf(contexts[1]));
    }
  }

  private static GrpcCaller.Call send(
      GrpcCaller caller, ScriptedHttp2Server server, SendOptions options) {
    return caller.call(
        caller.newLoop(), node(server), GrpcCaller.request("hello"), Deadline.NONE, options);
  }

  private static Node node(ScriptedHttp2Server server) {
    return Node.of("node", "127.0.0.1:" + server.port());
  }
}
