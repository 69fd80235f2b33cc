// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.BrokerProvider;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.JsonFields;
import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeSet;

/**
 * Makes HTTP brokers: {@code "http"}, with {@link HttpBrokerOptions} and two fields more: {@code
 * registry}, the name of a {@link RegistryProvider} or {@code memory}, which is the default and
 * stands for the registry that all code on the Vert.x instance shares; and {@code registryOptions},
 * an object with the options of that registry. The registry is closed with the broker.
 */
public final class HttpBrokers implements BrokerProvider {

  private static final String MEMORY = "memory";

  /** Makes the provider. */
  public HttpBrokers() {}

  @Override
  public String name() {
    return "http";
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if an option is wrong, or there is no registry of that name
   */
  @Override
  public Broker create(Vertx vertx, Codecs codecs, JsonObject options) {
    HttpBrokerOptions own = new HttpBrokerOptions(options);
    Chosen chosen = new Chosen(options);
    return HttpBroker.builder(vertx, registry(vertx, chosen.name, chosen.options))
        .withCodecs(codecs)
        .withOptions(own)
        .closingTheRegistry()
        .build();
  }

  /** The registry that is asked for. */
  private static final class Chosen {
    private String name = MEMORY;
    private JsonObject options = new JsonObject();

    Chosen(JsonObject json) {
      JsonFields fields = new JsonFields(json);
      fields.string("registry", value -> name = value);
      fields.object("registryOptions", value -> options = value);
    }
  }

  private static Registry registry(Vertx vertx, String name, JsonObject options) {
    if (name.equals(MEMORY)) {
      return MemoryRegistry.shared(vertx);
    }
    List<RegistryProvider> found =
        ServiceLoader.load(RegistryProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .toList();
    TreeSet<String> names = new TreeSet<>(List.of(MEMORY));
    for (RegistryProvider provider : found) {
      if (provider.name().equals(name)) {
        return provider.create(vertx, options);
      }
      names.add(provider.name());
    }
    throw new IllegalArgumentException(
        "registry: '" + name + "' (expected: one of " + String.join(", ", names) + ")");
  }
}
