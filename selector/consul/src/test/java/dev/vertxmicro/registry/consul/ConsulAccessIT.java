// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import static dev.vertxmicro.registry.consul.Seen.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.peers.ConsulServer;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryProvider;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tokens, TLS, checks, Connect and limits, on a real Consul. */
class ConsulAccessIT {

  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(10), Duration.ofSeconds(1));
  private static final String READER = "11111111-0000-0000-0000-000000000001";
  private static final String WRITER = "22222222-0000-0000-0000-000000000002";
  private static final String READ_ALL =
      "service_prefix \"\" { policy = \"read\" } node_prefix \"\" { policy = \"read\" }";

  private static final String READ_CONSUL =
      "service \"consul\" { policy = \"read\" } node_prefix \"\" { policy = \"read\" }";

  private final RecordedLogger log = new RecordedLogger(ConsulRegistry.class);
  private final Vertx vertx =
      Vertx.vertx(
          new VertxOptions()
              .setAddressResolverOptions(
                  new AddressResolverOptions()
                      .setHostsValue(
                          Buffer.buffer("127.0.0.1 localhost\n127.0.0.1 elsewhere.invalid\n"))));

  @AfterEach
  void stop() {
    log.close();
    await(vertx.close());
  }

  private ConsulRegistry registry(ConsulOptions options) {
    return ConsulRegistry.create(vertx, options);
  }

  private static ConsulOptions at(ConsulServer consul) {
    return new ConsulOptions().setAddresses(List.of(consul.address()));
  }

  private static Service greeter(String id, String address) {
    return Service.builder("greeter").node(Node.of(id, address)).build();
  }

  @Test
  void anAnswerThatTheTokenMayNotSeeDeletesNothing() {
    try (ConsulServer consul = ConsulServer.start(false, ConsulServer.ACL)) {
      consul.token(READER, READ_ALL);
      consul.token(WRITER, "service \"greeter\" { policy = \"write\" }");
      ConsulRegistry writer = registry(at(consul).setToken(WRITER));
      ConsulRegistry reader = registry(at(consul).setToken(READER).setWait(Duration.ofSeconds(1)));
      Registration a = await(writer.register(greeter("a", "127.0.0.1:1"), LIVING));
      Seen.until(
          () -> Seen.ids(await(reader.get("greeter"))).equals(Set.of("a")), "the reader sees it");
      Seen seen = new Seen(reader, "greeter");

      // Without a token all is hidden; with one that may no longer read, too.
      assertEquals(List.of(), await(registry(at(consul)).get("greeter")));
      consul.changeRules(READER, READ_CONSUL);
      Seen.until(() -> log.contains("the token may not read it"), "the watch has seen nothing");
      assertEquals(List.of(), await(reader.get("greeter")));
      Registration b = await(writer.register(greeter("b", "127.0.0.1:2"), LIVING));
      consul.changeRules(READER, READ_ALL);
      seen.awaitNodes("b");
      assertEquals(0, seen.deletes(), seen.events()::toString);

      // What may be read again is believed: "a" was in the first answer, so its end is an event.
      await(a.close());
      Seen.until(() -> seen.deletes() == 1, seen.events());
      await(b.close());
      Seen.until(() -> seen.deletes() == 2, seen.events());
      await(writer.close());
      await(reader.close());
    }
  }

  @Test
  void aTokenThatMayNotIsRefused() {
    try (ConsulServer consul = ConsulServer.start(false, ConsulServer.ACL)) {
      consul.token(READER, READ_ALL);
      ConsulRegistry reader = registry(at(consul).setToken(READER));
      ConsulRegistry wrong = registry(at(consul).setToken("no-such-token"));

      for (var refused :
          List.of(
              reader.register(greeter("a", "127.0.0.1:1"), LIVING),
              wrong.get("greeter"),
              wrong.list())) {
        RpcException failure = assertThrows(RpcException.class, () -> await(refused));
        assertEquals(403, failure.code());
        assertFalse(failure.getMessage().contains("no-such-token"), failure.getMessage());
      }
      await(reader.close());
      await(wrong.close());
    }
  }

  @Test
  void tlsIsVerified() {
    try (ConsulServer consul = ConsulServer.withTls()) {
      String port = consul.httpsAddress().substring(consul.httpsAddress().indexOf(':'));
      ConsulOptions trusting =
          new ConsulOptions()
              .setAddresses(List.of(consul.httpsAddress()))
              .setTls(true)
              .setCaFile(consul.caFile());
      ConsulRegistry trusted = registry(trusting);
      Seen seen = new Seen(trusted, "greeter");
      Registration a = await(trusted.register(greeter("a", "127.0.0.1:1"), LIVING));
      seen.awaitNodes("a");
      await(a.close());
      assertTrue(await(trusted.list()).contains("consul"));
      await(trusted.close());

      for (ConsulOptions options :
          List.of(
              new ConsulOptions(trusting).setCaFile(null),
              new ConsulOptions(trusting).setAddresses(List.of("elsewhere.invalid" + port)))) {
        ConsulRegistry mistrusting = registry(options);
        RpcException failure =
            assertThrows(RpcException.class, () -> await(mistrusting.get("greeter")));
        assertEquals(503, failure.code());
        await(mistrusting.close());
      }
    }
  }

  @Test
  void consulChecksByTcpItself() {
    try (ConsulServer consul = ConsulServer.forgetful()) {
      NetServer server = vertx.createNetServer().connectHandler(socket -> socket.close());
      int port = await(server.listen(0, "127.0.0.1")).actualPort();
      ConsulRegistry registry = registry(at(consul).setTcpCheckInterval(Duration.ofSeconds(1)));
      Seen seen = new Seen(registry, "greeter");

      await(registry.register(greeter("a", "127.0.0.1:" + port), LIVING));
      seen.awaitNodes("a");
      await(server.close());

      seen.awaitNodes();
      assertEquals(List.of(), await(registry.get("greeter")));
      await(registry.close());
    }
  }

  @Test
  void connectServicesAreApart() {
    try (ConsulServer consul = ConsulServer.forgetful()) {
      ConsulRegistry connect = registry(at(consul).setConnect(true));
      ConsulRegistry plain = registry(at(consul));
      await(connect.register(greeter("native", "127.0.0.1:1"), LIVING));
      await(plain.register(greeter("plain", "127.0.0.1:2"), LIVING));

      Seen.until(
          () -> Seen.ids(await(plain.get("greeter"))).equals(Set.of("native", "plain")),
          "both are found");
      assertEquals(Set.of("native"), Seen.ids(await(connect.get("greeter"))));
      await(connect.close());
      await(plain.close());
    }
  }

  @Test
  void anAnswerThatIsTooLargeFailsAndTheDatacenterIsAsked() {
    try (ConsulServer consul = ConsulServer.forgetful()) {
      ConsulRegistry registry = registry(at(consul));
      await(registry.register(greeter("a", "127.0.0.1:1"), LIVING));
      Seen.until(() -> !await(registry.get("greeter")).isEmpty(), "it is found");

      ConsulRegistry small = registry(at(consul).setMaxAnswerBytes(1_024));
      RpcException large = assertThrows(RpcException.class, () -> await(small.get("greeter")));
      assertTrue(large.detail().contains("1024 bytes"), large.detail());

      ConsulRegistry here = registry(at(consul).setDatacenter("dc1"));
      assertEquals(Set.of("a"), Seen.ids(await(here.get("greeter"))));
      ConsulRegistry nowhere = registry(at(consul).setDatacenter("dc 2"));
      assertEquals(
          503, assertThrows(RpcException.class, () -> await(nowhere.get("greeter"))).code());
      for (ConsulRegistry each : List.of(registry, small, here, nowhere)) {
        await(each.close());
      }
    }
  }

  @Test
  void namesWithOddCharactersAreFound() {
    try (ConsulServer consul = ConsulServer.forgetful()) {
      ConsulRegistry registry = registry(at(consul));
      Service odd = Service.builder("a b?c=\u00e4").node(Node.of("x y%/z", "127.0.0.1:1")).build();

      Registration registration = await(registry.register(odd, LIVING));
      Seen.until(
          () -> await(registry.get(odd.name())).equals(List.of(odd)), "it is found by its name");
      await(registration.close());

      Seen.until(() -> await(registry.get(odd.name())).isEmpty(), "it is gone");
      await(registry.close());
    }
  }

  @Test
  void theProviderMakesIt() {
    try (ConsulServer consul = ConsulServer.forgetful()) {
      RegistryProvider provider =
          ServiceLoader.load(RegistryProvider.class).stream()
              .map(ServiceLoader.Provider::get)
              .filter(each -> each.name().equals("consul"))
              .findFirst()
              .orElseThrow();
      Registry registry =
          provider.create(
              vertx, new JsonObject().put("addresses", new JsonArray().add(consul.address())));

      assertEquals(List.of("consul"), await(registry.list()));
      await(registry.close());
    }
  }
}
