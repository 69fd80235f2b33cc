// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.cluster;

import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.samples.cluster.ProcessCluster.Refused;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * One who asks a {@link ClusterServer}: reads its requests, answers them, sends it the events of
 * its streams; and misbehaves if it is told to. A caller that does not read loses events.
 */
final class ServedRequester {

  private static final long DELAY_MILLIS = 50;
  private static final int BURST = 1_000;
  private static final String STRANGER = "stream-of-nobody";

  private final Vertx vertx;
  private final ServerWebSocket socket;
  private final ProcessCluster cluster;
  private final Supplier<Fault> fault;
  private final Map<String, Runnable> streams = new HashMap<>();
  private int lastStream;
  private boolean dropped;

  ServedRequester(
      Vertx vertx, ServerWebSocket socket, ProcessCluster cluster, Supplier<Fault> fault) {
    this.vertx = vertx;
    this.socket = socket;
    this.cluster = cluster;
    this.fault = fault;
    socket.exceptionHandler(lost -> {});
    socket.textMessageHandler(this::read);
  }

  private void read(String text) {
    JsonObject request;
    try {
      request = new JsonObject(text);
    } catch (DecodeException noJson) {
      return;
    }
    JsonObject reply;
    try {
      reply = answer(request);
    } catch (Refused refused) {
      reply = new JsonObject().put("err", refused.getMessage());
    } catch (ClassCastException | IllegalArgumentException | NullPointerException unfit) {
      reply = new JsonObject().put("err", "bad request");
    }
    reply(request.getValue("op_id"), request.getString("action", ""), reply);
  }

  private JsonObject answer(JsonObject request) throws Refused {
    JsonObject fine = new JsonObject().put("err", "");
    String instance = String.valueOf(request.getValue("instance_id"));
    switch (request.getString("action", "")) {
      case "list" -> fine.put("instances", cluster.list());
      case "run" -> {
        List<String> args = request.getJsonArray("args").stream().map(String.class::cast).toList();
        int id = cluster.run(request.getString("name"), request.getString("cmd"), args);
        fine.put("instance_id", id(String.valueOf(id)));
      }
      case "rm" -> cluster.rm(instance);
      case "status" -> fine.mergeIn(cluster.status(instance));
      case "journal" ->
          fine.put("journal", cluster.journal(instance, request.getInteger("lines", 0)));
      case "kill_instance" -> cluster.kill(instance);
      case "start_stream" -> fine.put("stream", id(start(instance)));
      case "stop_stream" -> stop(String.valueOf(request.getValue("stream_id")));
      default -> throw new Refused("no such action");
    }
    return fine;
  }

  /** Ids are texts, of numbers, unless it is told to send numbers. */
  private Object id(String text) {
    return fault.get() == Fault.NUMERIC_IDS ? Long.valueOf(text) : text;
  }

  private String start(String instance) throws Refused {
    String stream = String.valueOf(++lastStream);
    streams.put(stream, cluster.follow(instance, text -> event(stream, text)));
    if (fault.get() == Fault.EVENT_BEFORE_REPLY) {
      event(stream, "early");
    }
    return stream;
  }

  private void event(String stream, String text) {
    if (!socket.isClosed() && !socket.writeQueueFull()) {
      Object id = stream.equals(STRANGER) ? stream : id(stream);
      say(new JsonObject().put("op_id", "event").put("stream_id", id).put("msg", text));
    }
  }

  private void stop(String stream) throws Refused {
    Runnable running = streams.remove(stream);
    if (running == null) {
      throw new Refused("no such stream");
    }
    running.run();
  }

  private void say(JsonObject message) {
    socket.writeTextMessage(message.encode());
  }

  // ---- replies, good and bad

  private void reply(Object op, String action, JsonObject content) {
    JsonObject reply = new JsonObject().put("op_id", op).mergeIn(content);
    Fault how = action.equals("stop_stream") ? Fault.NONE : fault.get();
    switch (how) {
      case DELAY -> vertx.setTimer(DELAY_MILLIS, late -> say(reply));
      case DROP_REPLY -> {
        if (dropped) {
          say(reply);
        }
        dropped = true;
      }
      case DUPLICATE_REPLY -> {
        say(reply);
        say(reply);
      }
      case NUMERIC_IDS -> say(reply.put("op_id", Long.valueOf(String.valueOf(op))));
      case ERR_AS_NUMBER -> say(reply.put("err", 7));
      case CLOSE_MID_CALL -> socket.close();
      case CLOSE_WITHOUT_HANDSHAKE -> cut();
      case NEVER_ANSWER -> {}
      default -> {
        noise(how, reply);
        say(reply);
      }
    }
  }

  private void noise(Fault how, JsonObject reply) {
    switch (how) {
      case UNKNOWN_OP_ID -> say(reply.copy().put("op_id", "nobody's"));
      case NO_OP_ID -> say(new JsonObject().put("instances", List.of()));
      case EVENT_FOR_UNKNOWN_STREAM -> event(STRANGER, "text");
      case BROKEN_JSON -> socket.writeTextMessage(reply.encode().substring(1));
      case BINARY_FRAME -> socket.writeBinaryMessage(Buffer.buffer(reply.encode()));
      case BURST -> {
        for (int i = 0; i < BURST; i++) {
          event(STRANGER, "no. " + i);
        }
      }
      default -> {}
    }
  }

  // ---- the end

  /** Closes the socket without a word. */
  void cut() {
    EventLoops.reset(socket);
  }

  void closed() {
    streams.values().forEach(Runnable::run);
    streams.clear();
  }
}
