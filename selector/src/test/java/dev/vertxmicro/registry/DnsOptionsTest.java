// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.codec.OptionsContract;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DnsOptionsTest extends OptionsContract<DnsOptions> {

  DnsOptionsTest() {
    super(DnsOptions.class);
  }

  @Override
  protected DnsOptions changed() {
    return new DnsOptions()
        .setName("{service}.test")
        .setRecords(DnsRecords.AAAA)
        .setPort(70)
        .setServers(List.of("127.0.0.1:53", "[::1]:53"))
        .setQueryTimeout(Duration.ofSeconds(7))
        .setMinInterval(Duration.ofSeconds(70))
        .setMaxInterval(Duration.ofSeconds(700))
        .setMaxNodes(7)
        .setMaxServices(70)
        .setBackups(true)
        .setProtocol("grpc");
  }

  @Override
  protected Stream<BadValue> badValues() {
    long day = Duration.ofDays(1).toMillis();
    return Stream.of(
        new BadValue("name", "greeter.test", "a DNS name with {service}"),
        new BadValue("port", -1, "0 to 65535"),
        new BadValue("port", 65_536, "0 to 65535"),
        new BadValue("queryTimeout", 0, "PT0.001S to PT24H"),
        new BadValue("queryTimeout", day + 1, "PT0.001S to PT24H"),
        new BadValue("minInterval", 999, "PT1S to PT24H"),
        new BadValue("minInterval", day + 1, "PT1S to PT24H"),
        new BadValue("maxInterval", 999, "PT1S to PT24H"),
        new BadValue("maxInterval", day + 1, "PT1S to PT24H"),
        new BadValue("maxNodes", 0, "1 to 100000"),
        new BadValue("maxServices", 0, "1 to 1000000"),
        new BadValue("protocol", " ", "not blank"),
        new BadValue("records", "MX", "one of [SRV, A, AAAA]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "53", "localhost:53", "127.0.0.1", "127.0.0.1:0", "::1:53", "1.2.3.4:53/x"})
  void serverThatIsNoAddressAndPortIsRefused(String server) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new DnsOptions(new JsonObject().put("servers", new JsonArray().add(server))));
    assertEquals(
        "servers: " + server + " (expected: an IP address and a port, as in 127.0.0.1:53)",
        refused.getMessage());
  }
}
