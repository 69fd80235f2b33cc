// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.CountingObserver;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;

/** A transport and what a test does with it, from one event loop. */
final class Wire implements AutoCloseable {

  static final int MOST_BYTES = 1 << 20;

  private final TimeSource time;
  private final CountingObserver observer = new CountingObserver();
  private final RestTransport transport;
  private final Context loop;

  Wire(Vertx vertx, RestOptions options, int poolSize) {
    this.time = TimeSource.of(vertx);
    this.transport =
        RestTransport.create(
            vertx, time, observer, new PoolLimits(poolSize, Duration.ZERO), options);
    this.loop = vertx.getOrCreateContext();
  }

  CountingObserver observer() {
    return observer;
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
    return Waiting.await(made.future());
  }

  static Message request(String endpoint) {
    return Message.request("raw", endpoint).contentType(RestCodec.CONTENT_TYPE).build();
  }

  /** Starts a call; call it on the loop. */
  Exchange start(Node node, Message request) {
    return transport.send(node, request, deadline(), options());
  }

  static SendOptions options() {
    return new SendOptions(Duration.ofSeconds(5), MOST_BYTES, MOST_BYTES, 0);
  }

  Deadline deadline() {
    return Deadline.after(Duration.ofMinutes(1), time);
  }

  Future<Message> call(Node node, Message request) {
    return onLoop(() -> start(node, request).reply());
  }

  Future<Message> call(Node node, String endpoint) {
    return call(node, request(endpoint));
  }

  /** Opens a stream whose only request is known and empty. */
  Opened list(Node node, Message request) {
    return onLoop(
        () -> {
          Opened opened =
              new Opened(transport.open(node, request, deadline(), options().withOneRequest()));
          opened.exchange.write(Buffer.buffer(0));
          opened.exchange.end();
          return opened;
        });
  }

  /** Opens a stream whose requests are to be written. */
  Opened open(Node node, Message request) {
    return onLoop(() -> new Opened(transport.open(node, request, deadline(), options())));
  }

  /** Closes the transport; what it still held is in the observer afterwards. */
  @Override
  public void close() {
    Waiting.await(transport.close(Deadline.after(Duration.ofSeconds(5), time)));
  }

  /** A stream, and what it brought. */
  final class Opened {
    final StreamExchange exchange;
    final List<String> seen = new CopyOnWriteArrayList<>();

    private Opened(StreamExchange exchange) {
      this.exchange = exchange;
      exchange.handler(reply -> seen.add(reply.toString()));
    }

    void fetch(long amount) {
      onLoop(
          () -> {
            exchange.fetch(amount);
            return true;
          });
    }

    /** Takes everything until the stream ends well. */
    List<String> all() {
      fetch(Long.MAX_VALUE);
      Waiting.await(exchange.trailers());
      return List.copyOf(seen);
    }
  }
}
