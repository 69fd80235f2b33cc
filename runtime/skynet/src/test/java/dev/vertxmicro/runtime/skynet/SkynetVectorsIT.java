// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static dev.vertxmicro.runtime.skynet.Waiting.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What two real skynet processes said to each other, with one of the two replaced by ours. */
class SkynetVectorsIT {

  private static final int LAST_SESSION = 27;

  /** The captured requests by session; those not in it were not kept. */
  private static final Map<Integer, String> BY_SESSION = new LinkedHashMap<>();

  private static final List<String> SMALL_PUSHES =
      List.of(
          "push_at_name_small",
          "push_number_small",
          "push_unknown_dot_name",
          "push_unregistered_at_name");

  static {
    BY_SESSION.put(1, "call_at_name_small");
    BY_SESSION.put(2, "call_number_small");
    BY_SESSION.put(3, "call_dot_name_small");
    BY_SESSION.put(6, "query_ok");
    BY_SESSION.put(7, "query_missing");
    BY_SESSION.put(8, "call_empty_payload");
    BY_SESSION.put(9, "call_reply_empty");
    BY_SESSION.put(11, "call_error_in_service");
    BY_SESSION.put(12, "call_unregistered_at_name");
    BY_SESSION.put(13, "call_unknown_dot_name");
    BY_SESSION.put(17, "call_payload_32767_single");
    BY_SESSION.put(19, "call_payload_32769_multi_two_parts");
    BY_SESSION.put(20, "call_number_payload_32768");
    BY_SESSION.put(22, "push_at_name_multi");
    BY_SESSION.put(23, "push_number_multi");
    BY_SESSION.put(24, "pushes_seen");
    BY_SESSION.put(25, "reply_payload_32768_single");
    BY_SESSION.put(26, "reply_payload_32769_multi");
    BY_SESSION.put(27, "reply_payload_70005_multi");
  }

  /** Replies whose text differs from node to node, and which were not kept for that. */
  private static final List<String> NO_REPLY_KEPT =
      List.of("call_error_in_service", "call_unknown_dot_name");

  private Vertx vertx;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  @Test
  void writesTheRequestsAndReadsTheReplies() {
    try (RawNode node = RawNode.start(vertx);
        Wire wire = new Wire(vertx, new SkynetOptions(), null)) {
      Buffer written = Buffer.buffer();
      node.onBytes((on, bytes) -> written.appendBuffer(bytes));
      Buffer expected = Buffer.buffer();
      for (int session = 1; session <= LAST_SESSION; session++) {
        String name = BY_SESSION.get(session);
        if (name == null) {
          Future<Message> filler = wire.call(node.node(), "@filler");
          RawNode.Frame frame = node.next();
          assertEquals(session, frame.session());
          expected.appendUnsignedShort(frame.content().length()).appendBuffer(frame.content());
          frame.on().ok(session);
          await(filler);
        } else {
          expected.appendBuffer(Vectors.wire(name + ".request"));
          replay(wire, node, name, session);
        }
      }
      for (String name : SMALL_PUSHES) {
        expected.appendBuffer(Vectors.wire(name + ".request"));
        await(send(wire, node, name, true));
        RawNode.Frame frame = node.next();
        if (name.equals("push_unregistered_at_name")) {
          frame.on().write(Vectors.wire(name + ".reply"));
        }
      }
      Future<Message> last = wire.call(node.node(), "@filler");
      RawNode.Frame end = node.next();
      assertEquals(LAST_SESSION + 1, end.session());
      end.on().ok(end.session());
      await(last);

      assertEquals(expected, written.getBuffer(0, expected.length()));
    }
  }

  private static void replay(Wire wire, RawNode node, String name, int session) {
    JsonObject decoded = Vectors.described(name + ".request").getJsonObject("decoded");
    boolean push = name.startsWith("push_");
    Future<Message> sent = send(wire, node, name, push);
    RawNode.Frame frame = node.next();
    for (int i = Vectors.frames(name + ".request").size(); i > 1; i--) {
      frame = node.next();
    }
    assertEquals(session, decoded.getInteger("session"));
    if (push) {
      await(sent);
    } else if (NO_REPLY_KEPT.contains(name)) {
      String text = "./lualib/skynet.lua:862: call failed";
      frame.on().write(ReplyFrames.error(session, Buffer.buffer(text)));
      assertEquals(text, Waiting.failure(sent).detail());
    } else {
      frame.on().write(Vectors.wire(name + ".reply"));
      reads(Vectors.described(name + ".reply").getJsonObject("decoded"), sent);
    }
  }

  private static void reads(JsonObject decoded, Future<Message> sent) {
    if (decoded.getString("kind").equals("error")) {
      RpcException failed = Waiting.failure(sent);
      assertEquals(decoded.getString("error_text"), failed.detail());
      return;
    }
    Message reply = await(sent);
    assertEquals(decoded.getInteger("payload_length"), reply.body().length());
    assertTrue(
        Vectors.describesAll(decoded.getJsonArray("payload_values"), Wire.values(reply).asList()));
  }

  private static Future<Message> send(Wire wire, RawNode node, String name, boolean push) {
    JsonObject decoded = Vectors.described(name + ".request").getJsonObject("decoded");
    Message request =
        Message.request("raw", String.valueOf(decoded.getValue("addr")))
            .body(arguments(decoded))
            .build();
    return wire.onLoop(
        () ->
            push
                ? wire.push(node.node(), request).reply()
                : wire.start(node.node(), request).reply());
  }

  /** Packs the described values; of long strings the first eight bytes say what all are. */
  private static Buffer arguments(JsonObject decoded) {
    List<Object> values = new ArrayList<>();
    for (Object value : decoded.getJsonArray("payload_values")) {
      values.add(
          value instanceof JsonObject text
              ? text.getString("head").substring(0, 1).repeat(text.getInteger("string_length"))
              : value);
    }
    return LuaSeri.pack(LuaValues.ofAll(values));
  }

  @Test
  void servesTheRequestsAndWritesTheReplies() {
    SkynetServer server = SkynetServer.create(vertx);
    for (int handle = 1; handle < 10; handle++) {
      server.add(call -> Future.succeededFuture(LuaValues.NONE));
    }
    List<Object> notes = new ArrayList<>();
    assertEquals(10, server.register("peer", call -> serve(call, notes)));
    server.register(".peersvc", call -> serve(call, notes));
    int port = await(server.open(0));

    Buffer expected = Buffer.buffer();
    Buffer requests = Buffer.buffer();
    List<String> order = new ArrayList<>(SMALL_PUSHES);
    order.addAll(BY_SESSION.values());
    for (String name : order) {
      if (!NO_REPLY_KEPT.contains(name)) {
        requests.appendBuffer(Vectors.wire(name + ".request"));
        String reply = Vectors.described(name + ".request").getString("reply");
        if (reply.endsWith(".reply")) {
          expected.appendBuffer(Vectors.wire(reply));
        }
      }
    }

    for (int piece : new int[] {1 << 20, 1_000, 7}) {
      notes.clear();
      assertEquals(expected, ask(port, requests, expected.length(), piece), "in " + piece);
    }
    await(server.close());
  }

  /** What the peer of the captures does. */
  private static Future<LuaValues> serve(SkynetCall call, List<Object> notes) {
    LuaValues arguments = call.arguments();
    return Future.succeededFuture(
        switch (call.command()) {
          case "ECHO" -> LuaValues.ofAll(arguments.asList().subList(1, arguments.size()));
          case "LEN" -> LuaValues.of(arguments.get(1, LuaString.class).length());
          case "BIG" ->
              LuaValues.of(arguments.get(2, String.class).repeat(arguments.get(1, Integer.class)));
          case "NOTE" -> {
            notes.add(
                arguments.get(1, String.class) + ":" + arguments.get(2, LuaString.class).length());
            yield LuaValues.NONE;
          }
          case "PUSHES" -> LuaValues.of(List.copyOf(notes));
          case "NONE" -> LuaValues.NONE;
          default -> LuaValues.of((Object) null);
        });
  }

  /** Sends bytes in pieces and returns as many as are expected. */
  private Buffer ask(int port, Buffer requests, int expected, int piece) {
    NetClient client = vertx.createNetClient();
    ConcurrentLinkedQueue<Buffer> read = new ConcurrentLinkedQueue<>();
    Promise<Void> enough = Promise.promise();
    NetSocket socket = await(client.connect(port, "127.0.0.1"));
    int[] count = {0};
    socket.handler(
        bytes -> {
          read.add(bytes.copy());
          count[0] += bytes.length();
          if (count[0] >= expected) {
            enough.tryComplete();
          }
        });
    for (int from = 0; from < requests.length(); from += piece) {
      socket.write(requests.getBuffer(from, Math.min(requests.length(), from + piece)));
    }
    await(enough.future());
    await(socket.close());
    await(client.close());
    Buffer all = Buffer.buffer();
    read.forEach(all::appendBuffer);
    return all;
  }
}
