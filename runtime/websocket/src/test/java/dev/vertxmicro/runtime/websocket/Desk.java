// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.CountingObserver;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A transport on {@link FakeWire}s and a clock that the test moves. All that a test does is one
 * task of one event loop, so that what it causes has happened when it looks.
 */
final class Desk {

  static final Node NODE =
      Node.builder("n-1", "ws://127.0.0.1:3002/").protocol("websocket").build();

  /** What a test does. */
  interface Play {
    void with(Desk desk) throws Exception;
  }

  final FakeTimeSource time = new FakeTimeSource();
  final CountingObserver observer = new CountingObserver();
  final List<FakeWire> wires = new ArrayList<>();
  final List<Promise<Wire>> dials = new ArrayList<>();
  final WebSocketTransport transport;
  private boolean refusing;
  private boolean hanging;

  private Desk(Vertx vertx, WebSocketOptions options) {
    transport =
        WebSocketTransport.of(vertx, time, observer, options, () -> 0.5, () -> target -> dial());
  }

  static void play(Play play) {
    play(new WebSocketOptions(), play);
  }

  /** Plays; afterwards the transport is closed, and nothing may be left of it. */
  static void play(WebSocketOptions options, Play play) {
    Vertx vertx = Vertx.vertx();
    try {
      Promise<Void> done = Promise.promise();
      vertx.runOnContext(
          v -> {
            try {
              Desk desk = new Desk(vertx, options);
              play.with(desk);
              desk.close();
              done.complete();
            } catch (Throwable failed) {
              done.fail(failed);
            }
          });
      Waits.await(done.future());
    } finally {
      Waits.await(vertx.close());
    }
  }

  private void close() {
    transport.close(Deadline.after(Duration.ofMillis(1), time));
    // The rest of closing is a task of its own: so end by hand what waits for a peer.
    List.copyOf(wires).forEach(wire -> wire.end(null));
    time.advance(Duration.ofMinutes(10));
    List.copyOf(wires).forEach(wire -> wire.end(null));
    assertEquals("connections=0, streams=0, queued=0", observer.toString());
    assertEquals(0, time.armed(), "timers");
  }

  private Future<Wire> dial() {
    if (refusing) {
      return Future.failedFuture(new IOException("refused"));
    }
    if (hanging) {
      Promise<Wire> pending = Promise.promise();
      dials.add(pending);
      return pending.future();
    }
    FakeWire wire = new FakeWire();
    wires.add(wire);
    return Future.succeededFuture(wire);
  }

  void refuseToConnect() {
    refusing = true;
    hanging = false;
  }

  void connectAgain() {
    refusing = false;
    hanging = false;
  }

  void connectNever() {
    hanging = true;
  }

  /** The peer takes the connection that was dialled last. */
  FakeWire accept() {
    FakeWire wire = new FakeWire();
    wires.add(wire);
    dials.get(dials.size() - 1).complete(wire);
    return wire;
  }

  /** Returns the last connection. */
  FakeWire wire() {
    return wires.get(wires.size() - 1);
  }

  Exchange send(String action) {
    return send(action, new JsonObject());
  }

  Exchange send(String action, JsonObject parameters) {
    Message request =
        Message.request("cluster", "Cluster." + action)
            .contentType("application/json")
            .body(parameters.toBuffer())
            .build();
    return transport.send(NODE, request, Deadline.NONE, SendOptions.DEFAULT);
  }

  /** A stream with its one request, as the runtime opens it. */
  Follower follow(String instance) {
    return new Follower(instance);
  }

  static JsonObject json(String key, Object value) {
    return new JsonObject().put(key, value);
  }

  static JsonObject body(Future<Message> reply) {
    return reply.result().body().toJsonObject();
  }

  static RpcException failure(Future<?> future) {
    assertEquals(true, future.failed(), () -> "no failure yet: " + future);
    return (RpcException) future.cause();
  }

  /** One who listens to a stream. */
  final class Follower {
    final StreamExchange exchange;
    final List<String> seen = new ArrayList<>();
    final Future<Void> written;

    private Follower(String instance) {
      Message head =
          Message.request("cluster", "Cluster.start_stream")
              .contentType("application/json")
              .build();
      exchange = transport.open(NODE, head, Deadline.NONE, SendOptions.DEFAULT.withOneRequest());
      exchange.handler(event -> seen.add(event.toJsonObject().getString("msg")));
      written = exchange.write(json("instance_id", instance).toBuffer());
      exchange.end();
    }

    Follower reading() {
      exchange.fetch(Long.MAX_VALUE);
      return this;
    }

    RpcException failure() {
      return Desk.failure(exchange.trailers());
    }
  }

  static Buffer buffer(String json) {
    return Buffer.buffer(json);
  }
}
