// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.codec.OptionsContract;
import dev.vertxmicro.registry.RegistryProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MdnsOptionsTest extends OptionsContract<MdnsOptions> {

  MdnsOptionsTest() {
    super(MdnsOptions.class);
  }

  @Override
  protected MdnsOptions changed() {
    return new MdnsOptions()
        .setDomain("local")
        .setNetworkInterface("lo")
        .setPort(5_354)
        .setTtl(Duration.ofSeconds(7))
        .setAnswerTimeout(Duration.ofMillis(8))
        .setProbeInterval(Duration.ofMillis(9))
        .setMaxNodes(10)
        .setMaxServices(11);
  }

  @Override
  protected Stream<BadValue> badValues() {
    return Stream.of(
        new BadValue("domain", "", "a DNS name"),
        new BadValue("networkInterface", "", "not blank"),
        new BadValue("port", 0, "1 to 65535"),
        new BadValue("ttl", 999, "PT1S to PT24H"),
        new BadValue("answerTimeout", 0, "PT0.001S to PT1M"),
        new BadValue("probeInterval", 0, "PT0.001S to PT24H"),
        new BadValue("maxNodes", 0, "1 to 1000000"),
        new BadValue("maxServices", 0, "1 to 1000000"));
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "a..b", ".a", "a."})
  void refusesWhatIsNoDomain(String domain) {
    assertThrows(IllegalArgumentException.class, () -> new MdnsOptions().setDomain(domain));
  }

  @Test
  void isFoundByName() {
    RegistryProvider provider =
        ServiceLoader.load(RegistryProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(found -> found.name().equals("mdns"))
            .findFirst()
            .orElseThrow();
    Vertx vertx = Vertx.vertx();
    try {
      assertInstanceOf(MdnsRegistry.class, provider.create(vertx, new JsonObject()));
    } finally {
      vertx.close().await();
    }
  }
}
