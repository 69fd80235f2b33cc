// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Nodes that this process answers for. */
final class PeerRegistration implements Registration {

  private final PeerRegistry registry;
  private final Service service;
  private final RegisterOptions options;

  // Touched at home only.
  private final List<Node> nodes;
  private @Nullable Timer timer;
  private boolean over;

  PeerRegistration(PeerRegistry registry, Service service, RegisterOptions options) {
    this.registry = registry;
    this.service = service;
    this.options = options;
    this.nodes = new ArrayList<>(service.nodes());
  }

  @Override
  public Service service() {
    return service;
  }

  /** Returns the service with the nodes that are still this one's to answer for. */
  Service offered() {
    return nodes.size() == service.nodes().size() ? service : service.withNodes(nodes);
  }

  boolean isEmpty() {
    return nodes.isEmpty();
  }

  /** Gives up nodes to another registration; returns those that were here. */
  List<Node> release(Set<String> ids) {
    List<Node> released = nodes.stream().filter(node -> ids.contains(node.id())).toList();
    nodes.removeAll(released);
    return released;
  }

  /** Gives the first sign of life, and sees to the next or to the end. */
  void open() {
    registry.announceFirst(this);
    if (!options.interval().isZero()) {
      repeat();
    } else if (!options.ttl().isZero()) {
      // Nobody else would know when this is over.
      timer = registry.time().timer(Nanos.of(options.ttl()), this::end);
    }
  }

  private void repeat() {
    timer =
        registry
            .time()
            .timer(
                Nanos.of(options.interval()),
                () -> {
                  if (!over) {
                    registry.announce(this);
                    repeat();
                  }
                });
  }

  /** Ends it and tells all, if there are any nodes left. */
  void end() {
    if (over) {
      return;
    }
    over = true;
    if (timer != null) {
      timer.cancel();
    }
    registry.withdraw(this);
    nodes.clear();
  }

  @Override
  public Future<Void> close() {
    Promise<Void> promise = Promise.promise();
    registry.run(
        () -> {
          boolean said = !over && !nodes.isEmpty() && registry.wire().isOpen();
          end();
          if (said) {
            registry.wire().confirm().otherwiseEmpty().onComplete(promise);
          } else {
            promise.complete();
          }
        },
        promise::complete);
    return promise.future();
  }

  @Override
  public String toString() {
    return "PeerRegistration[" + service + "]";
  }
}
