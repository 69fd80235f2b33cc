// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.nats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.BrokerProvider;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.OptionsContract;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NatsBrokerOptionsTest extends OptionsContract<NatsBrokerOptions> {

  NatsBrokerOptionsTest() {
    super(NatsBrokerOptions.class);
  }

  @Override
  protected NatsBrokerOptions changed() {
    return new NatsBrokerOptions()
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
        .setMaxInFlight(8)
        .setBufferSize(9)
        .setCloseTimeout(Duration.ofMillis(10))
        .setJetStream(new JetStreamOptions().setStream("mine"));
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("connectionName", "", "not blank"),
        new BadValue("user", "", "not blank"),
        new BadValue("password", "", "not blank"),
        new BadValue("token", "", "not blank"),
        new BadValue("nkeySeed", "", "not blank"),
        new BadValue("credentialsFile", "", "not blank"),
        new BadValue("trustedCertificates", "", "not blank"),
        new BadValue("certificate", "", "not blank"),
        new BadValue("key", "", "not blank"),
        new BadValue("connectTimeout", 0, "above zero"),
        new BadValue("reconnectWait", 0, "above zero"),
        new BadValue("pingInterval", 0, "above zero"),
        new BadValue("maxInFlight", 0, "1 to 1000000"),
        new BadValue("bufferSize", -1, "0 to"),
        new BadValue("closeTimeout", -1, "zero or more"));
  }

  @Test
  void tellsNoSecrets() {
    assertFalse(changed().toString().contains("hidden"), changed()::toString);
    assertTrue(changed().toString().contains("\"user\":\"user\""), changed()::toString);
  }

  @Test
  void refusesCredentialsInServersWithoutSayingThem() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new NatsBrokerOptions().setServers(List.of("nats://me:hidden@host")));

    assertFalse(refused.getMessage().contains("hidden"), refused::getMessage);
  }

  @Test
  void wantsServersThatAreNotBlank() {
    for (List<String> servers : List.of(List.<String>of(), List.of("a", " "))) {
      assertThrows(
          IllegalArgumentException.class, () -> new NatsBrokerOptions().setServers(servers));
    }
  }

  static List<NatsBrokerOptions> contradictions() {
    return List.of(
        new NatsBrokerOptions().setUser("a"),
        new NatsBrokerOptions().setPassword("a"),
        new NatsBrokerOptions().setCertificate("a"),
        new NatsBrokerOptions().setKey("a"),
        new NatsBrokerOptions().setUser("a").setPassword("b").setToken("c"),
        new NatsBrokerOptions().setNkeySeed("a").setCredentialsFile("b"));
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  void refusesSeveralLogInsAndHalves(NatsBrokerOptions options) {
    Vertx vertx = Vertx.vertx();
    try {
      assertThrows(IllegalArgumentException.class, () -> NatsBroker.create(vertx, options));
    } finally {
      vertx.close().await();
    }
  }

  @Test
  void isFoundByName() {
    BrokerProvider provider =
        ServiceLoader.load(BrokerProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(found -> found.name().equals("nats"))
            .findFirst()
            .orElseThrow();
    Vertx vertx = Vertx.vertx();
    try {
      Object broker =
          provider.create(
              vertx,
              Codecs.standard(),
              new JsonObject().put("servers", List.of("nats://127.0.0.1:1")));
      assertInstanceOf(NatsBroker.class, broker);
      assertEquals("NatsBroker[nats://127.0.0.1:1]", broker.toString());
    } finally {
      vertx.close().await();
    }
  }
}
