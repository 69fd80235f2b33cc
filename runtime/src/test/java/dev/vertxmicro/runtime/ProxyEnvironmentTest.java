// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyEnvironmentTest {

  private static ProxyEnvironment environment(String proxy, String network, String address) {
    Map<String, String> variables =
        Map.of("MICRO_PROXY", proxy, "MICRO_NETWORK", network, "MICRO_NETWORK_ADDRESS", address);
    return new ProxyEnvironment(new ProxyEnvironment.Variables(variables::get));
  }

  /** MICRO_PROXY, MICRO_NETWORK, MICRO_NETWORK_ADDRESS, the call's address, then what is chosen. */
  @ParameterizedTest
  @CsvSource({
    // nothing set
    "'', '', '', '', greeter, ''",
    "'', '', '', own:1, greeter, own:1",
    // the proxy
    "service, '', '', '', go.micro.proxy, ''",
    "service, '', '', own:1, go.micro.proxy, ''",
    "127.0.0.1:8081, '', '', '', greeter, 127.0.0.1:8081",
    "127.0.0.1:8081, '', '', own:1, greeter, 127.0.0.1:8081",
    "my.proxy, '', '', '', my.proxy, ''",
    "my.proxy, '', '', own:1, my.proxy, own:1",
    // the proxy hides the network
    "service, service, net:1, '', go.micro.proxy, ''",
    "my.proxy, my.network, net:1, '', my.proxy, ''",
    // the network
    "'', service, '', '', go.micro.network, ''",
    "'', service, '', own:1, go.micro.network, own:1",
    "'', my.network, '', '', my.network, ''",
    "'', '', net:1, '', greeter, net:1",
    "'', '', net:1, own:1, greeter, net:1",
    "'', service, net:1, own:1, go.micro.network, net:1",
    "'', my.network, net:1, '', my.network, net:1",
  })
  void choosesAsGoMicroDoes(
      String proxy, String network, String address, String own, String service, String chosen) {
    ProxyEnvironment.Target target =
        environment(proxy, network, address).apply("greeter", list(own));

    assertEquals(service, target.service());
    assertEquals(list(chosen), target.addresses());
  }

  private static List<String> list(String address) {
    return address.isEmpty() ? List.of() : List.of(address);
  }

  @Test
  void variablesThatAreNotSetAreEmpty() {
    ProxyEnvironment none = new ProxyEnvironment(new ProxyEnvironment.Variables(name -> null));

    assertEquals(
        new ProxyEnvironment.Target("greeter", List.of("own:1")),
        none.apply("greeter", List.of("own:1")));
  }

  @Test
  void actsOnlyIfTheClientIsToldTo() {
    ProxyEnvironment proxied = environment("b", "", "");
    for (boolean on : new boolean[] {true, false}) {
      try (Bench bench =
          new Bench(
              builder ->
                  builder
                      .withEnvironment(proxied)
                      .with(options -> options.setProxyFromEnvironment(on)))) {
        bench.node("a", Bench.ok("x"));
        bench.run(
            () -> {
              bench.call();

              assertEquals(List.of(on ? "b" : "greeter"), bench.selector.asked);
              // Only the choice of the node changes, not what is called there.
              assertEquals("greeter", bench.arrivals.get(0).request().message().target());
            });
      }
    }
  }
}
