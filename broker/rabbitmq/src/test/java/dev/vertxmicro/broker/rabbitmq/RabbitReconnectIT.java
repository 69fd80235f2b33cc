// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.broker.PublishOption;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.RabbitServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What publishes do while there is no server. Each test finds it up and kills it. */
class RabbitReconnectIT {

  private static RabbitServer server;
  private static boolean up;

  private final Vertx vertx = Vertx.vertx();

  @BeforeAll
  static void startServer() {
    server = RabbitServer.start();
    up = true;
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void restart() {
    if (!up) {
      server.restart();
      up = true;
    }
  }

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  private static void kill() {
    server.kill();
    up = false;
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError(late);
    }
  }

  private static RpcException failureOf(Future<?> future) {
    return assertThrows(RpcException.class, () -> await(future));
  }

  private static Message event(String body) {
    return Message.event("news").id("1").body(Buffer.buffer(body)).build();
  }

  private RabbitBroker connected(RabbitBrokerOptions options) {
    RabbitBroker broker = RabbitBroker.create(vertx, options);
    await(broker.connect());
    return broker;
  }

  @Test
  void canConnectOnceTheServerIsThere() {
    kill();
    RabbitBroker broker = RabbitBroker.create(vertx, Raw.options(server));
    assertEquals(503, failureOf(broker.connect()).code());
    restart();

    await(Future.all(IntStream.range(0, 10).mapToObj(i -> broker.connect()).toList()));

    await(broker.publish("news", event("x")));
    await(broker.close());
  }

  @Test
  void withoutABufferAPublishWhileDisconnectedFailsAtOnce() {
    RabbitBroker broker = connected(Raw.options(server).setBufferSize(0));
    kill();
    awaitLost(broker);

    RpcException failure = failureOf(broker.publish("news", event("x")));

    assertEquals(503, failure.code());
    assertEquals(Processed.NOT_SENT, failure.processed());
    restart();
    awaitSuccess(broker);
    await(broker.close());
  }

  /** Publishes in vain until the broker knows. */
  private static void awaitLost(RabbitBroker broker) {
    for (int i = 0; i < 1_000; i++) {
      try {
        await(broker.publish("news", event("x"), PublishOption.timeout(Duration.ofMillis(100))));
      } catch (RpcException failed) {
        if (failed.processed() == Processed.NOT_SENT) {
          return;
        }
      }
    }
    throw new AssertionError("the connection was never lost");
  }

  private static void awaitSuccess(RabbitBroker broker) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < end) {
      try {
        await(broker.publish("news", event("x")));
        return;
      } catch (RpcException notYet) {
        assertEquals(503, notYet.code());
      }
    }
    throw new AssertionError("no publish has succeeded");
  }

  @Test
  void whatWaitsWhileDisconnectedIsBoundedInBytesAndTime() {
    RabbitBroker broker = connected(Raw.options(server).setBufferSize(1_000));
    kill();
    awaitLost(broker);

    Future<Void> waits =
        broker.publish("news", event("y"), PublishOption.timeout(Duration.ofMinutes(1)));
    Future<Void> late =
        broker.publish("news", event("z"), PublishOption.timeout(Duration.ofMillis(50)));
    Future<Void> beyond = broker.publish("news", event("x".repeat(1_000)));

    RpcException full = failureOf(beyond);
    assertEquals(503, full.code());
    assertEquals(Processed.NOT_SENT, full.processed());
    RpcException timedOut = failureOf(late);
    assertEquals(408, timedOut.code());
    assertEquals(Processed.NOT_SENT, timedOut.processed());
    assertFalse(waits.isComplete());
    restart();
    await(waits);
    await(broker.close());
  }

  @Test
  void closeWhileDisconnectedFailsWhatWaits() {
    RabbitBroker broker = connected(Raw.options(server).setCloseTimeout(Duration.ofMillis(100)));
    kill();
    awaitLost(broker);
    Future<Void> waits = broker.publish("news", event("y"));

    assertNull(await(broker.close()));

    RpcException failure = failureOf(waits);
    assertEquals(503, failure.code());
    assertEquals(Processed.NOT_SENT, failure.processed());
  }
}
