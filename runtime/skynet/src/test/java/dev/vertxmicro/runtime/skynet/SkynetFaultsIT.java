// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static dev.vertxmicro.runtime.skynet.Waiting.await;
import static dev.vertxmicro.runtime.skynet.Waiting.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.FakeTimeSource;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that misbehave, vanish, move and come back. */
class SkynetFaultsIT {

  private Vertx vertx;
  private RawNode node;
  private Wire wire;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    node = RawNode.start(vertx);
    wire = new Wire(vertx, new SkynetOptions(), null);
  }

  @AfterEach
  void stop() {
    wire.close();
    node.close();
    await(vertx.close());
    assertEquals("connections=0, streams=0, queued=0", wire.observer().toString());
  }

  private Future<Message> call(Object... arguments) {
    return wire.call(node.node(), "@peer", arguments);
  }

  // ---- the way there

  @Test
  void keepsTheOrderOfCallsAndPushesBeforeAndAfterTheConnection() {
    List<Future<Message>> sent = burst(0);
    List<Integer> types = new ArrayList<>();
    List<Object> tags = new ArrayList<>();
    RawNode.Frame last = null;
    for (int i = 0; i < 8; i++) {
      last = node.next();
      types.add(last.type());
      if (last.type() == 0x80) {
        tags.add(last.arguments().get(0));
      }
    }

    // Two small, a large push of two parts, a call, a push, a call, a push.
    assertEquals(List.of(0x80, 0xc1, 0x02, 0x03, 0x80, 0x80, 0x80, 0x80), types);
    assertEquals(List.of(0L, 2L, 3L, 4L, 5L), tags);
    last.on().ok(2, "two");
    last.on().ok(3, "four");
    sent.forEach(Waiting::await);
    List<Future<Message>> again = burst(10);
    List<Object> later = new ArrayList<>();
    while (later.size() < 5) {
      RawNode.Frame frame = node.next();
      if (frame.type() == 0x80) {
        later.add(frame.arguments().get(0));
      }
    }
    assertEquals(List.of(10L, 12L, 13L, 14L, 15L), later);
    last.on().ok(5, "two");
    last.on().ok(6, "four");
    again.forEach(Waiting::await);
    assertEquals(1, wire.observer().connectionsOpened());
  }

  /** As the wire note has it: s1, 40 KB, c1, s3, c2, s4. */
  private List<Future<Message>> burst(int from) {
    Node to = node.node();
    return wire.onLoop(
        () -> {
          List<Exchange> all = new ArrayList<>();
          all.add(wire.push(to, Wire.request("@peer", from)));
          all.add(wire.push(to, Wire.request("@peer", from + 1, "x".repeat(40_000))));
          all.add(wire.start(to, Wire.request("@peer", from + 2)));
          all.add(wire.push(to, Wire.request("@peer", from + 3)));
          all.add(wire.start(to, Wire.request("@peer", from + 4)));
          all.add(wire.push(to, Wire.request("@peer", from + 5)));
          return all.stream().map(Exchange::reply).toList();
        });
  }

  @Test
  void sharesOneAttemptAndTellsEverybodyThatItFailed() {
    int port = node.port();
    node.close();
    Node gone = Node.builder("raw", "127.0.0.1:" + port).protocol("skynet").build();
    List<Future<Message>> sent =
        wire.onLoop(
            () ->
                IntStream.range(0, 20)
                    .mapToObj(
                        i ->
                            i % 2 == 0
                                ? wire.start(gone, Wire.request("@peer", i))
                                : wire.push(gone, Wire.request("@peer", i)))
                    .map(Exchange::reply)
                    .toList());

    for (Future<Message> each : sent) {
      RpcException failed = failure(each);
      assertEquals(GrpcStatus.UNAVAILABLE, failed.grpcStatus());
      assertEquals(Processed.NOT_SENT, failed.processed());
    }
    assertEquals(10, wire.observer().droppedOneWay());
    node = RawNode.start(vertx, port);
    node.answer((on, frame) -> on.ok(frame.session(), "back"));
    assertEquals(LuaValues.of("back"), Wire.values(await(call("again"))));
    assertEquals(1, wire.observer().connectionsOpened());
  }

  @Test
  void boundsWhoWaitsForTheConnection() {
    try (Wire small =
        new Wire(
            vertx, new SkynetOptions().setMaxQueuedPerNode(3).setMaxQueuedBytes(1_000), null)) {
      node.answer((on, frame) -> on.ok(frame.session(), true));
      List<Future<Message>> sent =
          small.onLoop(
              () ->
                  List.of(
                      small.start(node.node(), Wire.request("@peer", "x".repeat(900))).reply(),
                      small.start(node.node(), Wire.request("@peer", "x".repeat(200))).reply(),
                      small.start(node.node(), Wire.request("@peer", 1)).reply(),
                      small.start(node.node(), Wire.request("@peer", 2)).reply(),
                      small.start(node.node(), Wire.request("@peer", 3)).reply()));

      assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure(sent.get(1)).grpcStatus());
      assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure(sent.get(4)).grpcStatus());
      assertEquals(Processed.NOT_SENT, failure(sent.get(4)).processed());
      assertEquals(2, small.observer().limitReachedTimes("queue"));
      List.of(sent.get(0), sent.get(2), sent.get(3)).forEach(Waiting::await);
    }
  }

  @Test
  void boundsTheCallsThatAwaitReplies() {
    try (Wire small = new Wire(vertx, new SkynetOptions().setMaxOpenPerNode(1), null)) {
      Future<Message> first = small.call(node.node(), "@peer", 1);
      RawNode.Frame asked = node.next();

      RpcException refused = failure(small.call(node.node(), "@peer", 2));

      assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.grpcStatus());
      assertEquals(Processed.NOT_SENT, refused.processed());
      asked.on().ok(asked.session(), true);
      await(first);
    }
  }

  @Test
  void writesNothingOfACallThatWasCancelledInTheQueue() {
    List<Exchange> sent =
        wire.onLoop(
            () -> {
              Exchange first = wire.start(node.node(), Wire.request("@peer", "first"));
              Exchange second = wire.start(node.node(), Wire.request("@peer", "second"));
              first.cancel();
              return List.of(first, second);
            });

    assertEquals(Processed.NOT_SENT, failure(sent.get(0).reply()).processed());
    RawNode.Frame frame = node.next();
    assertEquals(LuaValues.of("second"), frame.arguments());
    frame.on().ok(frame.session());
    await(sent.get(1).reply());
  }

  @Test
  void aCallThatIsCancelledBeforeItsBatchHasLeftCountsAsSentAndIsSent() {
    node.answer((on, frame) -> on.ok(frame.session()));
    await(call("first"));
    node.answer(null);

    Exchange given =
        wire.onLoop(
            () -> {
              Exchange made = wire.start(node.node(), Wire.request("@peer", "given up"));
              made.cancel();
              return made;
            });

    assertEquals(Processed.UNKNOWN, failure(given.reply()).processed());
    assertEquals(LuaValues.of("given up"), node.next().arguments());
  }

  @Test
  void callsWhoseBatchHasNotLeftAreNotSentWhenTheConnectionIsCut() {
    SkynetNodes nodes = SkynetNodes.create(vertx);
    nodes.put("raw", node.address());
    try (Wire following = new Wire(vertx, new SkynetOptions(), nodes)) {
      node.answer((on, frame) -> on.ok(frame.session()));
      await(following.call(node.node(), "@peer", "first"));
      node.answer(null);

      List<Exchange> cut =
          following.onLoop(
              () -> {
                List<Exchange> made =
                    List.of(
                        following.start(node.node(), Wire.request("@peer", 1)),
                        following.push(node.node(), Wire.request("@peer", 2)));
                nodes.remove("raw");
                return made;
              });

      cut.forEach(each -> assertEquals(Processed.NOT_SENT, failure(each.reply()).processed()));
      await(node.connections().get(0).closed());
      assertEquals(0, node.waiting());
      assertEquals(1, following.observer().droppedOneWay());
    }
  }

  @Test
  void pushesLeaveBeforeTheirConnectionCloses() {
    SkynetNodes nodes = SkynetNodes.create(vertx);
    nodes.put("raw", node.address());
    SkynetOptions drain = new SkynetOptions().setOnAddressChange(AddressChange.DRAIN);
    try (Wire following = new Wire(vertx, drain, nodes)) {
      node.answer((on, frame) -> on.ok(frame.session()));
      await(following.call(node.node(), "@peer", "first"));
      node.answer(null);

      Exchange last =
          following.onLoop(
              () -> {
                Exchange made = following.push(node.node(), Wire.request("@peer", "last"));
                nodes.remove("raw");
                return made;
              });

      await(last.reply());
      assertEquals(LuaValues.of("last"), node.next().arguments());
      await(node.connections().get(0).closed());
    }
  }

  /** Throws at the first request that leaves the queue, and at the first push that is dropped. */
  private static final class ThrowingObserver implements TransportObserver {
    private int dequeued;
    private int dropped;

    @Override
    public void dequeued(String protocol) {
      if (++dequeued == 1) {
        throw new IllegalStateException("dequeued");
      }
    }

    @Override
    public void oneWayDropped(String protocol) {
      if (++dropped == 1) {
        throw new IllegalStateException("dropped");
      }
    }
  }

  /** Returns calls or a push and a call, made in one turn before there is a connection. */
  private List<Future<Message>> queueOf(SkynetTransport transport, boolean pushFirst) {
    SendOptions options = Wire.options(100);
    return wire.onLoop(
        () -> {
          Message one = Wire.request("@peer", 1);
          Exchange first =
              pushFirst
                  ? transport.sendOneWay(node.node(), one, wire.deadline(), options)
                  : transport.send(node.node(), one, wire.deadline(), options);
          Message two = Wire.request("@peer", 2);
          return List.of(
              first.reply(), transport.send(node.node(), two, wire.deadline(), options).reply());
        });
  }

  private SkynetTransport withThrowingObserver() {
    node.answer((on, frame) -> on.ok(frame.session(), frame.arguments().get(0)));
    return SkynetTransport.create(
        vertx, TimeSource.of(vertx), new ThrowingObserver(), new SkynetOptions(), null);
  }

  @Test
  void whatAnObserverThrowsEndsOneRequestOfTheQueue() {
    SkynetTransport transport = withThrowingObserver();

    List<Future<Message>> queued = queueOf(transport, false);

    RpcException failed = failure(queued.get(0));
    assertEquals(GrpcStatus.INTERNAL, failed.grpcStatus());
    assertEquals(Processed.NOT_SENT, failed.processed());
    assertEquals(LuaValues.of(2), Wire.values(await(queued.get(1))));
    await(transport.close(wire.deadline()));
  }

  @Test
  void theNextCallServesAQueueThatAnObserverHasStopped() {
    Promise<Throwable> stopped = Promise.promise();
    vertx.exceptionHandler(stopped::tryComplete);
    SkynetTransport transport = withThrowingObserver();

    List<Future<Message>> queued = queueOf(transport, true);
    assertEquals("dropped", await(stopped.future()).getMessage());
    Message three = Wire.request("@peer", 3);
    Future<Message> next =
        wire.onLoop(
            () -> transport.send(node.node(), three, wire.deadline(), Wire.options(100)).reply());

    assertEquals(LuaValues.of(3), Wire.values(await(next)));
    assertEquals(LuaValues.of(2), Wire.values(await(queued.get(1))));
    await(transport.close(wire.deadline()));
  }

  @Test
  void refusesEndpointsThatAreNoAddresses() {
    for (String endpoint : List.of("", "/GET", "@" + "n".repeat(255), "4294967296")) {
      RpcException refused = failure(wire.call(node.node(), endpoint));
      assertEquals(GrpcStatus.INVALID_ARGUMENT, refused.grpcStatus(), endpoint);
      assertEquals(Processed.NOT_SENT, refused.processed());
    }
  }

  @Test
  void putsTheCommandOfTheEndpointBeforeTheArguments() {
    Future<Message> called = wire.call(node.node(), "@sdb/GET", "key");
    RawNode.Frame frame = node.next();

    assertEquals(LuaValues.of("GET", "key"), frame.arguments());
    frame.on().ok(frame.session());
    await(called);
  }

  @Test
  void sendsATraceTagIfAskedTo() {
    try (Wire traced = new Wire(vertx, new SkynetOptions().setTraceHeader("x-trace"), null)) {
      Message request =
          Wire.request("@peer", 1).toBuilder()
              .headers(dev.vertxmicro.metadata.Metadata.of("X-Trace", "(here-1)"))
              .build();
      Future<Message> called = traced.onLoop(() -> traced.start(node.node(), request).reply());
      RawNode.Frame tag = node.next();
      RawNode.Frame frame = node.next();

      assertEquals("\u0004(here-1)", tag.content().toString());
      frame.on().ok(frame.session());
      await(called);
    }
  }

  // ---- what comes back

  @Test
  void readsRepliesThatComeByteByByte() {
    node.answer(
        (on, frame) -> {
          Buffer reply =
              ReplyFrames.ok(frame.session(), LuaSeri.pack(LuaValues.of("slow", "z".repeat(40))));
          for (int i = 0; i < reply.length(); i++) {
            on.write(reply.getBuffer(i, i + 1));
          }
        });

    assertEquals(LuaValues.of("slow", "z".repeat(40)), Wire.values(await(call(1))));
  }

  @Test
  void failsCallsWhoseNodeVanishesInTheMiddleOfAReply() {
    node.answer(
        (on, frame) -> {
          on.write(Wire.begin(frame.session(), 70_000));
          on.write(Wire.part(frame.session(), 3, new byte[32_768]).getBuffer(0, 1_000));
          on.close();
        });

    RpcException lost = failure(call("large"));

    assertEquals(GrpcStatus.UNAVAILABLE, lost.grpcStatus());
    assertEquals(Processed.UNKNOWN, lost.processed());
    assertTrue(lost.detail().contains("outcome unknown"), lost.detail());
  }

  @Test
  void connectsAgainAfterALossAndCountsSessionsOn() {
    List<Integer> sessions = new ArrayList<>();
    node.answer(
        (on, frame) -> {
          sessions.add(frame.session());
          if (sessions.size() % 2 == 0) {
            on.close();
          } else {
            on.ok(frame.session(), true);
          }
        });

    for (int i = 0; i < 20; i++) {
      Future<Message> called = call(i);
      if (i % 2 == 0) {
        await(called);
      } else {
        assertEquals(GrpcStatus.UNAVAILABLE, failure(called).grpcStatus());
      }
    }

    assertEquals(IntStream.rangeClosed(1, 20).boxed().toList(), sessions);
    assertEquals(10, wire.observer().connectionsOpened());
  }

  @Test
  void passesOverRepliesThatNobodyAwaits() {
    node.answer(
        (on, frame) -> {
          int session = frame.session();
          on.ok(session + 7, "unknown");
          on.write(ReplyFrames.error(0, Buffer.buffer("Invalid name")));
          on.write(Wire.begin(session + 9, 40));
          on.write(Wire.part(session + 9, 4, new byte[40]));
          on.ok(session, "known");
          on.ok(session, "again");
        });

    assertEquals(LuaValues.of("known"), Wire.values(await(call(1))));
    assertEquals(LuaValues.of("known"), Wire.values(await(call(2))));
    assertEquals(1, wire.observer().connectionsOpened());
  }

  @Test
  void passesOverALateReplyWithAllItsParts() {
    Exchange given = wire.onLoop(() -> wire.start(node.node(), Wire.request("@peer", "late")));
    RawNode.Frame late = node.next();
    wire.onLoop(
        () -> {
          given.cancel();
          return true;
        });
    assertEquals(Processed.UNKNOWN, failure(given.reply()).processed());

    late.on().write(Wire.begin(late.session(), 1 << 30));
    for (int i = 0; i < 100; i++) {
      late.on().write(Wire.part(late.session(), 3, new byte[32_768]));
    }
    Future<Message> next = call("next");
    RawNode.Frame asked = node.next();
    asked.on().ok(asked.session(), "fine");

    assertEquals(LuaValues.of("fine"), Wire.values(await(next)));
  }

  @Test
  void takesPartsOfSeveralRepliesInAnyOrder() {
    Future<Message> first = call(1);
    Future<Message> second = call(2);
    RawNode.Frame one = node.next();
    RawNode.Frame two = node.next();
    Buffer packed = LuaSeri.pack(LuaValues.of("y".repeat(50)));
    RawNode.Connection on = one.on();

    on.write(Wire.begin(two.session(), packed.length()));
    on.write(Wire.begin(one.session(), packed.length()));
    on.write(Wire.part(one.session(), 3, packed.getBytes(0, 20)));
    on.write(Wire.part(two.session(), 3, packed.getBytes(0, 30)));
    on.write(Wire.part(one.session(), 4, packed.getBytes(20, packed.length())));
    on.write(Wire.part(two.session(), 4, packed.getBytes(30, packed.length())));

    assertEquals(LuaValues.of("y".repeat(50)), Wire.values(await(first)));
    assertEquals(LuaValues.of("y".repeat(50)), Wire.values(await(second)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"twice", "no begin", "too few", "too many", "whole inside"})
  void failsOneCallWhoseReplyIsNoneAndGoesOn(String what) {
    node.answer(
        (on, frame) -> {
          int session = frame.session();
          if (frame.arguments().get(0).equals(LuaString.of("bad"))) {
            badReply(what, session).forEach(on::write);
          } else {
            on.ok(session, "good");
          }
        });

    RpcException failed = failure(call("bad"));

    assertEquals(GrpcStatus.INTERNAL, failed.grpcStatus());
    assertEquals(Processed.YES, failed.processed());
    assertTrue(failed.detail().startsWith("protocol error"), failed.detail());
    assertEquals(LuaValues.of("good"), Wire.values(await(call("ok"))));
    assertEquals(1, wire.observer().connectionsOpened());
  }

  private static List<Buffer> badReply(String what, int session) {
    byte[] ten = new byte[10];
    return switch (what) {
      case "twice" -> List.of(Wire.begin(session, 10), Wire.begin(session, 10));
      case "no begin" -> List.of(Wire.part(session, 4, ten));
      case "too few" -> List.of(Wire.begin(session, 11), Wire.part(session, 4, ten));
      case "too many" -> List.of(Wire.begin(session, 9), Wire.part(session, 3, ten));
      default -> List.of(Wire.begin(session, 20), Wire.part(session, 1, ten));
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"0000", "0004aabbccdd", "00050100000005", "0006010000000200"})
  void endsAConnectionThatTalksNonsense(String hex) {
    BiConsumer<RawNode.Connection, RawNode.Frame> good = (on, f) -> on.ok(f.session(), "good");
    node.answer((on, frame) -> on.write(Vectors.bytes(hex)));

    RpcException failed = failure(call(1));

    assertEquals(GrpcStatus.INTERNAL, failed.grpcStatus());
    assertEquals(Processed.UNKNOWN, failed.processed());
    node.answer(good);
    assertEquals(LuaValues.of("good"), Wire.values(await(call(2))));
    assertEquals(2, wire.observer().connectionsOpened());
  }

  @Test
  void tellsTheErrorOfTheNodeAlsoInTheMiddleOfItsReply() {
    node.answer(
        (on, frame) -> {
          on.write(Wire.begin(frame.session(), 100));
          on.write(Wire.part(frame.session(), 3, new byte[10]));
          on.write(
              ReplyFrames.error(
                  frame.session(), Buffer.buffer("./lualib/skynet.lua:862: call failed")));
        });

    RpcException failed = failure(call(1));

    assertEquals("./lualib/skynet.lua:862: call failed", failed.detail());
    assertEquals("raw", failed.error().id());
    assertEquals(500, failed.code());
    assertEquals(Processed.YES, failed.processed());
  }

  @Test
  void tellsThatANameIsUnknown() {
    node.answer(
        (on, frame) -> on.write(ReplyFrames.error(frame.session(), Buffer.buffer("Invalid name"))));

    assertEquals(404, failure(call(1)).code());
  }

  @Test
  void boundsALargeReplyByWhatItSays() {
    Future<Message> called =
        wire.onLoop(
            () ->
                wire.transport()
                    .send(
                        node.node(), Wire.request("@peer"), wire.deadline(), Wire.options(100_000))
                    .reply());
    RawNode.Frame asked = node.next();
    asked.on().write(Wire.begin(asked.session(), 100_001));

    RpcException failed = failure(called);

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failed.grpcStatus());
    assertEquals(Processed.YES, failed.processed());
  }

  @Test
  void letsRequestsWaitWhileTheNodeDoesNotReadAndSendsThemInOrderWhenItDoes() {
    Future<Message> opened = call("open");
    RawNode.Frame first = node.next();
    first.on().ok(first.session());
    await(opened);
    first.on().stopReading();
    List<Exchange> sent =
        wire.onLoop(
            () ->
                IntStream.range(0, 400)
                    .mapToObj(
                        i -> wire.push(node.node(), Wire.request("@peer", i, "x".repeat(30_000))))
                    .toList());
    Exchange given = sent.get(399);
    wire.onLoop(
        () -> {
          given.cancel();
          return true;
        });
    assertEquals(Processed.NOT_SENT, failure(given.reply()).processed());

    first.on().readOn();

    for (int i = 0; i < 399; i++) {
      await(sent.get(i).reply());
      assertEquals((long) i, node.next().arguments().get(0));
    }
    assertEquals(0, node.waiting());
  }

  @Test
  void handsTheSocketNoMoreThanOneRequestBeyondTheBound() {
    try (Wire small = new Wire(vertx, new SkynetOptions().setMaxUnwrittenBytes(1_024), null)) {
      Future<Message> opened = small.call(node.node(), "@peer", "open");
      RawNode.Frame first = node.next();
      first.on().ok(first.session());
      await(opened);
      first.on().stopReading();

      long heldBack =
          small.onLoop(
              () ->
                  IntStream.range(0, 400)
                      .mapToObj(
                          i ->
                              small.push(node.node(), Wire.request("@peer", i, "x".repeat(30_000))))
                      .toList()
                      .stream()
                      .filter(push -> push.isSent() && !push.reply().isComplete())
                      .count());

      assertEquals(1, heldBack);
      first.on().readOn();
      for (int i = 0; i < 400; i++) {
        assertEquals((long) i, node.next().arguments().get(0));
      }
    }
  }

  @Test
  void countsAPushWhoseTimeIsUpInTheQueueAndNoneThatIsNotWanted() {
    FakeTimeSource time = new FakeTimeSource();
    SkynetOptions options = new SkynetOptions().setMaxUnwrittenBytes(1_024);
    try (Wire small = new Wire(vertx, time, options, null)) {
      List<Exchange> pushes = leaveUnread(small);

      int unwanted = small.onLoop(() -> droppedBy(small, pushes.get(398)));
      int late =
          small.onLoop(
              () -> {
                time.advance(Duration.ofMinutes(2));
                return droppedBy(small, pushes.get(399));
              });

      assertEquals(0, unwanted);
      assertEquals(1, late);
      node.connections().get(0).readOn();
    }
  }

  /** Cancels a push; returns how many count as dropped because of that. */
  private static int droppedBy(Wire wire, Exchange push) {
    int before = wire.observer().droppedOneWay();
    push.cancel();
    return wire.observer().droppedOneWay() - before;
  }

  // ---- connections that nobody uses

  @Test
  void closesAConnectionThatNobodyUsesAndForgetsTheNode() {
    FakeTimeSource time = new FakeTimeSource();
    SkynetOptions options = new SkynetOptions().setIdleTimeout(Duration.ofMinutes(1));
    try (Wire idle = new Wire(vertx, time, options, null)) {
      Future<Message> called = idle.call(node.node(), "@peer", 1);
      RawNode.Frame asked = node.next();
      advance(idle, time, Duration.ofMinutes(2));
      assertEquals("connections=1, streams=1, queued=0", idle.observer().toString());
      asked.on().ok(asked.session());
      await(called);

      advance(idle, time, Duration.ofSeconds(15));
      await(asked.on().closed());
      settle(idle);

      assertEquals("connections=0, streams=0, queued=0", idle.observer().toString());
      assertEquals(1, time.armed());
      advance(idle, time, Duration.ofSeconds(15));
      assertEquals(0, time.armed());
    }
  }

  @Test
  void cutsAnUnusedConnectionWhoseNodeDoesNotReadTheLastPushes() {
    FakeTimeSource time = new FakeTimeSource();
    try (Wire idle = new Wire(vertx, time, mostUnwritten(), null)) {
      List<Exchange> pushes = leaveUnread(idle);

      advance(idle, time, Duration.ofSeconds(75));

      assertEquals("connections=0, streams=0, queued=0", idle.observer().toString());
      assertEquals(Processed.NOT_SENT, failure(pushes.get(399).reply()).processed());
      assertTrue(idle.observer().droppedOneWay() > 0);
    }
  }

  @Test
  void closesAlthoughAnUnusedConnectionCannotBeClosedInPeace() {
    FakeTimeSource time = new FakeTimeSource();
    Wire idle = new Wire(vertx, time, mostUnwritten(), null);
    leaveUnread(idle);
    advance(idle, time, Duration.ofMinutes(1));

    await(idle.transport().close(Deadline.after(Duration.ZERO, time)));

    assertEquals("connections=0, streams=0, queued=0", idle.observer().toString());
  }

  private static SkynetOptions mostUnwritten() {
    return new SkynetOptions().setIdleTimeout(Duration.ofMinutes(1)).setMaxUnwrittenBytes(1 << 26);
  }

  /** Hands the socket 400 pushes, of which the node does not read the last. */
  private List<Exchange> leaveUnread(Wire idle) {
    Future<Message> opened = idle.call(node.node(), "@peer", "open");
    RawNode.Frame first = node.next();
    first.on().stopReading();
    first.on().ok(first.session());
    await(opened);
    return idle.onLoop(
        () ->
            IntStream.range(0, 400)
                .mapToObj(i -> idle.push(node.node(), Wire.request("@peer", "x".repeat(30_000))))
                .toList());
  }

  private static void advance(Wire wire, FakeTimeSource time, Duration by) {
    wire.onLoop(
        () -> {
          time.advance(by);
          return true;
        });
    settle(wire);
  }

  /** Lets sockets that were closed say so, each in some task of its own. */
  private static void settle(Wire wire) {
    for (int i = 0; i < 4; i++) {
      wire.onLoop(() -> true);
    }
  }

  @Test
  void survivesAFloodOfRepliesThatNobodyAwaits() {
    Buffer flood = Buffer.buffer();
    for (int i = 0; i < 10_000; i++) {
      flood.appendBuffer(ReplyFrames.ok(1_000_000 + i, Buffer.buffer("x")));
    }
    node.answer(
        (on, frame) -> {
          for (int i = 0; i < 20; i++) {
            on.write(flood);
          }
          on.ok(frame.session(), "after");
        });

    assertEquals(LuaValues.of("after"), Wire.values(await(call(1))));
  }

  // ---- nodes that move

  @ParameterizedTest
  @ValueSource(strings = {"FAIL", "DRAIN"})
  void followsTheTableOfNodes(String change) {
    SkynetNodes nodes = SkynetNodes.create(vertx);
    nodes.put("raw", node.address());
    SkynetOptions options = new SkynetOptions().setOnAddressChange(AddressChange.valueOf(change));
    try (Wire following = new Wire(vertx, options, nodes);
        RawNode other = RawNode.start(vertx)) {
      other.answer((on, frame) -> on.ok(frame.session(), "other", frame.session()));
      Future<Message> under = following.call(node.node(), "@peer", 1);
      RawNode.Frame asked = node.next();

      nodes.put("raw", other.address());
      LuaValues second = Wire.values(await(following.call(node.node(), "@peer", 2)));
      asked.on().ok(asked.session(), "old");

      assertEquals(LuaValues.of("other", 2), second);
      if (change.equals("FAIL")) {
        assertEquals(Processed.UNKNOWN, failure(under).processed());
      } else {
        assertEquals(LuaValues.of("old"), Wire.values(await(under)));
      }
      nodes.remove("raw");
      RpcException gone = failure(following.call(node.node(), "@peer", 3));
      assertEquals(Processed.NOT_SENT, gone.processed());
      nodes.put("raw", other.address());
      assertEquals(
          LuaValues.of("other", 3), Wire.values(await(following.call(node.node(), "@peer", 4))));
    }
  }

  @Test
  void goesToTheAddressThatTheLastCallNamed() {
    try (RawNode other = RawNode.start(vertx)) {
      node.answer((on, frame) -> on.ok(frame.session(), "first"));
      other.answer((on, frame) -> on.ok(frame.session(), "second"));
      assertEquals(LuaValues.of("first"), Wire.values(await(call(1))));

      Node moved = Node.builder("raw", other.address()).protocol("skynet").build();

      assertEquals(LuaValues.of("second"), Wire.values(await(wire.call(moved, "@peer", 2))));
    }
  }

  @Test
  void connectsOnceHoweverManyAskedForItAhead() {
    List<Future<Void>> ahead = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ahead.add(wire.onLoop(() -> wire.transport().connect(node.node(), Duration.ofSeconds(5))));
    }
    ahead.forEach(Waiting::await);

    assertEquals(1, wire.observer().connectionsOpened());
    assertFalse(node.connections().size() > 1);
  }
}
