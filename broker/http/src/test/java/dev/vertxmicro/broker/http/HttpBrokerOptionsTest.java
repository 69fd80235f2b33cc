// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.broker.BrokerProvider;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.OptionsContract;
import dev.vertxmicro.registry.MemoryRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpBrokerOptionsTest extends OptionsContract<HttpBrokerOptions> {

  HttpBrokerOptionsTest() {
    super(HttpBrokerOptions.class);
  }

  @Override
  protected HttpBrokerOptions changed() {
    return new HttpBrokerOptions()
        .setHost("127.0.0.2")
        .setPort(1)
        .setAdvertisedAddress("events:2")
        .setSsl(
            new ServerSSLOptions()
                .setKeyCertOptions(new PemKeyCertOptions().addKeyValue(Buffer.buffer("hidden"))))
        .setClientSsl(new ClientSSLOptions().setTrustAll(true))
        .setRegisterTtl(Duration.ofSeconds(400))
        .setRegisterInterval(Duration.ofSeconds(50))
        .setConnectTimeout(Duration.ofMillis(3))
        .setRequestTimeout(Duration.ofMillis(4))
        .setReachTimeout(Duration.ofMillis(5))
        .setPoolSize(6)
        .setMaxRequests(7)
        .setMaxInFlight(9)
        .setBufferSize(10)
        .setMaxBodyBytes(1_111)
        .setMaxConnections(12)
        .setCloseTimeout(Duration.ofMillis(13));
  }

  @Override
  protected Set<String> codeOnly() {
    return Set.of("ssl", "clientSsl");
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("host", "", "not blank"),
        new BadValue("port", 65_536, "0 to 65535"),
        new BadValue("advertisedAddress", "", "not blank"),
        new BadValue("registerTtl", -1, "PT0S to"),
        new BadValue("registerInterval", -1, "PT0S to"),
        new BadValue("connectTimeout", 0, "above zero"),
        new BadValue("requestTimeout", 0, "above zero"),
        new BadValue("reachTimeout", -1, "zero or more"),
        new BadValue("poolSize", 0, "1 to 10000"),
        new BadValue("maxRequests", 0, "1 to 100000"),
        new BadValue("maxInFlight", 0, "1 to 1000000"),
        new BadValue("bufferSize", -1, "0 to"),
        new BadValue("maxBodyBytes", 1_023, "1024 to"),
        new BadValue("maxConnections", 0, "1 to 1000000"),
        new BadValue("closeTimeout", -1, "zero or more"));
  }

  @Test
  void tellsNoSecrets() {
    assertFalse(changed().toString().contains("hidden"), changed()::toString);
    assertTrue(changed().toString().contains("ssl=true"), changed()::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "[::]"})
  void wantsAnAddressForOthersIfTheHostIsAWildcard(String host) {
    withVertx(
        vertx -> {
          HttpBrokerOptions options = new HttpBrokerOptions().setHost(host);
          HttpBroker.Builder builder =
              HttpBroker.builder(vertx, MemoryRegistry.create(vertx)).withOptions(options);
          IllegalArgumentException refused =
              assertThrows(IllegalArgumentException.class, builder::build);
          assertTrue(refused.getMessage().startsWith("advertisedAddress: "), refused::getMessage);

          builder.withOptions(options.setAdvertisedAddress("events.local")).build();
        });
  }

  @Test
  void refusesRegistrationsThatDieBetweenTwoSignsOfLife() {
    withVertx(
        vertx ->
            assertThrows(
                IllegalArgumentException.class,
                () ->
                    HttpBroker.builder(vertx, MemoryRegistry.create(vertx))
                        .withOptions(new HttpBrokerOptions().setRegisterTtl(Duration.ofSeconds(30)))
                        .build()));
  }

  @Test
  void isFoundByName() {
    withVertx(
        vertx -> {
          Object broker = create(vertx, new JsonObject().put("port", 7));

          assertInstanceOf(HttpBroker.class, broker);
          assertTrue(broker.toString().startsWith("HttpBroker[127.0.0.1:7, "), broker::toString);
        });
  }

  @Test
  void findsItsRegistryByName() {
    withVertx(
        vertx -> {
          JsonObject consul =
              new JsonObject().put("registry", "consul").put("registryOptions", new JsonObject());
          assertTrue(create(vertx, consul).toString().contains("Consul"));

          IllegalArgumentException refused =
              assertThrows(
                  IllegalArgumentException.class,
                  () -> create(vertx, new JsonObject().put("registry", "nowhere")));
          assertEquals(
              "registry: 'nowhere' (expected: one of consul, etcd, memory)", refused.getMessage());
        });
  }

  private static Object create(Vertx vertx, JsonObject options) {
    return ServiceLoader.load(BrokerProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(found -> found.name().equals("http"))
        .findFirst()
        .orElseThrow()
        .create(vertx, Codecs.standard(), options);
  }

  private interface WithVertx {
    void run(Vertx vertx);
  }

  private static void withVertx(WithVertx test) {
    Vertx vertx = Vertx.vertx();
    try {
      test.run(vertx);
    } finally {
      vertx.close().await();
    }
  }
}
