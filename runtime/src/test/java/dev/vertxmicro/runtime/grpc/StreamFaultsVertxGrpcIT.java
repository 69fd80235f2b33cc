// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static dev.vertxmicro.runtime.grpc.GrpcCaller.await;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.CountingObserver;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.SteppedTime;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the thin engine makes of the faults of {@link GrpcStreamFaultsIT}. {@link #DIFFERS} has what
 * it says where that is less, {@link #SILENT} the faults that it never hears of: a stream is then
 * left to its timeouts, here to a cancel.
 */
class StreamFaultsVertxGrpcIT {

  private static final Map<String, String> DIFFERS =
      Map.ofEntries(
          // GOAWAY looks like a lost connection.
          entry("goes away below the stream", "UNAVAILABLE UNKNOWN"),
          // The HTTP status is out of reach.
          entry("leaves the trailers out", "UNKNOWN UNKNOWN"),
          entry("is no gRPC server", "UNKNOWN UNKNOWN"),
          // Half of a message is passed over.
          entry("ends inside of a message", "fine"));

  /** Vert.x throws where nobody hears it, or does not see the flags. */
  private static final Set<String> SILENT =
      Set.of("compresses without saying how", "sends unknown flags");

  private final SteppedTime time = new SteppedTime();
  private final CountingObserver observer = new CountingObserver();
  private final Vertx vertx = Vertx.vertx();
  private final Context loop = ((VertxInternal) vertx).createEventLoopContext();
  private final VertxGrpcTransport transport =
      VertxGrpcTransport.create(vertx, time, observer, new GrpcOptions());

  @AfterEach
  void nothingIsLeft() {
    await(transport.close(Deadline.NONE));
    assertEquals("connections=0, streams=0, queued=0", observer.toString());
    assertEquals(0, time.armed(), "timers");
    await(vertx.close());
  }

  private GrpcCaller.Stream open(int port) {
    Node node = Node.of("node", "127.0.0.1:" + port);
    return new GrpcCaller.Stream(
        loop,
        () -> transport.open(node, GrpcCaller.request(""), Deadline.NONE, SendOptions.DEFAULT));
  }

  @ParameterizedTest
  @MethodSource("dev.vertxmicro.runtime.grpc.GrpcStreamFaultsIT#faults")
  void everyStreamEndsAndHoldsNothing(GrpcStreamFaultsIT.Fault fault) {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start()) {
      server.answer(fault.steps());
      GrpcCaller.Stream stream = open(server.port());
      if (SILENT.contains(fault.name())) {
        stream.head();
        server.connection(0).barrier();
        stream.on(opened -> true);
        assertFalse(stream.isDone());
        stream.cancel();
      }

      assertEquals(expected(fault), end(stream));
      if (!SILENT.contains(fault.name())) {
        assertEquals(fault.seen(), stream.seen.size());
      }
      assertTrue(stream.on(opened -> opened.write(Buffer.buffer("late"))).failed());
    }
  }

  private static String end(GrpcCaller.Stream stream) {
    try {
      stream.trailers();
      return "fine";
    } catch (RpcException failure) {
      return failure.grpcStatus() + " " + failure.processed();
    }
  }

  private static String expected(GrpcStreamFaultsIT.Fault fault) {
    if (SILENT.contains(fault.name())) {
      return "CANCELLED UNKNOWN";
    }
    return DIFFERS.getOrDefault(fault.name(), wanted(fault));
  }

  private static String wanted(GrpcStreamFaultsIT.Fault fault) {
    return fault.status() == null ? "fine" : fault.status() + " " + fault.processed();
  }

  @Test
  void everyDifferenceIsOne() {
    Map<String, String> wanted =
        GrpcStreamFaultsIT.faults()
            .collect(
                Collectors.toMap(GrpcStreamFaultsIT.Fault::name, StreamFaultsVertxGrpcIT::wanted));

    DIFFERS.forEach((name, differs) -> assertFalse(differs.equals(wanted.get(name)), name));
    assertTrue(wanted.keySet().containsAll(DIFFERS.keySet()), DIFFERS::toString);
    assertTrue(wanted.keySet().containsAll(SILENT), SILENT::toString);
  }

  @Test
  void aServerThatNeverReadsStopsTheWriterUntilItGivesUp() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start()) {
      server.answer(GrpcSteps.head(), Steps.roundTrip(), Steps.stopReading());
      GrpcCaller.Stream stream = open(server.port());
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
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start()) {
      server.answer(GrpcSteps.head(), Steps.untilReset());
      GrpcCaller.Stream stream = open(server.port());
      stream.head();
      await(stream.on(StreamExchange::end));
      assertFalse(stream.isDone());

      stream.cancel();

      assertEquals(GrpcStatus.CANCELLED, stream.failure().grpcStatus());
      server.journal().await("a reset", frame -> frame.is(FrameType.RST_STREAM));
    }
  }
}
