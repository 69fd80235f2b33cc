// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static dev.vertxmicro.runtime.skynet.Waiting.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller can count on, byte by byte: the same as with a real node. */
class SkynetServerIT {

  private static final SkynetAddress PEER = SkynetAddress.of("@peer");

  private final BlockingQueue<Buffer> replies = new LinkedBlockingQueue<>();
  private final List<SkynetCall> calls = new ArrayList<>();
  private Vertx vertx;
  private SkynetServer server;
  private NetClient client;
  private NetSocket socket;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    server =
        SkynetServer.create(
            vertx,
            new SkynetServerOptions()
                .setMaxRequestBytes(100_000)
                .setMaxPartsBytes(150_000)
                .setMaxConnections(2));
    server.register("peer", this::echo);
    server.register(".local", this::echo);
    client = vertx.createNetClient();
    socket = connect(await(server.open(0)));
  }

  private NetSocket connect(int port) {
    NetSocket connected = await(client.connect(port, "127.0.0.1"));
    FrameReader reader =
        new FrameReader((bytes, from, to) -> replies.add(bytes.getBuffer(from, to)));
    connected.handler(bytes -> reader.add(bytes));
    return connected;
  }

  private Future<LuaValues> echo(SkynetCall call) {
    calls.add(call);
    return switch (call.command()) {
      case "FAIL" -> Future.failedFuture("secret");
      case "THROW" -> throw new IllegalStateException("secret");
      case "SIZE" -> Future.succeededFuture(LuaValues.of(call.arguments().size()));
      default -> Future.succeededFuture(call.arguments());
    };
  }

  @AfterEach
  void stop() {
    await(client.close());
    await(server.close());
    await(vertx.close());
  }

  private void send(String address, int session, Object... arguments) {
    Buffer packed = LuaSeri.pack(LuaValues.of(arguments));
    socket.write(Wire.frames(SkynetAddress.of(address), session, packed, session == 0));
  }

  private Buffer reply() {
    try {
      Buffer reply = replies.poll(20, TimeUnit.SECONDS);
      if (reply == null) {
        throw new AssertionError("no reply");
      }
      return reply;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void expectError(int session, String text) {
    Buffer reply = reply();
    assertEquals(session, reply.getIntLE(0));
    assertEquals(0, reply.getByte(4));
    assertEquals(text, reply.getString(5, reply.length()));
  }

  private void expectOk(int session, Object... values) {
    Buffer reply = reply();
    assertEquals(session, reply.getIntLE(0));
    assertEquals(1, reply.getByte(4));
    assertEquals(LuaValues.of(values), LuaSeri.unpack(reply.getBuffer(5, reply.length())));
  }

  /** Proves that the connection is usable and that nothing came before. */
  private void expectNothingMore() {
    send("@peer", 999, "end");
    expectOk(999, "end");
  }

  @Test
  void answersByNameHandleAndLocalName() {
    send("0", 1, "peer");
    Buffer queried = reply();
    long handle = (Long) LuaSeri.unpack(queried.getBuffer(5, queried.length())).get(0);
    send(Long.toString(handle), 2, "by number");
    expectOk(2, "by number");
    send(":%08x".formatted(handle), 3, "by hex");
    expectOk(3, "by hex");
    send(".local", -1, "by local name");
    expectOk(-1, "by local name");
  }

  @Test
  void answersHundredRequestsInTheirOrder() {
    for (int i = 1; i <= 100; i++) {
      send("@peer", i, i);
    }
    for (int i = 1; i <= 100; i++) {
      expectOk(i, i);
    }
  }

  @Test
  void tellsThatACallFailedAndNotWhy() {
    send("@peer", 1, "FAIL");
    expectError(1, "vertx-micro: call failed");
    send("@peer", 2, "THROW");
    expectError(2, "vertx-micro: call failed");
    send("@peer", 0, "THROW");
    expectNothingMore();
  }

  @Test
  void tellsWhatItDoesNotHave() {
    send("@nosuch", 1);
    expectError(1, "Invalid name");
    send("@nosuch", 0);
    expectError(0, "Invalid name");
    send(".nosuch", 2);
    expectError(2, "vertx-micro: call to invalid address");
    send("77", 3);
    expectError(3, "vertx-micro: call to invalid address");
    send(":zz", 4);
    expectError(4, "vertx-micro: call to invalid address");
    send("0", 5, "nosuch");
    expectError(5, "name not found");
  }

  @Test
  void neverAnswersWhatARealNodeDoesNotAnswer() {
    send("global", 1);
    send(".nosuch", 0);
    send("0", 2);
    socket.write(Vectors.bytes("0007" + "80" + "0140" + "03000000"));
    socket.write(Wire.frames(PEER, 4, Vectors.bytes("07"), false));
    for (String hex :
        List.of("0000", "000105", "000180", "00020000", "00048005aabb", "000302aabb")) {
      socket.write(Vectors.bytes(hex));
    }
    expectError(3, "Invalid name");
    expectNothingMore();
  }

  @Test
  void takesLargeRequestsOfSeveralSessionsInEachOther() {
    Buffer one = LuaSeri.pack(LuaValues.of("SIZE", "x".repeat(40_000)));
    Buffer two = LuaSeri.pack(LuaValues.of("SIZE", "y".repeat(50_000), 3));
    List<Buffer> first = frames(Wire.frames(PEER, 8, one, false));
    List<Buffer> second = frames(Wire.frames(PEER, 9, two, false));
    for (int i = 0; i < 2; i++) {
      socket.write(first.get(i));
      socket.write(second.get(i));
    }
    send("@peer", 10, "small");
    expectOk(10, "small");
    socket.write(second.get(2));
    expectOk(9, 3);
    socket.write(first.get(2));
    expectOk(8, 2);
  }

  private static List<Buffer> frames(Buffer all) {
    List<Buffer> frames = new ArrayList<>();
    new FrameReader((bytes, from, to) -> frames.add(bytes.getBuffer(from - 2, to))).add(all);
    return frames;
  }

  @Test
  void refusesPartsThatDoNotAddUp() {
    Buffer frames = Wire.frames(PEER, 5, Buffer.buffer(new byte[40_000]), false);
    List<Buffer> parts = frames(frames);
    socket.write(parts.get(0));
    socket.write(parts.get(2));
    expectError(5, "Invalid large req");
    socket.write(parts.get(2));
    expectError(5, "Invalid name");
    socket.write(parts.get(1));
    socket.write(parts.get(2));
    expectError(5, "Invalid large req");
    expectNothingMore();
  }

  @Test
  void boundsLargeRequests() {
    socket.write(Wire.frames(PEER, 5, Buffer.buffer(new byte[100_001]), false));
    expectError(5, "Invalid large req");
    List<Buffer> one = frames(Wire.frames(PEER, 6, Buffer.buffer(new byte[90_000]), false));
    List<Buffer> two = frames(Wire.frames(PEER, 7, Buffer.buffer(new byte[90_000]), false));
    one.subList(0, 3).forEach(socket::write);
    two.forEach(socket::write);
    expectError(7, "Invalid large req");
    socket.write(one.get(3));
    assertEquals(6, reply().getIntLE(0));
  }

  @Test
  void readsNoMoreOfACallerThatDoesNotReadAndGoesOnWhenItDoes() {
    Buffer large = LuaSeri.pack(LuaValues.of("ECHO", "x".repeat(90_000)));
    for (int round = 0; round < 5; round++) {
      socket.pause();
      for (int i = 1; i <= 200; i++) {
        socket.write(Wire.frames(PEER, i, large, false));
      }
      socket.resume();
      for (int last = 0, session = 0; session < 200; session += last) {
        Buffer frame = reply();
        last = frame.getByte(4) == ReplyFrames.LAST_PART ? 1 : 0;
      }
    }
    expectNothingMore();
  }

  @Test
  void readsNoMoreOfACallerWhosePushesServicesStillHave() {
    SkynetServer patient =
        SkynetServer.create(vertx, new SkynetServerOptions().setMaxOpenPerConnection(2));
    List<Promise<LuaValues>> held = new ArrayList<>();
    int[] most = {0};
    patient.register(
        "peer",
        call -> {
          Promise<LuaValues> promise = Promise.promise();
          held.add(promise);
          most[0] = Math.max(most[0], held.size());
          vertx.setTimer(1, later -> release(held));
          return promise.future();
        });
    NetSocket pushing = connect(await(patient.open(0)));
    Buffer arguments = LuaSeri.pack(LuaValues.of("x".repeat(30_000)));
    for (int i = 0; i < 500; i++) {
      pushing.write(Wire.frames(PEER, 0, arguments, true));
    }
    pushing.write(Wire.frames(PEER, 7, Buffer.buffer(), false));

    expectOk(7);

    // Two, and what else one read of 64 KiB at most has brought.
    assertTrue(most[0] <= 5, "at most " + most[0] + " at a time");
    await(patient.close());
  }

  private static void release(List<Promise<LuaValues>> held) {
    List<Promise<LuaValues>> all = List.copyOf(held);
    held.clear();
    all.forEach(each -> each.complete(LuaValues.NONE));
  }

  @Test
  void repliesInTheOrderInWhichServicesAreReady() {
    Promise<LuaValues> slow = Promise.promise();
    server.register("slow", call -> slow.future());
    send("@slow", 1);
    send("@peer", 2, "fast");
    expectOk(2, "fast");

    slow.complete(LuaValues.of("slow"));

    expectOk(1, "slow");
  }

  @Test
  void takesTheLargeFormForWhatIsSmall() {
    Buffer arguments = LuaSeri.pack(LuaValues.of("tiny"));
    socket.write(Vectors.bytes("000f" + "81" + "05" + "4070656572" + "08000000" + "05000000"));
    socket.write(Vectors.bytes("000a" + "03" + "08000000").appendBuffer(arguments));

    expectOk(8, "tiny");
  }

  @Test
  void tellsThatALargePushDoesNotAddUp() {
    Buffer frames = Wire.frames(PEER, 6, Buffer.buffer(new byte[40_000]), true);
    List<Buffer> parts = frames(frames);
    socket.write(parts.get(0));
    socket.write(parts.get(2));

    expectError(6, "Invalid large req");
    expectNothingMore();
  }

  @Test
  void handsTheTraceTagToTheServiceOfTheNextRequest() {
    socket.write(RequestFrames.trace(Buffer.buffer("(a-1)")));
    send("@peer", 1, "traced");
    send("@peer", 2, "not");
    expectOk(1, "traced");
    expectOk(2, "not");

    assertEquals("(a-1)", calls.get(0).trace());
    assertEquals(null, calls.get(1).trace());
  }

  @Test
  void takesNoMoreConnectionsThanItMay() {
    int port = socket.remoteAddress().port();
    Promise<Void> closed = Promise.promise();
    // From a context, so that nothing happens to a socket before it is watched; the server may
    // come to the third caller before the second.
    vertx.runOnContext(
        v -> {
          for (int i = 0; i < 2; i++) {
            client
                .connect(port, "127.0.0.1")
                .onSuccess(opened -> opened.closeHandler(gone -> closed.tryComplete()))
                .onFailure(closed::tryFail);
          }
        });
    await(closed.future());

    assertTrue(server.connections() <= 2);
    expectNothingMore();
  }

  @Test
  void takesANameOnlyOnceAndAgainWhenItIsFree() {
    assertThrows(IllegalArgumentException.class, () -> server.register("peer", this::echo));
    assertThrows(IllegalArgumentException.class, () -> server.register("@peer", this::echo));
    server.unregister("peer");
    send("@peer", 1);
    expectError(1, "Invalid name");
    server.register("peer", this::echo);
    expectNothingMore();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void survivesFramesOfRandomBytes(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      byte[] content = new byte[random.nextInt(40)];
      random.nextBytes(content);
      if (content.length > 0 && random.nextBoolean()) {
        int[] types = {0x00, 0x80, 0x01, 0x41, 0x81, 0xc1, 0x02, 0x03, 0x04};
        content[0] = (byte) types[random.nextInt(types.length)];
      }
      socket.write(Buffer.buffer().appendUnsignedShort(content.length).appendBytes(content));
    }
    send("@peer", 424_242, "end");
    Buffer reply = reply();
    while (reply.getIntLE(0) != 424_242) {
      reply = reply();
    }
    assertEquals(1, reply.getByte(4));
  }
}
