// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds the place of this process among the nodes of its own service, which are the clients that
 * share the nodes that they call: its index among their sorted ids. A process that does not say
 * what it is, or that the registry does not name, chooses its subset alone.
 *
 * <p>The registry is asked at most once a second, by whoever comes then. What it cannot tell at
 * once changes nothing, nor does an answer without any node of the service. Lock-free: threads that
 * come at the same moment find the same.
 */
final class Peers {

  private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final RegistrySelector selector;
  private final SelectorOptions options;
  private final Subset alone;
  private volatile @Nullable List<Service> seen;
  private volatile Subsetting subsetting;
  private volatile long checkFrom;

  /**
   * Makes peers that are not known yet.
   *
   * @param seed what this process goes by while it is alone
   */
  Peers(RegistrySelector selector, SelectorOptions options, long seed) {
    this.selector = selector;
    this.options = options;
    this.alone = new Rendezvous(seed);
    this.subsetting = new Subsetting(options.getSubsetSize(), alone, alone);
    this.checkFrom = selector.now();
  }

  /** Returns how subsets are chosen now: the same object until that changes. */
  Subsetting subsetting(long now) {
    String service = options.getOwnService();
    if (service != null && now - checkFrom >= 0) {
      checkFrom = now + CHECK_NANOS;
      Future<List<Service>> answer = selector.ask(service);
      if (answer.succeeded() && answer.result() != seen) {
        see(answer.result());
      }
    }
    return subsetting;
  }

  private void see(List<Service> versions) {
    TreeMap<String, Node> peers = new TreeMap<>();
    versions.forEach(version -> version.nodes().forEach(node -> peers.put(node.id(), node)));
    if (!peers.isEmpty()) {
      Subset everywhere = among(new ArrayList<>(peers.keySet()));
      peers.values().removeIf(node -> !selector.tiering().isNear(node));
      Subset near = among(new ArrayList<>(peers.keySet()));
      Subsetting found = new Subsetting(options.getSubsetSize(), everywhere, near);
      if (!found.equals(subsetting)) {
        subsetting = found;
      }
    }
    seen = versions;
  }

  private Subset among(List<String> ids) {
    int index = ids.indexOf(options.getOwnNode());
    return index < 0 ? alone : new Aperture(index, ids.size());
  }
}
