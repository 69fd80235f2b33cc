// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.OptionsContract;
import dev.vertxmicro.registry.RegistryProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NatsRegistryOptionsTest extends OptionsContract<NatsRegistryOptions> {

  NatsRegistryOptionsTest() {
    super(NatsRegistryOptions.class);
  }

  @Override
  protected NatsRegistryOptions changed() {
    return new NatsRegistryOptions()
        .setServers(List.of("a:1", "tls://b:2"))
        .setConnectionName("name")
        .setUser("user")
        .setPassword("hidden-1")
        .setToken("hidden-2")
        .setNkeySeed("hidden-3")
        .setCredentialsFile("file")
        .setTls(true)
        .setTrustedCertificates("trusted")
        .setCertificate("certificate")
        .setKey("key")
        .setConnectTimeout(Duration.ofMillis(5))
        .setReconnectWait(Duration.ofMillis(6))
        .setPingInterval(Duration.ofMillis(7))
        .setQuerySubjects(List.of("q"))
        .setWatchSubjects(List.of("w"))
        .setRegisterAction("update")
        .setAnswerTimeout(Duration.ofMillis(8))
        .setQuorum(9)
        .setProbeInterval(Duration.ofMillis(10))
        .setNodeTtl(Duration.ofMillis(11))
        .setMaxNodes(12)
        .setMaxServices(13);
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("connectTimeout", 0, "above zero"),
        new BadValue("querySubjects", List.of(), "one or more"),
        new BadValue("querySubjects", List.of("a", "a"), "all different"),
        new BadValue("watchSubjects", List.of(), "one or more"),
        new BadValue("registerAction", "delete", "create, update or put"),
        new BadValue("answerTimeout", 0, "PT0.001S to PT1M"),
        new BadValue("answerTimeout", 60_001, "PT0.001S to PT1M"),
        new BadValue("quorum", -1, "0 to 1000000"),
        new BadValue("probeInterval", 0, "PT0.001S to PT24H"),
        new BadValue("nodeTtl", 0, "PT0.001S to PT24H"),
        new BadValue("maxNodes", 0, "1 to 1000000"),
        new BadValue("maxServices", 0, "1 to 1000000"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a.*", "a.>", "a..b", ".a", "a."})
  void refusesWhatIsNoSubject(String subject) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new NatsRegistryOptions().setWatchSubjects(List.of(subject)));
  }

  static List<NatsRegistryOptions> contradictions() {
    return List.of(
        new NatsRegistryOptions().setUser("a"),
        new NatsRegistryOptions().setNkeySeed("a").setCredentialsFile("b"),
        new NatsRegistryOptions().setNodeTtl(Duration.ofSeconds(30)));
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  void refusesWhatDoesNotGoTogether(NatsRegistryOptions options) {
    Vertx vertx = Vertx.vertx();
    try {
      assertThrows(IllegalArgumentException.class, () -> NatsRegistry.create(vertx, options));
    } finally {
      vertx.close().await();
    }
  }

  @Test
  void tellsNoSecrets() {
    assertFalse(changed().toString().contains("hidden"), changed()::toString);
    assertTrue(changed().toString().contains("\"user\":\"user\""), changed()::toString);
  }

  @Test
  void isFoundByName() {
    RegistryProvider provider =
        ServiceLoader.load(RegistryProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(found -> found.name().equals("nats"))
            .findFirst()
            .orElseThrow();
    Vertx vertx = Vertx.vertx();
    try {
      Object registry =
          provider.create(vertx, new JsonObject().put("servers", List.of("nats://127.0.0.1:1")));
      assertInstanceOf(NatsRegistry.class, registry);
      assertEquals("NatsRegistry[nats://127.0.0.1:1]", registry.toString());
    } finally {
      vertx.close().await();
    }
  }
}
