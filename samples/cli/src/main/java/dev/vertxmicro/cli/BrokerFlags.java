// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.BrokerProvider;
import dev.vertxmicro.codec.Codecs;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which broker carries events. */
final class BrokerFlags {

  @Option(
      names = "--broker",
      paramLabel = "KIND",
      description = "nats, rabbitmq or http. Default: MICRO_BROKER, else http.")
  private @Nullable String broker;

  @Option(
      names = "--broker-address",
      paramLabel = "ADDRESS",
      description =
          "host:port or URL, several with commas. Default: MICRO_BROKER_ADDRESS, else this machine."
              + " That of http is its registry's.")
  private @Nullable String address;

  /** Made by the command line. */
  BrokerFlags() {}

  /**
   * Opens the broker, not yet connected.
   *
   * @param registry where subscribers of the HTTP broker meet
   * @throws IllegalArgumentException if there is none of that kind, or an address is wrong
   */
  Broker open(Vertx vertx, Codecs codecs, RegistryFlags registry) {
    String kind = Environment.choose(broker, "MICRO_BROKER", "http");
    JsonObject options = new JsonObject();
    if (kind.equals("http")) {
      options.put("registry", registry.kind()).put("registryOptions", registry.options());
    } else {
      List<String> addresses = Environment.addresses(address, "MICRO_BROKER_ADDRESS");
      if (!addresses.isEmpty()) {
        options.put("servers", new JsonArray(addresses));
      }
    }
    TreeSet<String> known = new TreeSet<>();
    for (BrokerProvider provider : ServiceLoader.load(BrokerProvider.class)) {
      if (provider.name().equals(kind)) {
        return provider.create(vertx, codecs, options);
      }
      known.add(provider.name());
    }
    throw new IllegalArgumentException(
        "--broker: " + kind + " (expected: one of " + String.join(", ", known) + ")");
  }
}
