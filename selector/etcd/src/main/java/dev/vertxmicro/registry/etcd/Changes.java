// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.registry.Service;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns changes of entries into events, in their order. Neighbours of one kind become one event, so
 * that thousand nodes that leave together are not thousand events. What repeats what is known is no
 * event.
 */
final class Changes {

  private final List<RegistryEvent> events = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private @Nullable Action action;
  private @Nullable Service head;

  /** An entry was written; each names one node. */
  void put(@Nullable Service before, Service now) {
    if (before == null) {
      add(Action.CREATE, now);
    } else if (!before.version().equals(now.version())) {
      add(Action.DELETE, before);
      add(Action.CREATE, now);
    } else if (!before.equals(now)) {
      add(Action.UPDATE, now);
    }
  }

  /** An entry is gone. */
  void delete(Service before) {
    add(Action.DELETE, before);
  }

  private void add(Action next, Service service) {
    if (next != action || head == null || !sameHead(head, service)) {
      flush();
      action = next;
      head = service;
    }
    nodes.addAll(service.nodes());
  }

  private static boolean sameHead(Service left, Service right) {
    return left.version().equals(right.version())
        && left.metadata().equals(right.metadata())
        && left.endpoints().equals(right.endpoints());
  }

  private void flush() {
    if (action != null && head != null) {
      events.add(new RegistryEvent(action, head.withNodes(nodes)));
      nodes.clear();
    }
  }

  /** Returns the events; nothing is added afterwards. */
  List<RegistryEvent> events() {
    flush();
    action = null;
    return List.copyOf(events);
  }
}
