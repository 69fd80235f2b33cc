// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The transports of a client by protocol. Immutable. */
final class Transports {

  private final Map<String, Transport> byProtocol;

  Transports(Collection<Transport> transports) {
    Map<String, Transport> table = new TreeMap<>();
    for (Transport transport : transports) {
      table.put(transport.protocol(), transport);
    }
    this.byProtocol = Map.copyOf(table);
  }

  /** Returns the transport that speaks with {@code node}, or null if there is none. */
  @Nullable Transport find(Node node, String defaultProtocol) {
    String protocol = node.protocol();
    return byProtocol.get(protocol == null ? defaultProtocol : protocol);
  }

  /**
   * Returns the transport of {@code protocol}.
   *
   * @throws IllegalArgumentException if there is none; the message lists those that are known
   */
  Transport get(String protocol) {
    Transport transport = byProtocol.get(protocol);
    if (transport == null) {
      throw new IllegalArgumentException(
          "protocol: " + protocol + " (expected: one of " + this + ")");
    }
    return transport;
  }

  /** Returns the filter that keeps the nodes which some transport speaks with. */
  SpokenProtocols spoken(String defaultProtocol) {
    return new SpokenProtocols(byProtocol.keySet(), defaultProtocol);
  }

  void setPool(PoolLimits limits) {
    byProtocol.values().forEach(transport -> transport.setPool(limits));
  }

  Future<Void> close(Deadline grace) {
    List<Future<Void>> closing =
        byProtocol.values().stream().map(transport -> transport.close(grace)).toList();
    return Future.join(closing).mapEmpty();
  }

  @Override
  public String toString() {
    return new TreeMap<>(byProtocol).keySet().toString();
  }
}
