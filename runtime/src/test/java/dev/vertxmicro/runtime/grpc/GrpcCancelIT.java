// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.grpc.ScriptedConnection.Duty;
import dev.vertxmicro.runtime.transport.PoolLimits;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Cancel in every phase of an exchange: what the caller is told, and what the wire sees. */
@ParameterizedClass
@EnumSource(GrpcEngine.class)
class GrpcCancelIT {

  @Parameter GrpcEngine engine;

  @Test
  void nothingIsSentOfAnExchangeCancelledInTheQueue() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create(new PoolLimits(1, Duration.ZERO))) {
      server
          .onConnect(Steps.settings(Steps.MAX_CONCURRENT_STREAMS, 1))
          .answerNext(Steps.hold("first"), GrpcSteps.ok("one"))
          .answer(GrpcSteps.ok("fine"));
      GrpcCaller.Call first = caller.call(server.port(), "first");
      server.request(0);
      GrpcCaller.Call queued = caller.call(server.port(), "queued");
      GrpcCaller.Call last = caller.call(server.port(), "last");
      assertFalse(queued.isSent());
      caller.time.advance(Duration.ofMillis(7));

      queued.cancel();
      server.release("first");

      assertEquals("one", first.body());
      assertEquals("fine", last.body());
      RpcException failure = cancelled(queued, Processed.NOT_SENT);
      assertEquals(Duration.ofMillis(7), failure.times().in(Phase.QUEUE));
      server.connection(0).barrier();
      assertEquals(
          List.of(
              GrpcSteps.message(Buffer.buffer("first")), GrpcSteps.message(Buffer.buffer("last"))),
          List.of(server.request(0).body(), server.request(1).body()));
      assertEquals(2, count(server, FrameType.HEADERS));
      assertEquals(0, count(server, FrameType.RST_STREAM));
    }
  }

  @Test
  void nothingIsSentOfAnExchangeCancelledWhileConnecting() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.onConnect(greetingLate()).answer(GrpcSteps.ok("fine"));
      GrpcCaller.Call call = caller.call(server.port());
      server.journal().await("a connection", f -> f.is(FrameType.OPENED));
      assertFalse(call.isSent());
      caller.time.advance(Duration.ofMillis(30));

      call.cancel();

      RpcException failure = cancelled(call, Processed.NOT_SENT);
      assertEquals(Duration.ofMillis(30), failure.times().in(Phase.CONNECT));
      server.release("settings");
      server.connection(0).barrier();
      assertEquals(0, count(server, FrameType.HEADERS));
      assertEquals("fine", caller.call(server.port()).body());
      assertEquals(1, server.connections());
    }
  }

  @Test
  void noDataFollowsWhenTheBodyWasHeldBackByFlowControl() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server
          .onConnect(
              Steps.settings(Steps.INITIAL_WINDOW_SIZE, 10), Steps.without(Duty.WINDOW_UPDATE))
          .answer(Steps.untilReset(), Steps.settings(Steps.INITIAL_WINDOW_SIZE, 65_535));
      GrpcCaller.Call call = caller.call(server.port(), "x".repeat(1_000));
      server.journal().await("the first bytes", f -> f.is(FrameType.DATA));
      caller.time.advance(Duration.ofMillis(40));

      call.cancel();

      RpcException failure = cancelled(call, Processed.NOT_SENT);
      assertEquals(Duration.ofMillis(40), failure.times().in(Phase.SEND));
      assertResetAndThenSilence(server, 10);
    }
  }

  @Test
  void theStreamIsResetWhenNothingHasComeYet() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      GrpcCaller.Call call = caller.call(server.port());
      server.request(0);
      assertTrue(call.isSent());
      caller.onLoop(v -> v);
      caller.time.advance(Duration.ofMillis(50));

      call.cancel();

      RpcException failure = cancelled(call, Processed.UNKNOWN);
      assertEquals(Duration.ofMillis(50), failure.times().in(Phase.WAIT));
      assertResetAndThenSilence(server, 10);
    }
  }

  @Test
  void theStreamIsResetInTheMiddleOfTheReply() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(
          Steps.untilRequestEnds(),
          GrpcSteps.head(),
          Steps.data(GrpcSteps.prefix(0, 100)),
          Steps.roundTrip(),
          Steps.untilReset());
      GrpcCaller.Call call = caller.call(server.port());
      server.journal().await("PING acknowledged", f -> f.is(FrameType.PING));

      call.cancel();

      cancelled(call, Processed.UNKNOWN);
      assertResetAndThenSilence(server, 10);
    }
  }

  @Test
  void aDeadlineThatPassesInTheQueueSendsNothing() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.onConnect(greetingLate()).answer(GrpcSteps.ok("fine"));
      GrpcCaller.Call late =
          caller.call(
              Node.of("node", "127.0.0.1:" + server.port()),
              GrpcCaller.request("late"),
              caller.in(Duration.ofMillis(100)));
      server.journal().await("a connection", f -> f.is(FrameType.OPENED));

      caller.time.advance(Duration.ofMillis(100));
      server.release("settings");

      RpcException failure = late.failure();
      assertEquals(GrpcStatus.DEADLINE_EXCEEDED, failure.grpcStatus());
      assertEquals(408, failure.code());
      assertEquals(Processed.NOT_SENT, failure.processed());
      assertEquals(Duration.ofMillis(100), failure.times().in(Phase.CONNECT));
      server.connection(0).barrier();
      assertEquals(0, count(server, FrameType.HEADERS));
    }
  }

  /** An acknowledgement must not come before the server's own SETTINGS. */
  private static Step greetingLate() {
    return Step.all(Steps.without(Duty.SETTINGS_ACK), Steps.hold("settings"), Steps.settings());
  }

  private static RpcException cancelled(GrpcCaller.Call call, Processed processed) {
    RpcException failure = call.failure();
    assertEquals(499, failure.code());
    assertEquals(GrpcStatus.CANCELLED, failure.grpcStatus());
    assertEquals(processed, failure.processed());
    assertEquals(processed != Processed.NOT_SENT, call.isSent());
    return failure;
  }

  /** The stream's frames end with RST_STREAM CANCEL, and no more than that much DATA was sent. */
  private static void assertResetAndThenSilence(ScriptedHttp2Server server, int mostData) {
    server.journal().await("RST_STREAM", f -> f.is(FrameType.RST_STREAM, 1));
    server.connection(0).barrier();
    List<SeenFrame> frames =
        server.connection(0).frames().stream()
            .filter(f -> f.streamId() == 1 && !f.is(FrameType.WINDOW_UPDATE))
            .toList();
    SeenFrame last = frames.get(frames.size() - 1);
    assertTrue(last.is(FrameType.RST_STREAM), frames::toString);
    assertEquals(Http2Error.CANCEL.code(), last.errorCode());
    assertEquals(1, count(server, FrameType.RST_STREAM));
    int data = frames.stream().filter(f -> f.is(FrameType.DATA)).mapToInt(SeenFrame::length).sum();
    assertTrue(data <= mostData, frames::toString);
  }

  private static long count(ScriptedHttp2Server server, FrameType type) {
    return server.journal().entries().stream().filter(f -> f.is(type)).count();
  }
}
