// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.CountingObserver;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.Callable;

/** A transport on real sockets and what a test does with it, from one event loop. */
final class Caller implements AutoCloseable {

  private final TimeSource time;
  private final CountingObserver observer = new CountingObserver();
  private final WebSocketTransport transport;
  private final Context loop;

  Caller(Vertx vertx, WebSocketOptions options) {
    this.time = TimeSource.of(vertx);
    this.transport = WebSocketTransport.create(vertx, time, observer, options);
    this.loop = vertx.getOrCreateContext();
  }

  CountingObserver observer() {
    return observer;
  }

  WebSocketTransport transport() {
    return transport;
  }

  /** Runs {@code task} on the event loop and returns what it made. */
  <T> T onLoop(Callable<T> task) {
    Promise<T> made = Promise.promise();
    loop.runOnContext(
        v -> {
          try {
            made.complete(task.call());
          } catch (Exception e) {
            made.fail(e);
          }
        });
    return Waits.await(made.future());
  }

  /** Starts a call; call it on the loop. */
  Exchange start(Node node, String action, JsonObject parameters) {
    return transport.send(
        node,
        Message.request("cluster", action)
            .contentType("application/json")
            .body(parameters.toBuffer())
            .build(),
        Deadline.after(Duration.ofMinutes(1), time),
        new SendOptions(Duration.ofSeconds(5), 1 << 24, 1 << 22, 0));
  }

  Future<Message> call(Node node, String action, JsonObject parameters) {
    return onLoop(() -> start(node, action, parameters).reply());
  }

  Future<Message> call(Node node, String action) {
    return call(node, action, new JsonObject());
  }

  /** Starts a stream with its request; call it on the loop. */
  StreamExchange follow(Node node, String instance) {
    StreamExchange stream =
        transport.open(
            node,
            Message.request("cluster", "start_stream").contentType("application/json").build(),
            Deadline.NONE,
            SendOptions.DEFAULT.withOneRequest());
    stream.write(new JsonObject().put("instance_id", instance).toBuffer());
    stream.end();
    return stream;
  }

  /** Closes the transport, and looks whether anything was left of it. */
  @Override
  public void close() {
    Waits.await(transport.close(Deadline.after(Duration.ofMillis(200), time)));
    assertEquals("connections=0, streams=0, queued=0", observer.toString());
  }
}
