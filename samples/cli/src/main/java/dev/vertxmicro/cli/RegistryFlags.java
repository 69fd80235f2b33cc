// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which registry is asked. */
final class RegistryFlags {

  /** go-micro's own where no other is named. */
  private static final String MDNS = "mdns";

  /** A program that has just started reads its first datagrams slowly. */
  private static final Duration MDNS_ANSWERS = Duration.ofMillis(500);

  /** What the addresses of a registry are called in its options. */
  private static final Map<String, String> ADDRESSES =
      Map.of("consul", "addresses", "etcd", "endpoints", "nats", "servers");

  @Option(
      names = "--registry",
      paramLabel = "KIND",
      description = "consul, etcd, nats or mdns. Default: MICRO_REGISTRY, else mdns.")
  private @Nullable String registry;

  @Option(
      names = "--registry-address",
      paramLabel = "ADDRESS",
      description =
          "host:port, several with commas; of mdns a network interface. Default:"
              + " MICRO_REGISTRY_ADDRESS (but of mdns), else this machine.")
  private @Nullable String address;

  /** Made by the command line. */
  RegistryFlags() {}

  String kind() {
    return Environment.choose(registry, "MICRO_REGISTRY", MDNS);
  }

  JsonObject options() {
    if (kind().equals(MDNS)) {
      JsonObject mdns = new JsonObject().put("answerTimeout", MDNS_ANSWERS.toMillis());
      return address == null ? mdns : mdns.put("networkInterface", address);
    }
    List<String> addresses = Environment.addresses(address, "MICRO_REGISTRY_ADDRESS");
    String key = ADDRESSES.get(kind());
    return key == null || addresses.isEmpty()
        ? new JsonObject()
        : new JsonObject().put(key, new JsonArray(addresses));
  }

  /**
   * Opens the registry.
   *
   * @throws IllegalArgumentException if there is none of that kind, or an address is wrong
   */
  Registry open(Vertx vertx) {
    TreeSet<String> known = new TreeSet<>();
    for (RegistryProvider provider : ServiceLoader.load(RegistryProvider.class)) {
      if (provider.name().equals(kind())) {
        return provider.create(vertx, options());
      }
      known.add(provider.name());
    }
    throw new IllegalArgumentException(
        "--registry: " + kind() + " (expected: one of " + String.join(", ", known) + ")");
  }
}
