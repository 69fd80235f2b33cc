// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.runtime.pooling.Departure;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A WebSocket without a socket: the test is the peer. */
final class FakeWire implements Wire {

  private final List<JsonObject> written = new ArrayList<>();
  private final List<Departure> unwritten = new ArrayList<>();
  private Listener listener;
  private RuntimeException broken;
  private boolean holding;
  private boolean full;
  private boolean open = true;
  private boolean goodBye;
  private boolean gone;
  private int pings;

  @Override
  public void start(Listener listener, int mostUnwritten) {
    this.listener = listener;
  }

  @Override
  public void write(RequestText text, long id, Departure departure) {
    RuntimeException thrown = broken;
    broken = null;
    if (thrown != null) {
      throw thrown;
    }
    written.add(new JsonObject(text(text, id)));
    if (holding) {
      unwritten.add(departure);
    } else {
      departure.left(null);
    }
  }

  /** Returns the whole text of a request. */
  static String text(RequestText text, long id) {
    ByteBuffer bytes = ByteBuffer.allocate(text.length(id));
    text.write(id, bytes);
    assertEquals(0, bytes.remaining());
    return new String(bytes.array(), StandardCharsets.UTF_8);
  }

  @Override
  public void ping() {
    pings++;
  }

  @Override
  public boolean isFull() {
    return full;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    goodBye = true;
  }

  @Override
  public void cut() {
    end(null);
  }

  // ---- what the test does

  /** The system takes nothing from now on, until {@link #failWrites}. */
  void holdWrites() {
    holding = true;
  }

  void failWrites(Throwable why) {
    List<Departure> failed = List.copyOf(unwritten);
    unwritten.clear();
    failed.forEach(departure -> departure.left(why));
  }

  /** The next write throws. */
  void breakWrite(RuntimeException thrown) {
    broken = thrown;
  }

  void fill() {
    full = true;
  }

  void drain() {
    full = false;
    listener.drained();
  }

  /** The peer says that. */
  void say(String text) {
    listener.heard();
    listener.text(Buffer.buffer(text));
  }

  void say(JsonObject message) {
    say(message.encode());
  }

  /** The peer answers the request of that number, from 0. */
  void reply(int request, JsonObject reply) {
    say(new JsonObject().put("op_id", id(request)).mergeIn(reply));
  }

  void event(String streamId, String text) {
    say(new JsonObject().put("op_id", "e").put("stream_id", streamId).put("msg", text));
  }

  void binary() {
    listener.heard();
    listener.binary();
  }

  void pong() {
    listener.heard();
  }

  void leave(String why) {
    open = false;
    listener.leaving(why);
  }

  /** The socket is gone. */
  void end(Throwable why) {
    if (!gone) {
      gone = true;
      open = false;
      failWrites(why == null ? new IllegalStateException("closed") : why);
      if (listener != null) {
        listener.closed(why);
      }
    }
  }

  // ---- what the test sees

  List<JsonObject> written() {
    return written;
  }

  JsonObject last() {
    return written.get(written.size() - 1);
  }

  String id(int request) {
    return written.get(request).getString("op_id");
  }

  List<String> actions() {
    return written.stream().map(each -> each.getString("action")).toList();
  }

  int pings() {
    return pings;
  }

  boolean saidGoodBye() {
    return goodBye;
  }

  boolean wasCut() {
    return gone;
  }
}
