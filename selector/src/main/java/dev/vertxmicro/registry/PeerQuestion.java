// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A question to all, and what has been heard since that answers it. Touched at home only. */
final class PeerQuestion {

  private final @Nullable String service;
  private final PeerSettings settings;
  private final Complaints complaints;
  private final Promise<Void> over = Promise.promise();
  private final Map<String, Service> nodes = new LinkedHashMap<>();
  private final Map<String, Integer> counts = new LinkedHashMap<>();
  private final TreeSet<String> names = new TreeSet<>();
  private @Nullable Timer timer;

  /** Asks for the nodes of a service, or with null for the names of all. */
  PeerQuestion(@Nullable String service, PeerSettings settings, Complaints complaints) {
    this.service = service;
    this.settings = settings;
    this.complaints = complaints;
  }

  /** Completes when there is nothing more to wait for; fails if the wire is lost. */
  Future<Void> over() {
    return over.future();
  }

  void endBy(Timer timer) {
    this.timer = timer;
  }

  void seen(Service seen) {
    if (service == null) {
      named(seen.name());
    } else if (service.equals(seen.name())) {
      seen.nodes().forEach(node -> add(seen, node));
    }
  }

  private void add(Service head, Node node) {
    if (nodes.size() >= settings.maxNodes() && !nodes.containsKey(node.id())) {
      full();
      return;
    }
    // An answer may come twice, in two families of subjects or over two interfaces.
    Service before = nodes.putIfAbsent(node.id(), head.withNodes(List.of(node)));
    if (before == null) {
      int count = counts.merge(head.version(), 1, Integer::sum);
      if (count == settings.quorum()) {
        end();
      }
    } else if (!before.nodes().get(0).address().equals(node.address())) {
      complaints.about(
          where(),
          "node "
              + node.id()
              + " comes twice, at "
              + before.nodes().get(0).address()
              + ", which is used, and at "
              + node.address());
    }
  }

  void named(String name) {
    if (service == null) {
      if (names.size() >= settings.maxNodes() && !names.contains(name)) {
        full();
      } else {
        names.add(name);
      }
    }
  }

  private void full() {
    complaints.about(where(), "more than " + settings.maxNodes() + " are left out (maxNodes)");
  }

  private String where() {
    return settings.name() + (service == null ? " list" : " service " + service);
  }

  void gone(Service gone) {
    if (gone.name().equals(service)) {
      gone.nodes().forEach(node -> nodes.remove(node.id()));
    }
  }

  void end() {
    if (timer != null) {
      timer.cancel();
    }
    over.tryComplete();
  }

  void fail(RpcException failure) {
    if (timer != null) {
      timer.cancel();
    }
    over.tryFail(failure);
  }

  List<Service> versions() {
    return Versions.merge(new ArrayList<>(nodes.values()), where(), complaints);
  }

  List<String> names() {
    return List.copyOf(names);
  }
}
