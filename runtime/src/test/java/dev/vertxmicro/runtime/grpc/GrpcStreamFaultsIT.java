// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.GrpcCaller.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.buffer.Buffer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Servers that treat a stream badly: every stream ends, with a typed error where it is one, and
 * nothing is held afterwards (which {@link GrpcCaller#close} checks).
 */
@ParameterizedClass
@EnumSource(GrpcEngine.class)
class GrpcStreamFaultsIT {

  @Parameter GrpcEngine engine;

  /**
   * What a server does, and what the caller is to see.
   *
   * @param status null if all goes well in the end
   * @param seen how many replies are handed over
   */
  record Fault(
      String name,
      @Nullable GrpcStatus status,
      @Nullable Processed processed,
      int seen,
      Step... steps) {

    @Override
    public String toString() {
      return name;
    }
  }

  private static Step one() {
    return Steps.data(GrpcSteps.message(Buffer.buffer("one")));
  }

  private static Fault fine(String name, int seen, Step... steps) {
    return new Fault(name, null, null, seen, steps);
  }

  static Stream<Fault> faults() {
    int tooLarge = SendOptions.DEFAULT_MAX_BYTES + 1;
    return Stream.of(
        new Fault(
            "refuses",
            GrpcStatus.UNAVAILABLE,
            Processed.REFUSED,
            0,
            Steps.reset(Http2Error.REFUSED_STREAM)),
        new Fault(
            "resets before the head",
            GrpcStatus.INTERNAL,
            Processed.UNKNOWN,
            0,
            Steps.reset(Http2Error.INTERNAL_ERROR)),
        new Fault(
            "resets mid-stream",
            GrpcStatus.CANCELLED,
            Processed.UNKNOWN,
            1,
            GrpcSteps.head(),
            one(),
            Steps.roundTrip(),
            Steps.reset(Http2Error.CANCEL)),
        new Fault(
            "refuses mid-stream",
            GrpcStatus.UNAVAILABLE,
            Processed.UNKNOWN,
            1,
            GrpcSteps.head(),
            one(),
            Steps.roundTrip(),
            Steps.reset(Http2Error.REFUSED_STREAM)),
        new Fault(
            "sends garbage",
            GrpcStatus.UNAVAILABLE,
            Processed.UNKNOWN,
            1,
            GrpcSteps.head(),
            one(),
            Steps.roundTrip(),
            Steps.raw("this is no frame of any kind, and long enough to be one")),
        new Fault(
            "closes before the head", GrpcStatus.UNAVAILABLE, Processed.UNKNOWN, 0, Steps.fin()),
        new Fault(
            "closes before the first message",
            GrpcStatus.UNAVAILABLE,
            Processed.UNKNOWN,
            0,
            GrpcSteps.head(),
            Steps.roundTrip(),
            Steps.fin()),
        new Fault(
            "drops the connection",
            GrpcStatus.UNAVAILABLE,
            Processed.UNKNOWN,
            1,
            GrpcSteps.head(),
            one(),
            Steps.roundTrip(),
            Steps.rst()),
        new Fault(
            "goes away below the stream",
            GrpcStatus.UNAVAILABLE,
            Processed.REFUSED,
            0,
            Steps.goAwayBelow(Http2Error.NO_ERROR)),
        fine(
            "goes away and serves on",
            2,
            GrpcSteps.head(),
            one(),
            Steps.goAwayAfter(Http2Error.NO_ERROR),
            one(),
            GrpcSteps.status(0)),
        new Fault(
            "goes away and closes",
            GrpcStatus.UNAVAILABLE,
            Processed.UNKNOWN,
            1,
            GrpcSteps.head(),
            one(),
            Steps.roundTrip(),
            Steps.goAwayAfter(Http2Error.NO_ERROR),
            Steps.fin()),
        new Fault(
            "leaves the trailers out",
            GrpcStatus.UNKNOWN,
            Processed.YES,
            1,
            GrpcSteps.head(),
            Steps.lastData(GrpcSteps.message(Buffer.buffer("one")))),
        new Fault(
            "announces a message that is too large",
            GrpcStatus.RESOURCE_EXHAUSTED,
            Processed.YES,
            1,
            GrpcSteps.head(),
            one(),
            Steps.data(GrpcSteps.prefix(0, tooLarge))),
        new Fault(
            "sends a bomb",
            GrpcStatus.RESOURCE_EXHAUSTED,
            Processed.YES,
            0,
            GrpcSteps.head("grpc-encoding", "gzip"),
            Steps.data(GrpcSteps.compressedMessage(GrpcSteps.bomb(64)))),
        new Fault(
            "sends gzip that is none",
            GrpcStatus.INTERNAL,
            Processed.YES,
            0,
            GrpcSteps.head("grpc-encoding", "gzip"),
            Steps.data(GrpcSteps.compressedMessage(Buffer.buffer("no gzip")))),
        new Fault(
            "compresses without saying how",
            GrpcStatus.INTERNAL,
            Processed.YES,
            0,
            GrpcSteps.head(),
            Steps.data(GrpcSteps.compressedMessage(GrpcSteps.gzip(Buffer.buffer("one"))))),
        fine(
            "compresses",
            2,
            GrpcSteps.head("grpc-encoding", "gzip"),
            Steps.data(GrpcSteps.compressedMessage(GrpcSteps.gzip(Buffer.buffer("one")))),
            one(),
            GrpcSteps.status(0)),
        new Fault(
            "sends unknown flags",
            GrpcStatus.INTERNAL,
            Processed.YES,
            0,
            GrpcSteps.head(),
            Steps.data(GrpcSteps.prefix(7, 0))),
        new Fault(
            "ends inside of a message",
            GrpcStatus.INTERNAL,
            Processed.YES,
            1,
            GrpcSteps.head(),
            one(),
            Steps.data(GrpcSteps.prefix(0, 10)),
            GrpcSteps.status(0)),
        new Fault(
            "is no gRPC server",
            GrpcStatus.UNAVAILABLE,
            Processed.UNKNOWN,
            0,
            Steps.headers(":status", "503", "content-type", "text/html"),
            Steps.lastData(Buffer.buffer("<html>"))),
        new Fault(
            "answers with an error alone",
            GrpcStatus.NOT_FOUND,
            Processed.YES,
            0,
            GrpcSteps.trailersOnly(5, "nothing")),
        new Fault(
            "fails mid-stream",
            GrpcStatus.NOT_FOUND,
            Processed.YES,
            1,
            GrpcSteps.head(),
            one(),
            GrpcSteps.status(5, "no more")),
        fine(
            "cuts and joins messages",
            3,
            GrpcSteps.head(),
            Steps.dataCutAt(
                Buffer.buffer()
                    .appendBuffer(GrpcSteps.message(Buffer.buffer("one")))
                    .appendBuffer(GrpcSteps.message(Buffer.buffer("one")))
                    .appendBuffer(GrpcSteps.message(Buffer.buffer("one"))),
                1,
                4,
                5,
                6,
                14,
                15),
            GrpcSteps.status(0)),
        fine("ends at once", 0, GrpcSteps.head(), GrpcSteps.status(0)),
        fine("says by its head alone that all went well", 0, GrpcSteps.trailersOnly(0, "")));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void everyStreamEndsAndHoldsNothing(Fault fault) {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(fault.steps());
      GrpcCaller.Stream stream = caller.open(server.port());

      if (fault.status() == null) {
        stream.trailers();
      } else {
        RpcException failure = stream.failure();
        assertEquals(fault.status(), failure.grpcStatus(), failure.toString());
        assertEquals(fault.processed(), failure.processed(), failure.toString());
      }
      assertEquals(fault.seen(), stream.seen.size());
      assertTrue(stream.on(opened -> opened.write(Buffer.buffer("late"))).failed());
    }
  }

  @Test
  void aServerThatNeverReadsStopsTheWriterUntilItGivesUp() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(GrpcSteps.head(), Steps.roundTrip(), Steps.stopReading());
      GrpcCaller.Stream stream = caller.open(server.port());
      Buffer large = Buffer.buffer(new byte[64 * 1024]);
      int written = 0;
      while (written < 1_000 && !stream.on(StreamExchange::isWriteQueueFull)) {
        stream.on(opened -> opened.write(large));
        written++;
      }
      assertTrue(written < 1_000, "never full");

      stream.cancel();

      assertEquals(GrpcStatus.CANCELLED, stream.failure().grpcStatus());
    }
  }

  @Test
  void aServerThatNeverHalfClosesHoldsNothingOnceGivenUp() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(GrpcSteps.head(), Steps.untilReset());
      GrpcCaller.Stream stream = caller.open(server.port());
      stream.head();
      await(stream.on(StreamExchange::end));
      assertFalse(stream.isDone());

      stream.cancel();

      assertEquals(GrpcStatus.CANCELLED, stream.failure().grpcStatus());
      server.journal().await("a reset", frame -> frame.is(FrameType.RST_STREAM));
    }
  }

  @Test
  void aStreamThatTheServerEndsFirstIsHalfClosedAndNotReset() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server
          .answerNext(GrpcSteps.head(), one(), GrpcSteps.status(0), Steps.untilRequestEnds())
          .answer(GrpcSteps.ok("fine"));
      caller.open(server.port()).trailers();
      assertEquals("fine", caller.call(server.port()).body());

      assertFalse(
          server.journal().entries().stream().anyMatch(frame -> frame.is(FrameType.RST_STREAM)));
    }
  }

  @Test
  void aPeerThatVanishesIsMissedWithinTwoIntervalsHoweverLongTheSilence() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        FlakyProxy proxy = FlakyProxy.to(server.port());
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(GrpcSteps.head(), one(), Steps.untilReset());
      GrpcCaller.Stream stream = caller.open(proxy.port());
      stream.head();
      for (int i = 0; i < 10; i++) {
        caller.time.advance(GrpcOptions.DEFAULT_KEEP_ALIVE_TIME);
        caller.onLoop(v -> v);
        // One round trip until the server has read the question, one until the answer was read.
        server.connection(0).barrier();
        server.connection(0).barrier();
        caller.onLoop(v -> v);
      }
      assertFalse(stream.isDone());

      proxy.vanish();
      caller.time.advance(GrpcOptions.DEFAULT_KEEP_ALIVE_TIME);
      caller.onLoop(v -> v);
      assertFalse(stream.isDone());
      caller.time.advance(GrpcOptions.DEFAULT_KEEP_ALIVE_TIMEOUT);

      RpcException failure = stream.failure();
      assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
      assertEquals(Processed.UNKNOWN, failure.processed());
      assertTrue(failure.detail().contains("no sign of life"), failure.detail());
    }
  }
}
