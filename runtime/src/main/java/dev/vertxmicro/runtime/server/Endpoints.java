// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.registry.Endpoint;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a server, found by path as go-micro finds them: {@code /any.thing.Greeter/Hello}
 * is {@code Greeter.Hello}, with case. Immutable.
 */
final class Endpoints {

  private final Map<String, ServedEndpoint<?, ?>> byName;
  private final Set<String> handlers;

  Endpoints(Map<String, ServedEndpoint<?, ?>> byName) {
    this.byName = Map.copyOf(byName);
    this.handlers =
        byName.keySet().stream()
            .map(name -> name.substring(0, name.indexOf('.')))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Returns what is registered, sorted by name. */
  List<Endpoint> described() {
    return byName.values().stream()
        .sorted(Comparator.comparing(ServedEndpoint::name))
        .map(ServedEndpoint::described)
        .toList();
  }

  @Nullable ServedEndpoint<?, ?> find(CallPath path) {
    return byName.get(path.endpoint());
  }

  /** Returns go-micro's text for a path that {@link #find} does not know. */
  String unknown(CallPath path) {
    return "unknown service "
        + (handlers.contains(path.handler()) ? path.endpoint() : path.handler());
  }
}
