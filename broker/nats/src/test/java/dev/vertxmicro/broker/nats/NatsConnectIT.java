// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.PublishOption;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.FreePorts;
import dev.vertxmicro.peers.NatsServer;
import dev.vertxmicro.peers.PemFiles;
import io.nats.client.NKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a broker gets its connection, and what publishes do without one. */
class NatsConnectIT {

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    await(vertx.close());
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

  /** An event goes out and comes back. */
  private void assertWorks(NatsBrokerOptions options) {
    NatsBroker broker = NatsBroker.create(vertx, options);
    await(broker.connect());
    Promise<String> got = Promise.promise();
    await(
        broker.subscribe(
            "news",
            event -> {
              got.complete(event.body(String.class));
              return Future.succeededFuture();
            }));
    await(broker.publish("news", event("\"hello\"")));
    assertEquals("hello", await(got.future()));
    await(broker.close());
  }

  private void assertRefused(NatsBrokerOptions options) {
    NatsBroker broker = NatsBroker.create(vertx, options);
    RpcException refused = failureOf(broker.connect());
    assertEquals(503, refused.code());
    assertEquals(Processed.NOT_SENT, refused.processed());
    assertFalse(refused.toString().contains("wrong"), refused::toString);
    assertNull(await(broker.close()));
  }

  @Test
  void logsInByUserAndPassword() {
    try (NatsServer server =
        NatsServer.start("authorization { user: \"me\", password: \"secret\" }")) {
      assertWorks(
          new NatsBrokerOptions()
              .setServers(List.of(server.url()))
              .setUser("me")
              .setPassword("secret"));
      assertRefused(
          new NatsBrokerOptions()
              .setServers(List.of(server.url()))
              .setUser("me")
              .setPassword("wrong"));
      assertRefused(new NatsBrokerOptions().setServers(List.of(server.url())));
    }
  }

  @Test
  void logsInByToken() {
    try (NatsServer server = NatsServer.start("authorization { token: \"secret\" }")) {
      assertWorks(new NatsBrokerOptions().setServers(List.of(server.url())).setToken("secret"));
      assertRefused(new NatsBrokerOptions().setServers(List.of(server.url())).setToken("wrong"));
    }
  }

  @Test
  void logsInByNkey() throws Exception {
    NKey key = NKey.createUser(null);
    String user = new String(key.getPublicKey());
    try (NatsServer server =
        NatsServer.start("authorization { users: [ { nkey: \"" + user + "\" } ] }")) {
      assertWorks(
          new NatsBrokerOptions()
              .setServers(List.of(server.url()))
              .setNkeySeed(new String(key.getSeed())));
      assertRefused(
          new NatsBrokerOptions()
              .setServers(List.of(server.url()))
              .setNkeySeed(new String(NKey.createUser(null).getSeed())));
    }
  }

  private static String settings(PemFiles files) {
    return "tls { cert_file: \"%s\", key_file: \"%s\" }"
        .formatted(files.certificate(), files.key());
  }

  @Test
  void speaksTlsAndChecksTheName(@TempDir Path directory) throws Exception {
    PemFiles right = PemFiles.make(directory, "ip:127.0.0.1");
    try (NatsServer server = NatsServer.start(settings(right))) {
      assertWorks(
          new NatsBrokerOptions()
              .setServers(List.of(server.url()))
              .setTrustedCertificates(right.certificate().toString()));
      // The JVM does not trust it.
      assertRefused(new NatsBrokerOptions().setServers(List.of(server.url())).setTls(true));
      assertRefused(
          new NatsBrokerOptions().setServers(List.of("tls://127.0.0.1:" + server.port())));
    }
    PemFiles other = PemFiles.make(directory, "dns:other");
    try (NatsServer server = NatsServer.start(settings(other))) {
      assertRefused(
          new NatsBrokerOptions()
              .setServers(List.of(server.url()))
              .setTrustedCertificates(other.certificate().toString()));
    }
  }

  @Test
  void showsACertificateOfItsOwn(@TempDir Path directory) throws Exception {
    PemFiles files = PemFiles.make(directory, "ip:127.0.0.1");
    String settings = settings(files).replace(" }", ", verify: true, ca_file: \"%s\" }");
    try (NatsServer server = NatsServer.start(settings.formatted(files.certificate()))) {
      NatsBrokerOptions options =
          new NatsBrokerOptions()
              .setServers(List.of(server.url()))
              .setTrustedCertificates(files.certificate().toString());
      assertWorks(
          new NatsBrokerOptions(options)
              .setCertificate(files.certificate().toString())
              .setKey(files.key().toString()));
      assertRefused(options);
    }
  }

  @Test
  void goesToTheNextServer() {
    try (NatsServer server = NatsServer.start()) {
      String nobody = "nats://127.0.0.1:" + FreePorts.one();
      assertWorks(new NatsBrokerOptions().setServers(List.of(nobody, server.url())));
    }
  }

  @Test
  void canConnectOnceTheServerIsThere() {
    try (NatsServer server = NatsServer.start()) {
      server.process().kill();
      NatsBroker broker =
          NatsBroker.create(vertx, new NatsBrokerOptions().setServers(List.of(server.url())));
      assertEquals(503, failureOf(broker.connect()).code());
      server.process().restart();

      await(Future.all(IntStream.range(0, 10).mapToObj(i -> broker.connect()).toList()));

      await(broker.publish("news", event("x")));
      await(broker.close());
    }
  }

  @Test
  void withoutABufferAPublishWhileDisconnectedFailsAtOnce() throws Exception {
    try (NatsServer server = NatsServer.start()) {
      NatsBroker broker =
          NatsBroker.create(
              vertx, new NatsBrokerOptions().setServers(List.of(server.url())).setBufferSize(0));
      await(broker.connect());
      server.process().kill();
      RpcException failure = awaitFailure(broker);
      // The first may have been under way when the connection was lost.
      failure = failure.processed() == Processed.UNKNOWN ? awaitFailure(broker) : failure;

      assertEquals(503, failure.code());
      assertEquals(Processed.NOT_SENT, failure.processed());
      server.process().restart();
      awaitSuccess(broker);
      await(broker.close());
    }
  }

  private static RpcException awaitFailure(NatsBroker broker) throws InterruptedException {
    for (int i = 0; i < 1_000; i++) {
      Future<Void> published = broker.publish("news", event("x"));
      try {
        await(published);
      } catch (RpcException failed) {
        return failed;
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("no publish has failed");
  }

  private static void awaitSuccess(NatsBroker broker) {
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
  void whatWaitsWhileDisconnectedIsBoundedInBytesAndTime() throws Exception {
    try (NatsServer server = NatsServer.start()) {
      NatsBroker broker =
          NatsBroker.create(
              vertx,
              new NatsBrokerOptions().setServers(List.of(server.url())).setBufferSize(1_000));
      await(broker.connect());
      server.process().kill();
      awaitLost(broker);

      Future<Void> waits = broker.publish("news", event("y"));
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
      server.process().restart();
      await(waits);
      await(broker.close());
    }
  }

  /** Publishes in vain until the broker knows: such a publish is not confirmed in time. */
  private static void awaitLost(NatsBroker broker) {
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

  @Test
  void closeWhileDisconnectedFailsWhatWaits() {
    try (NatsServer server = NatsServer.start()) {
      NatsBroker broker =
          NatsBroker.create(
              vertx,
              new NatsBrokerOptions()
                  .setServers(List.of(server.url()))
                  .setCloseTimeout(Duration.ofMillis(100)));
      await(broker.connect());
      server.process().kill();
      awaitLost(broker);
      Future<Void> waits = broker.publish("news", event("y"));

      await(broker.close());

      RpcException failure = failureOf(waits);
      assertEquals(503, failure.code());
      assertEquals(Processed.NOT_SENT, failure.processed());
    }
  }

  @Test
  void whatIsTooLargeForTheServerFailsWithoutHarm() {
    try (NatsServer server = NatsServer.start()) {
      NatsBroker broker =
          NatsBroker.create(vertx, new NatsBrokerOptions().setServers(List.of(server.url())));
      await(broker.connect());

      RpcException failure = failureOf(broker.publish("news", event("x".repeat(9 << 20))));

      assertTrue(failure.code() == 400 || failure.code() == 503, failure::toString);
      assertEquals(Processed.NOT_SENT, failure.processed());
      await(broker.publish("news", event("x")));
      await(broker.close());
    }
  }

  @Test
  void nothingIsLeftAfterAClose() {
    try (NatsServer server = NatsServer.start()) {
      NatsBroker broker =
          NatsBroker.create(vertx, new NatsBrokerOptions().setServers(List.of(server.url())));
      await(broker.connect());
      await(broker.subscribe("news", event -> Future.succeededFuture()));
      assertTrue(natsThreads() > 0);

      await(broker.close());

      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (natsThreads() > 0 && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      assertEquals(0, natsThreads());
    }
  }

  private static long natsThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("nats"))
        .count();
  }
}
