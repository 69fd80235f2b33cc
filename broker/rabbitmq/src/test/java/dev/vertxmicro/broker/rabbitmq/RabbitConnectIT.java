// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.BuiltinExchangeType;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.FreePorts;
import dev.vertxmicro.peers.PemFiles;
import dev.vertxmicro.peers.RabbitServer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a broker gets its connections, and how it does not. */
class RabbitConnectIT {

  private final Vertx vertx = Vertx.vertx();
  private final RabbitServer server = RabbitServer.shared();

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

  /** An event goes out and comes back. */
  private void assertWorks(RabbitBrokerOptions options) {
    RabbitBroker broker = RabbitBroker.create(vertx, options);
    await(broker.connect());
    Promise<String> got = Promise.promise();
    await(
        broker.subscribe(
            "news",
            event -> {
              got.complete(event.body(String.class));
              return Future.succeededFuture();
            }));
    Message event = Message.event("news").id("1").body(Buffer.buffer("\"hello\"")).build();
    await(broker.publish("news", event));
    assertEquals("hello", await(got.future()));
    await(broker.close());
  }

  private RpcException assertRefused(int code, RabbitBrokerOptions options) {
    RabbitBroker broker = RabbitBroker.create(vertx, options);
    RpcException refused = failureOf(broker.connect());
    assertEquals(code, refused.code(), refused::toString);
    assertEquals(Processed.NOT_SENT, refused.processed());
    assertFalse(refused.toString().contains("secret"), refused::toString);
    assertNull(await(broker.close()));
    return refused;
  }

  @Test
  void sendsItsPasswordToNobodyWhoDoesNotKnowIt() {
    assertWorks(Raw.options(server).setUser("guest").setPassword("guest"));
    RpcException refused = assertRefused(401, Raw.options(server).setPassword("secret"));
    assertTrue(refused.detail().contains("ACCESS_REFUSED"), refused::detail);
    assertRefused(401, Raw.options(server).setUser("nobody").setPassword("secret"));
  }

  @Test
  void saysWhichVirtualHostIsMissing() {
    RpcException refused = assertRefused(403, Raw.options(server).setVirtualHost("nowhere"));

    assertTrue(refused.detail().contains("nowhere"), refused::detail);
  }

  @Test
  void saysWhatTheUserMayNot() {
    server.eval(
        "rabbit_auth_backend_internal:add_user(<<\"poor\">>, <<\"secret\">>, <<\"test\">>).");
    server.eval(
        "rabbit_auth_backend_internal:set_permissions("
            + "<<\"poor\">>, <<\"/\">>, <<\"\">>, <<\"\">>, <<\"\">>, <<\"test\">>).");

    RpcException refused =
        assertRefused(403, Raw.options(server).setUser("poor").setPassword("secret"));

    assertTrue(refused.detail().contains("poor"), refused::detail);
  }

  @Test
  void saysThatTheExchangeIsAnother() {
    Raw.use(
        server,
        channel -> channel.exchangeDeclare("taken", BuiltinExchangeType.DIRECT, true, false, null));

    RpcException refused = assertRefused(412, Raw.options(server).setExchange("taken"));

    assertTrue(refused.detail().contains("PRECONDITION_FAILED"), refused::detail);
  }

  @Test
  void goesToTheNextServer() {
    String nobody = "amqp://127.0.0.1:" + FreePorts.one();
    assertWorks(Raw.options(server).setServers(List.of(nobody, server.address())));
    RpcException refused = assertRefused(503, Raw.options(server).setServers(List.of(nobody)));
    assertTrue(refused.detail().contains(nobody), refused::detail);
  }

  /** What else may listen on the port: it closes, says nothing, or talks of other things. */
  @ParameterizedTest
  @ValueSource(strings = {"close", "silence", "HTTP/1.1 400 Bad Request\r\n\r\n", "AMQP\0\1\0\0"})
  void connectsToNothingThatIsNoServer(String behaviour) {
    NetServer other =
        await(
            vertx
                .createNetServer(new NetServerOptions().setHost("127.0.0.1").setPort(0))
                .connectHandler(
                    socket -> {
                      if (behaviour.equals("close")) {
                        socket.close();
                      } else if (!behaviour.equals("silence")) {
                        socket.write(behaviour);
                      }
                    })
                .listen());
    String address = "amqp://127.0.0.1:" + other.actualPort();

    RpcException refused =
        assertRefused(
            503,
            new RabbitBrokerOptions()
                .setServers(List.of(address))
                .setConnectTimeout(Duration.ofMillis(200)));

    assertTrue(refused.detail().contains(address), refused::detail);
  }

  @Test
  void connectsOnceForAllWhoAsk() {
    RabbitBroker broker =
        RabbitBroker.create(vertx, Raw.options(server).setConnectionName("only-one"));

    await(Future.all(broker.connect(), broker.connect(), broker.connect()));

    assertEquals("1", connections("only-one"));
    await(broker.subscribe("news", event -> Future.succeededFuture()));
    await(broker.subscribe("news", event -> Future.succeededFuture()));
    assertEquals("2", connections("only-one"));
    await(broker.close());
    assertEquals("0", connections("only-one"));
  }

  private String connections(String name) {
    return server.eval(
        "length([C || C <- rabbit_networking:connections(), [{client_properties, P}] <-"
            + " [catch rabbit_networking:connection_info(C, [client_properties])],"
            + " lists:keyfind(<<\"connection_name\">>, 1, P) =:="
            + " {<<\"connection_name\">>, longstr, <<\""
            + name
            + "\">>}]).");
  }

  @Test
  void nothingIsLeftAfterAClose() throws InterruptedException {
    Set<Thread> others = threadsBut(Set.of());
    RabbitBroker broker = RabbitBroker.create(vertx, Raw.options(server));
    await(broker.connect());
    await(broker.subscribe("news", event -> Future.succeededFuture()));
    assertNotEquals(Set.of(), threadsBut(others));

    await(broker.close());

    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!threadsBut(others).isEmpty() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertEquals(Set.of(), threadsBut(others));
  }

  private static Set<Thread> threadsBut(Set<Thread> others) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("rabbitmq-") && !others.contains(thread))
        .collect(Collectors.toSet());
  }

  @Test
  void speaksTlsAndChecksTheName(@TempDir Path directory) throws Exception {
    PemFiles right = PemFiles.make(directory, "ip:127.0.0.1");
    try (RabbitServer tls = withTls(right)) {
      List<String> servers = List.of("amqps://" + tls.tlsAddress());
      assertWorks(
          new RabbitBrokerOptions()
              .setServers(servers)
              .setTrustedCertificates(right.certificate().toString()));
      // The JVM does not trust it, by whatever way TLS is asked for.
      assertRefused(503, new RabbitBrokerOptions().setServers(servers));
      assertRefused(
          503, new RabbitBrokerOptions().setServers(List.of(tls.tlsAddress())).setTls(true));
    }
    PemFiles other = PemFiles.make(directory, "dns:other");
    try (RabbitServer tls = withTls(other)) {
      RpcException refused =
          assertRefused(
              503,
              new RabbitBrokerOptions()
                  .setServers(List.of(tls.tlsAddress()))
                  .setTrustedCertificates(other.certificate().toString()));
      assertTrue(refused.detail().contains("127.0.0.1"), refused::detail);
    }
  }

  private static RabbitServer withTls(PemFiles files) {
    return RabbitServer.start(
        "listeners.ssl.1 = %TLS%",
        "ssl_options.certfile = " + files.certificate(),
        "ssl_options.keyfile = " + files.key(),
        "ssl_options.verify = verify_none",
        "ssl_options.fail_if_no_peer_cert = false");
  }

  /** To a server that wants to see one and says nothing else. */
  @Test
  void showsACertificateOfItsOwn(@TempDir Path directory) throws Exception {
    PemFiles files = PemFiles.make(directory, "ip:127.0.0.1");
    Promise<String> shown = Promise.promise();
    NetServer wanting =
        await(
            vertx
                .createNetServer(
                    new NetServerOptions()
                        .setHost("127.0.0.1")
                        .setPort(0)
                        .setSsl(true)
                        .setClientAuth(ClientAuth.REQUIRED)
                        .setTrustOptions(
                            new PemTrustOptions().addCertPath(files.certificate().toString()))
                        .setKeyCertOptions(
                            new PemKeyCertOptions()
                                .addCertPath(files.certificate().toString())
                                .addKeyPath(files.key().toString())))
                .connectHandler(
                    socket -> {
                      try {
                        X509Certificate seen = (X509Certificate) socket.peerCertificates().get(0);
                        shown.complete(seen.getSubjectX500Principal().getName());
                      } catch (Exception unseen) {
                        shown.fail(unseen);
                      }
                      socket.close();
                    })
                .listen());

    assertRefused(
        503,
        new RabbitBrokerOptions()
            .setServers(List.of("amqps://127.0.0.1:" + wanting.actualPort()))
            .setTrustedCertificates(files.certificate().toString())
            .setCertificate(files.certificate().toString())
            .setKey(files.key().toString()));

    assertEquals("CN=test", await(shown.future()));
  }
}
