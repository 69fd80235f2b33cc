// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.BrokerProvider;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.OptionsContract;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RabbitBrokerOptionsTest extends OptionsContract<RabbitBrokerOptions> {

  RabbitBrokerOptionsTest() {
    super(RabbitBrokerOptions.class);
  }

  @Override
  protected RabbitBrokerOptions changed() {
    return new RabbitBrokerOptions()
        .setServers(List.of("a:1", "amqps://b:2"))
        .setConnectionName("name")
        .setUser("user")
        .setPassword("hidden")
        .setVirtualHost("host")
        .setTls(true)
        .setTrustedCertificates("trusted")
        .setCertificate("certificate")
        .setKey("key")
        .setConnectTimeout(Duration.ofMillis(5))
        .setReconnectWait(Duration.ofMillis(6))
        .setHeartbeat(Duration.ofSeconds(7))
        .setExchange("exchange")
        .setExchangeType(RabbitBrokerOptions.ExchangeType.FANOUT)
        .setDurableExchange(true)
        .setDurableQueues(true)
        .setPersistent(true)
        .setQueuePerTopic(true)
        .setQueueArguments(new JsonObject().put("x-queue-type", "quorum").put("x-max-length", 8))
        .setQueueExpiry(Duration.ofMillis(9))
        .setMandatory(true)
        .setDeadLetterTopic("dead")
        .setMaxMessageBytes(10)
        .setMaxInFlight(11)
        .setBufferSize(12)
        .setCloseTimeout(Duration.ofMillis(13));
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("connectionName", "", "not blank"),
        new BadValue("user", "", "not blank"),
        new BadValue("password", "", "not blank"),
        new BadValue("virtualHost", "", "not blank"),
        new BadValue("trustedCertificates", "", "not blank"),
        new BadValue("certificate", "", "not blank"),
        new BadValue("key", "", "not blank"),
        new BadValue("connectTimeout", 0, "above zero"),
        new BadValue("reconnectWait", 0, "above zero"),
        new BadValue("heartbeat", 999, "PT1S"),
        new BadValue("heartbeat", 65_536_000, "PT18H12M15S"),
        new BadValue("exchange", "", "not blank"),
        new BadValue("queueExpiry", 0, "PT0.001S"),
        new BadValue("deadLetterTopic", " ", "not blank"),
        new BadValue("maxMessageBytes", 0, "1 to 536870912"),
        new BadValue("maxInFlight", 0, "1 to 1000000"),
        new BadValue("bufferSize", -1, "0 to"),
        new BadValue("closeTimeout", -1, "zero or more"));
  }

  @Test
  void wantsServersThatAreNotBlank() {
    for (List<String> servers : List.of(List.<String>of(), List.of("a", " "))) {
      assertThrows(
          IllegalArgumentException.class, () -> new RabbitBrokerOptions().setServers(servers));
    }
  }

  @Test
  void refusesNamesThatAmqpCannotCarry() {
    RabbitBrokerOptions options =
        new RabbitBrokerOptions().setExchange("x".repeat(255)).setDeadLetterTopic("ü".repeat(127));

    assertThrows(IllegalArgumentException.class, () -> options.setExchange("x".repeat(256)));
    assertThrows(IllegalArgumentException.class, () -> options.setDeadLetterTopic("ü".repeat(128)));
  }

  @Test
  void refusesArgumentsOfQueuesThatHaveParts() {
    JsonObject parts = new JsonObject().put("x-list", new JsonArray().add(1));

    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new RabbitBrokerOptions().setQueueArguments(parts));

    assertTrue(refused.getMessage().contains("x-list"), refused::getMessage);
  }

  @Test
  void tellsNoPassword() {
    assertFalse(changed().toString().contains("hidden"), changed()::toString);
    assertTrue(changed().toString().contains("\"user\":\"user\""), changed()::toString);
  }

  @Test
  void refusesCredentialsInServersWithoutSayingThem() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new RabbitBrokerOptions().setServers(List.of("amqp://me:hidden@host")));

    assertFalse(refused.getMessage().contains("hidden"), refused::getMessage);
  }

  @ParameterizedTest
  @ValueSource(strings = {"amqp://", "http://host", "amqp://host/vhost", "amqp://host?a=b", "a b"})
  void refusesWhatIsNoServer(String server) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new RabbitBrokerOptions().setServers(List.of(server)));

    assertTrue(refused.getMessage().contains("amqp://host:port"), refused::getMessage);
  }

  @ParameterizedTest
  @CsvSource({
    "host,amqp://host:5672",
    "host:1,amqp://host:1",
    "amqps://host,amqps://host:5671",
    "amqps://127.0.0.1:2,amqps://127.0.0.1:2",
    "amqp://[::1]:3,amqp://::1:3"
  })
  void readsServers(String server, String read) {
    assertEquals(read, RabbitAddress.parse(server).toString());
  }

  static List<RabbitBrokerOptions> halves() {
    return List.of(
        new RabbitBrokerOptions().setCertificate("a"), new RabbitBrokerOptions().setKey("a"));
  }

  @ParameterizedTest
  @MethodSource("halves")
  void refusesHalfACertificate(RabbitBrokerOptions options) {
    Vertx vertx = Vertx.vertx();
    try {
      assertThrows(IllegalArgumentException.class, () -> RabbitBroker.create(vertx, options));
    } finally {
      vertx.close().await();
    }
  }

  @Test
  void isFoundByName() {
    BrokerProvider provider =
        ServiceLoader.load(BrokerProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(found -> found.name().equals("rabbitmq"))
            .findFirst()
            .orElseThrow();
    Vertx vertx = Vertx.vertx();
    try {
      Object broker =
          provider.create(
              vertx,
              Codecs.standard(),
              new JsonObject().put("servers", List.of("amqp://127.0.0.1:1")));
      assertInstanceOf(RabbitBroker.class, broker);
      assertEquals("RabbitBroker[amqp://127.0.0.1:1]", broker.toString());
    } finally {
      vertx.close().await();
    }
  }
}
