// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.FreePorts;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How many connections there are, how old they get, and who waits for them. */
@ParameterizedClass
@EnumSource(GrpcEngine.class)
class GrpcPoolIT {

  @Parameter GrpcEngine engine;

  private static final PoolLimits TEN = new PoolLimits(10, Duration.ZERO);
  private static final Duration SHORT = Duration.ofSeconds(5);

  @Test
  void aColdBurstOpensOneConnectionAtATime() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create(TEN)) {
      server
          .onConnect(Steps.settings(Steps.MAX_CONCURRENT_STREAMS, 20))
          .answer(Steps.hold("all"), GrpcSteps.ok("fine"));
      List<GrpcCaller.Call> calls = calls(caller, server, 50);
      server.request(49);

      assertEquals(3, server.connections());
      server.release("all");
      calls.forEach(call -> assertEquals("fine", call.body()));
    }
  }

  @Test
  void callsUseTheConnectionThatWasOpenedAhead() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create(TEN)) {
      server.answer(GrpcSteps.ok("fine"));
      Future<Void> first = caller.connect(server.port());
      Future<Void> second = caller.connect(server.port());
      GrpcCaller.await(first);
      GrpcCaller.await(second);
      GrpcCaller.await(caller.connect(server.port()));
      assertEquals(1, server.connections());

      assertEquals("fine", caller.call(server.port()).body());

      assertEquals(1, server.connections());
    }
  }

  @Test
  void aConnectionThatCannotBeOpenedAheadSaysSo() {
    try (GrpcCaller caller = GrpcCaller.on(engine).create(TEN)) {
      RpcException failure =
          assertThrows(RpcException.class, () -> GrpcCaller.await(caller.connect(FreePorts.one())));

      assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
      assertEquals(Processed.NOT_SENT, failure.processed());
      RpcException bad =
          assertThrows(
              RpcException.class,
              () -> GrpcCaller.await(caller.transport.connect(Node.of("n", "no port"), SHORT)));
      assertEquals(GrpcStatus.INTERNAL, bad.grpcStatus());
    }
  }

  @Test
  void closingEndsAConnectionThatIsOpenedAhead() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create(TEN)) {
      server.onConnect(Steps.hold("settings"));
      Future<Void> ahead = caller.connect(server.port());
      GrpcCaller.await(caller.transport.close(caller.in(Duration.ZERO)));

      assertThrows(RpcException.class, () -> GrpcCaller.await(ahead));
      assertThrows(RpcException.class, () -> GrpcCaller.await(caller.connect(server.port())));
    }
  }

  @Test
  void closingLeavesTheTimersOfOthersAlone() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create(TEN)) {
      long first = caller.vertx.setTimer(3_600_000, due -> {});
      assertEquals(0, first, "the timer that Vert.x mistakes for its own");
      GrpcCaller.await(caller.connect(server.port()));

      GrpcCaller.await(caller.transport.close(caller.in(Duration.ZERO)));

      assertTrue(caller.vertx.cancelTimer(first), "the timer was cancelled already");
    }
  }

  @Test
  void oneStreamAtATimeServesEverybody() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create(new PoolLimits(1, Duration.ZERO))) {
      server
          .onConnect(Steps.settings(Steps.MAX_CONCURRENT_STREAMS, 1))
          .answer(GrpcSteps.ok("fine"));

      calls(caller, server, 200).forEach(call -> assertEquals("fine", call.body()));

      assertEquals(1, server.connections());
    }
  }

  @Test
  void theStreamCapOfTheOptionsCountsToo() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller =
            GrpcCaller.on(engine).create(TEN, new GrpcOptions().setMaxStreamsPerConnection(4))) {
      server.answer(Steps.hold("all"), GrpcSteps.ok("fine"));
      List<GrpcCaller.Call> calls = calls(caller, server, 8);
      server.request(7);

      assertEquals(2, server.connections());
      server.release("all");
      calls.forEach(call -> assertEquals("fine", call.body()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void theSizeBoundsAllEventLoopsTogether(int size) {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create(new PoolLimits(size, Duration.ZERO))) {
      server.answer(GrpcSteps.ok("fine"));
      List<Context> loops = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        loops.add(caller.newLoop());
      }
      List<GrpcCaller.Call> calls = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        calls.add(
            caller.call(
                loops.get(i % 8),
                node(server),
                GrpcCaller.request("hello"),
                Deadline.NONE,
                SendOptions.DEFAULT));
      }

      calls.forEach(call -> assertEquals("fine", call.body()));

      assertTrue(server.connections() <= size, () -> "connections: " + server.connections());
    }
  }

  @Test
  void aHandedOverExchangeCanBeCancelled() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create(new PoolLimits(1, Duration.ZERO))) {
      server.answerNext(GrpcSteps.ok("fine"));
      assertEquals("fine", caller.call(server.port()).body());
      GrpcCaller.Call elsewhere =
          caller.call(
              caller.newLoop(),
              node(server),
              GrpcCaller.request("hello"),
              Deadline.NONE,
              SendOptions.DEFAULT);
      server.request(1);

      elsewhere.cancel();

      assertEquals(Processed.UNKNOWN, elsewhere.failure().processed());
      SeenFrame reset = server.journal().await("RST_STREAM", f -> f.is(FrameType.RST_STREAM));
      assertEquals(Http2Error.CANCEL.code(), reset.errorCode());
      assertEquals(1, server.connections());
    }
  }

  @Test
  void anAgedConnectionGetsNoNewWorkAndEndsWhatItHas() {
    PoolLimits minute = new PoolLimits(1, Duration.ofMinutes(1));
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create(minute)) {
      server.answerNext(Steps.hold("old"), GrpcSteps.ok("old")).answer(GrpcSteps.ok("fine"));
      GrpcCaller.Call old = caller.call(server.port());
      server.request(0);
      caller.time.advance(Duration.ofSeconds(53));
      assertEquals("fine", caller.call(server.port()).body());
      assertEquals(1, server.connections());

      caller.time.advance(Duration.ofSeconds(7));
      assertEquals("fine", caller.call(server.port()).body());

      assertEquals(2, server.connections());
      assertFalse(old.isDone());
      server.release("old");
      assertEquals("old", old.body());
      server.journal().await("the end", f -> f.is(FrameType.CLOSED) && f.connection() == 0);
    }
  }

  @Test
  void aSmallerPoolClosesWhatIsIdleAndFailsNothing() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create(TEN)) {
      server
          .onConnect(Steps.settings(Steps.MAX_CONCURRENT_STREAMS, 1))
          .answer(Steps.hold("all"), GrpcSteps.ok("fine"));
      List<GrpcCaller.Call> calls = calls(caller, server, 3);
      server.request(2);
      assertEquals(3, server.connections());

      caller.transport.setPool(new PoolLimits(1, Duration.ZERO));
      server.release("all");

      calls.forEach(call -> assertEquals("fine", call.body()));
      server.journal().await("the end of one", 0, f -> f.is(FrameType.CLOSED));
      server.journal().await("the end of another", 1, f -> f.is(FrameType.CLOSED));
      assertEquals("fine", caller.call(server.port()).body());
      assertEquals(3, server.connections());
    }
  }

  @Test
  void aLargerPoolServesThoseWhoWait() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create(new PoolLimits(1, Duration.ZERO))) {
      server
          .onConnect(Steps.settings(Steps.MAX_CONCURRENT_STREAMS, 1))
          .answer(Steps.hold("all"), GrpcSteps.ok("fine"));
      List<GrpcCaller.Call> calls = calls(caller, server, 2);
      server.request(0);
      caller.onLoop(v -> v);
      assertEquals(1, caller.observer.queued());

      caller.transport.setPool(TEN);

      server.request(1);
      assertEquals(2, server.connections());
      server.release("all");
      calls.forEach(call -> assertEquals("fine", call.body()));
    }
  }

  @Test
  void unusedConnectionsAreClosedAndTheNodeForgotten() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(GrpcSteps.ok("fine"));
      assertEquals("fine", caller.call(server.port()).body());

      // Each step lets the event loop sweep and arm its timer again.
      for (int i = 0; i < 5; i++) {
        caller.onLoop(v -> v);
        caller.time.advance(GrpcOptions.DEFAULT_IDLE_TIMEOUT.dividedBy(4));
      }
      server.journal().await("the end", f -> f.is(FrameType.CLOSED));
      for (int i = 0; caller.onLoop(v -> caller.time.armed()) > 0; i++) {
        assertTrue(i < 10, "the sweep goes on without nodes");
        caller.time.advance(GrpcOptions.DEFAULT_IDLE_TIMEOUT.dividedBy(4));
      }

      assertEquals(0, caller.observer.connections());
      assertEquals("fine", caller.call(server.port()).body());
    }
  }

  @Test
  void connectionsOutliveTheVerticleThatCalledFirst() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(GrpcSteps.ok("fine"));
      Context[] seen = new Context[1];
      VerticleBase verticle =
          new VerticleBase() {
            @Override
            public Future<?> start() {
              seen[0] = Vertx.currentContext();
              return caller
                  .transport
                  .send(
                      node(server), GrpcCaller.request("hello"), Deadline.NONE, SendOptions.DEFAULT)
                  .reply();
            }
          };
      String id = GrpcCaller.await(caller.vertx.deployVerticle(verticle));
      int timers = caller.time.armed();
      GrpcCaller.await(caller.vertx.undeploy(id));

      GrpcCaller.Call later =
          caller.call(
              EventLoops.newContext(caller.vertx, EventLoops.loopOf(seen[0])),
              node(server),
              GrpcCaller.request("hello"),
              Deadline.NONE,
              SendOptions.DEFAULT);

      assertEquals("fine", later.body());
      assertEquals(1, server.connections());
      assertEquals(timers, caller.time.armed());
    }
  }

  @Test
  void theQueueIsBounded() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller =
            GrpcCaller.on(engine)
                .create(
                    new PoolLimits(1, Duration.ZERO), new GrpcOptions().setMaxQueuedPerNode(2))) {
      server
          .onConnect(Steps.settings(Steps.MAX_CONCURRENT_STREAMS, 1))
          .answer(Steps.hold("all"), GrpcSteps.ok("fine"));
      GrpcCaller.Call first = caller.call(server.port());
      server.request(0);
      List<GrpcCaller.Call> queued = calls(caller, server, 2);

      RpcException refused = caller.call(server.port()).failure();

      assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.grpcStatus());
      assertEquals(Processed.NOT_SENT, refused.processed());
      assertEquals(1, caller.observer.limitReachedTimes("queue"));
      server.release("all");
      assertEquals("fine", first.body());
      queued.forEach(call -> assertEquals("fine", call.body()));
    }
  }

  @Test
  void aMutePeerFailsAllWhoWaitAtOnce() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.onNextConnect(Steps.mute()).answer(GrpcSteps.ok("fine"));
      List<GrpcCaller.Call> calls = calls(caller, server, 20);
      server.journal().await("a connection", f -> f.is(FrameType.OPENED));
      caller.onLoop(v -> v);

      caller.time.advance(SendOptions.DEFAULT.dialTimeout());

      for (GrpcCaller.Call call : calls) {
        assertEquals(Processed.NOT_SENT, call.failure().processed());
      }
      server.journal().await("the end", f -> f.is(FrameType.CLOSED));
      assertEquals("fine", caller.call(server.port()).body());
    }
  }

  @Test
  void aConnectionIsRetiredBeforeOurResetsEndIt() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      for (int i = 0; i < ResetWindow.MOST; i++) {
        GrpcCaller.Call call = caller.call(server.port());
        server.request(i);
        call.cancel();
      }
      server.answer(GrpcSteps.ok("fine"));

      assertEquals("fine", caller.call(server.port()).body());

      assertEquals(2, server.connections());
      server.journal().await("the end", f -> f.is(FrameType.CLOSED) && f.connection() == 0);
    }
  }

  @Test
  void aConnectionIsRetiredBeforeTheServersResetsEndIt() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(Steps.untilRequestEnds(), Steps.reset(Http2Error.REFUSED_STREAM));
      for (int i = 0; i < 2 * ResetWindow.MOST + 1; i++) {
        assertEquals(Processed.REFUSED, caller.call(server.port()).failure().processed());
      }

      assertEquals(3, server.connections());
    }
  }

  @Test
  void loweredStreamLimitsAreFollowed() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create(new PoolLimits(1, Duration.ZERO))) {
      server
          .answerNext(
              Steps.settings(Steps.MAX_CONCURRENT_STREAMS, 1),
              Steps.untilSettingsAck(),
              GrpcSteps.ok("lowered"))
          .answer(GrpcSteps.ok("fine"));
      assertEquals("lowered", caller.call(server.port()).body());

      calls(caller, server, 50).forEach(call -> assertEquals("fine", call.body()));

      assertEquals(1, server.connections());
    }
  }

  @Test
  void callsInFlightAreNotMovedByAGoAway() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server
          .answerNext(Steps.hold("first"), GrpcSteps.ok("one"))
          .answerNext(Steps.goAwayAfter(Http2Error.NO_ERROR), GrpcSteps.ok("two"))
          .answer(GrpcSteps.ok("fine"));
      GrpcCaller.Call first = caller.call(server.port());
      server.request(0);

      assertEquals("two", caller.call(server.port()).body());
      assertEquals("fine", caller.call(server.port()).body());
      server.release("first");

      assertEquals("one", first.body());
      assertEquals(2, server.connections());
    }
  }

  @Test
  void settingsFollowTwoPingsWhenTheServerIsSilent() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      GrpcCaller.Call call = caller.call(server.port());
      server.request(0);
      for (int i = 0; i < 9; i++) {
        caller.time.advance(GrpcOptions.DEFAULT_KEEP_ALIVE_TIME);
        caller.onLoop(v -> v);
        // One round trip until the server has read the question, one until the answer was read.
        server.connection(0).barrier();
        server.connection(0).barrier();
        caller.onLoop(v -> v);
      }

      assertEquals(2, pings(server));
      // The first one is of the connection's start.
      assertEquals(1 + 7, settings(server));
      assertFalse(call.isDone());
      call.cancel();
    }
  }

  @Test
  void idleConnectionsArePingedNot() {
    try (ScriptedHttp2Server server = ScriptedHttp2Server.start();
        GrpcCaller caller = GrpcCaller.on(engine).create()) {
      server.answer(GrpcSteps.ok("fine"));
      assertEquals("fine", caller.call(server.port()).body());
      for (int i = 0; i < 5; i++) {
        caller.time.advance(GrpcOptions.DEFAULT_KEEP_ALIVE_TIME);
        caller.onLoop(v -> v);
        server.connection(0).barrier();
      }

      assertEquals(0, pings(server));
    }
  }

  private static List<GrpcCaller.Call> calls(
      GrpcCaller caller, ScriptedHttp2Server server, int count) {
    List<GrpcCaller.Call> calls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      calls.add(caller.call(server.port(), "call " + i));
    }
    return calls;
  }

  private static Node node(ScriptedHttp2Server server) {
    return Node.of("node", "127.0.0.1:" + server.port());
  }

  private static long settings(ScriptedHttp2Server server) {
    return server.journal().entries().stream()
        .filter(f -> f.is(FrameType.SETTINGS) && !f.isAck())
        .count();
  }

  private static long pings(ScriptedHttp2Server server) {
    return server.journal().entries().stream()
        .filter(f -> f.is(FrameType.PING) && !f.isAck())
        .count();
  }
}
