// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.selector.Filter;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps the nodes that some transport of the client speaks with, so that no pick is wasted on
 * others; if they are all there is, the error of the call names them.
 *
 * @param known the protocols of the client's transports
 * @param byDefault the protocol of nodes that name none
 */
record SpokenProtocols(Set<String> known, String byDefault) implements Filter {

  /** Copies the protocols. */
  SpokenProtocols {
    known = Set.copyOf(known);
  }

  @Override
  public boolean keeps(Service service, Node node) {
    return known.contains(protocol(node));
  }

  @Override
  public String reason(Service service, Node node) {
    return "%s speaks %s (known: %s)".formatted(node.id(), protocol(node), new TreeSet<>(known));
  }

  private String protocol(Node node) {
    String named = node.protocol();
    return named == null ? byDefault : named;
  }
}
