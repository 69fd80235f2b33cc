// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.framing.Gzip;
import dev.vertxmicro.runtime.framing.MessageFrame;
import dev.vertxmicro.runtime.transport.CountingObserver;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.SteppedTime;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed requests on the wire, of all engines. */
class GrpcGzipIT {

  private static final String LARGE = "hello ".repeat(1_000);
  private static final String GO_MICRO =
      "grpc: Decompressor is not installed for grpc-encoding \"gzip\"";

  enum Engine {
    HTTP_CLIENT {
      @Override
      Transport create(Vertx vertx, SteppedTime time, GrpcOptions options) {
        return onPools(vertx, time, options, GrpcEngine.HTTP_CLIENT);
      }
    },
    NETTY {
      @Override
      Transport create(Vertx vertx, SteppedTime time, GrpcOptions options) {
        return onPools(vertx, time, options, GrpcEngine.NETTY);
      }
    },
    VERTX {
      @Override
      Transport create(Vertx vertx, SteppedTime time, GrpcOptions options) {
        return VertxGrpcTransport.create(vertx, time, new CountingObserver(), options);
      }
    };

    abstract Transport create(Vertx vertx, SteppedTime time, GrpcOptions options);

    private static Transport onPools(
        Vertx vertx, SteppedTime time, GrpcOptions options, GrpcEngine engine) {
      PoolLimits limits = new PoolLimits(4, Duration.ZERO);
      GrpcOptions own = new GrpcOptions(options).setEngine(engine);
      return GrpcTransport.create(vertx, time, new CountingObserver(), limits, own);
    }
  }

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final SteppedTime time = new SteppedTime();
  private final ScriptedHttp2Server server = ScriptedHttp2Server.start();
  private final Node node = Node.of("node", "127.0.0.1:" + server.port());

  @AfterEach
  void stop() {
    server.close();
    GrpcCaller.await(vertx.close());
  }

  private Message send(Transport transport, String body, SendOptions options) {
    Promise<Message> reply = Promise.promise();
    loop.runOnContext(
        v ->
            transport
                .send(node, GrpcCaller.request(body), Deadline.NONE, options)
                .reply()
                .onComplete(reply));
    return GrpcCaller.await(reply.future());
  }

  private Message send(Transport transport, String body) {
    return send(transport, body, SendOptions.DEFAULT);
  }

  private void refuseOnce(String words) {
    server.answerNext(Steps.untilRequestEnds(), GrpcSteps.trailersOnly(12, words));
  }

  private static GrpcOptions gzip() {
    return new GrpcOptions().setGzipRequests(true);
  }

  private void assertCompressed(int request, String body) {
    SeenRequest seen = server.request(request);
    assertEquals("gzip", seen.header("grpc-encoding").orElseThrow());
    assertEquals(1, seen.body().getByte(0));
    Buffer packed = seen.body().getBuffer(MessageFrame.PREFIX, seen.body().length());
    assertTrue(packed.length() < body.length() / 10, () -> packed.length() + " bytes");
    assertEquals(body, Gzip.inflate(packed, "gzip", body.length()).toString());
  }

  private void assertPlain(int request, String body) {
    SeenRequest seen = server.request(request);
    assertTrue(
        seen.header("grpc-encoding").filter(encoding -> !encoding.equals("identity")).isEmpty(),
        () -> seen.headers().toString());
    assertEquals(GrpcSteps.message(Buffer.buffer(body)), seen.body());
  }

  @ParameterizedTest
  @EnumSource
  void isNotUsedUnlessItIsWanted(Engine engine) {
    Transport transport = engine.create(vertx, time, new GrpcOptions());
    server.answer(GrpcSteps.ok("fine"));

    assertEquals("fine", send(transport, LARGE).body().toString());

    assertPlain(0, LARGE);
    GrpcCaller.await(transport.close(Deadline.NONE));
  }

  @ParameterizedTest
  @EnumSource
  void compressesWhatIsWorthIt(Engine engine) {
    Transport transport = engine.create(vertx, time, gzip());
    server.answer(GrpcSteps.ok("fine"));

    assertEquals("fine", send(transport, LARGE).body().toString());
    assertEquals("fine", send(transport, "small").body().toString());

    assertCompressed(0, LARGE);
    assertPlain(1, "small");
    GrpcCaller.await(transport.close(Deadline.NONE));
  }

  @ParameterizedTest
  @EnumSource
  void sendsItAgainAsItIsWhereTheServerCannotInflateItAndRemembersThat(Engine engine) {
    Transport transport = engine.create(vertx, time, gzip());
    refuseOnce(GO_MICRO);
    server.answerNext(GrpcSteps.ok("one")).answer(GrpcSteps.ok("two"));

    assertEquals("one", send(transport, LARGE).body().toString());
    assertEquals("two", send(transport, LARGE).body().toString());

    assertCompressed(0, LARGE);
    assertPlain(1, LARGE);
    assertPlain(2, LARGE);
    GrpcCaller.await(transport.close(Deadline.NONE));
  }

  @ParameterizedTest
  @EnumSource
  void triesItAgainAfterAWhile(Engine engine) {
    Transport transport = engine.create(vertx, time, gzip());
    refuseOnce(GO_MICRO);
    server.answerNext(GrpcSteps.ok("one")).answer(GrpcSteps.ok("two"));
    send(transport, LARGE);

    time.advance(Duration.ofNanos(RequestGzip.MEMORY_NANOS));

    assertEquals("two", send(transport, LARGE).body().toString());
    assertCompressed(2, LARGE);
    GrpcCaller.await(transport.close(Deadline.NONE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {GO_MICRO, "Can't find decompressor for gzip", "Compression algorithm disabled"})
  void knowsTheWordsOfServers(String words) {
    Transport transport = Engine.NETTY.create(vertx, time, gzip());
    refuseOnce(words);
    server.answer(GrpcSteps.ok("one"));

    assertEquals("one", send(transport, LARGE).body().toString());
    GrpcCaller.await(transport.close(Deadline.NONE));
  }

  @ParameterizedTest
  @EnumSource
  void whatElseIsNotImplementedIsNotSentTwice(Engine engine) {
    Transport transport = engine.create(vertx, time, gzip());
    refuseOnce("unknown service Say");

    RpcException failure = assertThrows(RpcException.class, () -> send(transport, LARGE));

    assertEquals(GrpcStatus.UNIMPLEMENTED, failure.grpcStatus());
    assertEquals(
        1, server.journal().entries().stream().filter(f -> f.is(FrameType.HEADERS)).count());
    GrpcCaller.await(transport.close(Deadline.NONE));
  }

  @ParameterizedTest
  @EnumSource
  void theBoundOnRequestsIsThatOfTheRequestAsItIs(Engine engine) {
    Transport transport = engine.create(vertx, time, gzip());
    SendOptions small = new SendOptions(Duration.ofSeconds(5), 100, 1_000, 0);

    RpcException failure = assertThrows(RpcException.class, () -> send(transport, LARGE, small));

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure.grpcStatus());
    GrpcCaller.await(transport.close(Deadline.NONE));
  }

  @ParameterizedTest
  @EnumSource
  void cancellingBetweenBothSendsNothingMore(Engine engine) {
    Transport transport = engine.create(vertx, time, gzip());
    server.answer(Steps.untilRequestEnds());
    Promise<Message> reply = Promise.promise();
    loop.runOnContext(
        v -> {
          Exchange exchange =
              transport.send(node, GrpcCaller.request(LARGE), Deadline.NONE, SendOptions.DEFAULT);
          exchange.reply().onComplete(reply);
          exchange.cancel();
        });

    RpcException failure = assertThrows(RpcException.class, () -> GrpcCaller.await(reply.future()));

    assertEquals(499, failure.code());
    GrpcCaller.await(transport.close(Deadline.NONE));
  }
}
