// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.Event;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.ConsulServer;
import dev.vertxmicro.peers.FreePorts;
import dev.vertxmicro.peers.GoEvents;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.consul.ConsulOptions;
import dev.vertxmicro.registry.consul.ConsulRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A registry, a real Consul, that dies, and processes that do. */
class HttpOutageIT {

  private final Vertx vertx = Vertx.vertx();
  private final Deque<Runnable> open = new ArrayDeque<>();
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private ConsulServer consul;

  @BeforeEach
  void start() {
    consul = ConsulServer.forgetful();
  }

  @AfterEach
  void stop() {
    open.forEach(Runnable::run);
    vertx.close().await();
    if (consul != null) {
      consul.close();
    }
  }

  private HttpBroker broker(HttpBrokerOptions options) {
    Registry registry =
        ConsulRegistry.create(vertx, new ConsulOptions().setAddresses(List.of(consul.address())));
    open.addFirst(() -> registry.close().otherwiseEmpty().await());
    HttpBroker broker = HttpBroker.builder(vertx, registry).withOptions(options).build();
    open.addFirst(() -> broker.close().await());
    broker.connect().await();
    return broker;
  }

  private void subscribe(HttpBroker broker) {
    broker
        .subscribe(
            "news",
            event -> {
              events.add(event);
              return Future.succeededFuture();
            })
        .await();
  }

  private static Future<Void> publish(HttpBroker broker, String body) {
    return broker.publish("news", Message.event("news").body(Buffer.buffer(body)).build());
  }

  private String next() throws InterruptedException {
    Event event = events.poll(20, TimeUnit.SECONDS);
    assertNotNull(event, "nothing came in time");
    return event.message().body().toString();
  }

  @Test
  void publishesGoOnWhileTheRegistryIsAway() throws Exception {
    subscribe(broker(new HttpBrokerOptions()));
    HttpBroker publisher = broker(new HttpBrokerOptions());
    publish(publisher, "before").await();
    assertEquals("before", next());

    consul.kill();
    publish(publisher, "meanwhile").await();

    assertEquals("meanwhile", next());
  }

  @Test
  void aSubscriptionComesBackIntoARegistryThatHasLostIt() throws Exception {
    subscribe(
        broker(
            new HttpBrokerOptions()
                .setRegisterTtl(Duration.ofSeconds(10))
                .setRegisterInterval(Duration.ofMillis(500))));

    consul.kill();
    consul.restart();
    HttpBroker publisher = broker(new HttpBrokerOptions()); // Knows nothing of before.
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (events.isEmpty()) {
      publish(publisher, "after").await();
      assertTrue(System.nanoTime() < end, "not registered again");
    }

    assertEquals("after", next());
  }

  @Test
  void aRegistryThatIsNotThereFailsTheConnect() {
    int nobody = FreePorts.one();
    Registry registry =
        ConsulRegistry.create(
            vertx, new ConsulOptions().setAddresses(List.of("127.0.0.1:" + nobody)));
    HttpBroker broker = HttpBroker.create(vertx, registry);
    open.addFirst(() -> registry.close().otherwiseEmpty().await());
    open.addFirst(() -> broker.close().await());

    RpcException failure = assertThrows(RpcException.class, () -> broker.connect().await());

    assertEquals(503, failure.code());
    assertEquals(Processed.NOT_SENT, failure.processed());
    assertThrows(RpcException.class, () -> broker.connect().await()); // Asks again.
  }

  @Test
  void whoHasDiedIsNamedUntilTheRegistryLetsItGo() throws Exception {
    subscribe(broker(new HttpBrokerOptions()));
    try (GoEvents goMicro =
        new GoEvents(
            "events-v5",
            "-broker",
            "http",
            "-registry",
            "consul",
            "-registry-address",
            consul.address(),
            "-topic",
            "news")) {
      // After both, so that it need not be told of them.
      HttpBroker publisher = broker(new HttpBrokerOptions().setReachTimeout(Duration.ZERO));
      publish(publisher, "both").await();
      assertEquals("both", next());
      assertEquals("news", goMicro.next().getString("topic"));

      goMicro.kill();
      RpcException failure = null;
      while (failure == null) {
        failure =
            publish(publisher, "one")
                .<RpcException>mapEmpty()
                .otherwise(RpcException::from)
                .await(); // Until the process has really gone.
      }

      assertEquals(503, failure.code());
      assertEquals(Processed.UNKNOWN, failure.processed());
      assertTrue(failure.detail().contains("1 of 2"), failure::detail);
      assertTrue(failure.detail().contains("http: news-"), failure::detail);
      assertEquals("one", next());
    }
  }
}
