// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.peers.GoPeer;
import dev.vertxmicro.peers.NatsServer;
import dev.vertxmicro.peers.Programs;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Registries in which each process answers for itself, with real go-micro services. */
class RegistriesIT {

  @Test
  void findsAndCallsWhatIsInNats() throws InterruptedException {
    try (NatsServer nats = NatsServer.start();
        GoPeer greeter =
            GoPeer.start(
                GoPeer.V5,
                "greeter",
                "-registry",
                "nats",
                "-registry-address",
                "127.0.0.1:" + nats.port())) {
      String registry = "--registry=nats";
      String address = "--registry-address=" + nats.url();

      Run services = Run.of("services", registry, address);
      Run described = Run.of("describe", "greeter", "--json", registry, address);
      Run called =
          Run.of("call", "greeter", "Greeter.Hello", "{\"name\":\"Ada\"}", registry, address);

      assertEquals("greeter\tlatest\t1\n", services.out(), services::err);
      JsonObject node = described.json().getJsonArray("nodes").getJsonObject(0);
      assertEquals(greeter.address(), node.getString("address"));
      assertEquals("Hello Ada", called.json().getString("greeting"), called::err);
      assertEquals(3, Run.of("describe", "nobody", registry, address).code());
    }
  }

  /**
   * In a network of its own, a loopback interface that carries multicast, by Linux' namespaces: no
   * flag says anything of the registry, as that is where go-micro's services are without one.
   */
  @Test
  void findsAndCallsWhatMulticastDnsKnowsWithoutAnyFlag() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String inside =
        """
        ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo || exit 77
        exec 3<&0
        "$1" -mode serve -name greeter -registry mdns <&3 >/dev/null 2>&1 &
        greeter=$!
        found=
        for i in 1 2 3 4 5; do
          [ -n "$found" ] || found=$("$2" -XX:TieredStopAtLevel=1 -cp "$3" "$4" services)
        done
        echo "$found"
        "$2" -XX:TieredStopAtLevel=1 -cp "$3" "$4" call greeter Greeter.Hello '{"name":"Ada"}'
        echo "code $?"
        kill $greeter
        """;
    ProcessBuilder builder =
        new ProcessBuilder(
                "sh",
                "-c",
                "unshare --user --map-root-user --net true || exit 77;"
                    + " exec unshare --user --map-root-user --net sh -c \"$@\"",
                "sh",
                inside,
                "sh",
                Programs.find(GoPeer.V5).toString(),
                java,
                path,
                MicroCommand.class.getName())
            .redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.matches("MICRO_(REGISTRY|BROKER).*"));
    Process process = builder.start();
    try {
      // The service lives as long as its input does.
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it ends");
      if (process.exitValue() == 77) {
        String reason =
            "left out: multicast DNS with go-micro needs a network namespace, which this machine"
                + " does not give";
        System.out.println(reason);
        Assumptions.abort(reason);
      }
      List<String> lines = said.lines().toList();
      assertTrue(lines.contains("greeter\tlatest\t1"), said);
      assertTrue(said.contains("\"greeting\":\"Hello Ada\""), said);
      assertTrue(lines.contains("code 0"), said);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aNetworkInterfaceThatIsNotThereIsExitCode4() {
    Run run = Run.of("services", "--registry=mdns", "--registry-address=nowhere0");

    assertEquals(4, run.code(), run::err);
    assertTrue(run.err().contains("nowhere0"), run::err);
  }
}
