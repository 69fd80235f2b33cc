// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * go-micro's proxy variables ({@code util/net/net.go}): they decide which node is called, not what
 * is called there.
 *
 * <ul>
 *   <li>{@code MICRO_PROXY}: {@code service} means the service {@code go.micro.proxy}; a value with
 *       a colon is the only address; any other value is the name of the proxy service, which the
 *       call's own addresses bypass.
 *   <li>else {@code MICRO_NETWORK}: {@code service} means {@code go.micro.network}, any other value
 *       is the name of the service; and {@code MICRO_NETWORK_ADDRESS} is the only address.
 * </ul>
 *
 * <p>For events {@code MICRO_PROXY} names the topic that the broker is given, the exchange.
 *
 * <p>Read once: the environment of a process does not change.
 */
final class ProxyEnvironment {

  private final String proxy;
  private final String network;
  private final String networkAddress;

  /** Reads the variables. {@code variables} returns null for a variable that is not set. */
  ProxyEnvironment(Variables variables) {
    this.proxy = variables.get("MICRO_PROXY");
    this.network = variables.get("MICRO_NETWORK");
    this.networkAddress = variables.get("MICRO_NETWORK_ADDRESS");
  }

  /** Returns the service to select from, and the addresses that replace the selection if any. */
  Target apply(String service, List<String> addresses) {
    if (!proxy.isEmpty()) {
      if (proxy.equals("service")) {
        return new Target("go.micro.proxy", List.of());
      }
      return proxy.indexOf(':') >= 0
          ? new Target(service, List.of(proxy))
          : new Target(proxy, addresses);
    }
    String selected = service;
    if (!network.isEmpty()) {
      selected = network.equals("service") ? "go.micro.network" : network;
    }
    return new Target(selected, networkAddress.isEmpty() ? addresses : List.of(networkAddress));
  }

  /**
   * Returns the topic that a broker is given instead of an event's own: {@code MICRO_PROXY} as it
   * is, whatever the publish itself says, as go-micro's client did up to v2.
   */
  @Nullable String exchange(@Nullable String own) {
    return proxy.isBlank() ? own : proxy;
  }

  /** Which nodes to choose from: those of the addresses if there are any, else of the service. */
  record Target(String service, List<String> addresses) {}

  /** The environment. */
  record Variables(UnaryOperator<@Nullable String> lookup) {
    String get(String name) {
      String value = lookup.apply(name);
      return value == null ? "" : value;
    }
  }
}
