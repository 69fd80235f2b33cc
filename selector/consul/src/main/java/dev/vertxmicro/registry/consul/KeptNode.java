// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One registered node and its signs of life. With a TTL a sign of life passes its check; without,
 * it asks the agent whether it still knows the node. Where that fails the node is registered anew:
 * so it comes back when Consul does, be it without its memory, or on another agent.
 *
 * <p>Touched on the home of the registry only.
 */
final class KeptNode {

  private static final System.Logger LOG = System.getLogger(KeptNode.class.getName());

  private final ConsulRegistry registry;
  private final Agent agent;
  private final String service;
  private final String id;
  private final JsonObject definition;
  private final Duration interval;
  private final boolean passes;

  /** Who may have the node; the last has had it last. */
  private final Set<String> agents = new LinkedHashSet<>();

  private Future<Void> underWay = Future.succeededFuture();
  private @Nullable Timer timer;
  private int failures;
  private boolean released;

  KeptNode(
      ConsulRegistry registry,
      Agent agent,
      String service,
      String id,
      JsonObject definition,
      RegisterOptions options,
      boolean passes) {
    this.registry = registry;
    this.agent = agent;
    this.service = service;
    this.id = id;
    this.definition = definition;
    this.interval = options.interval();
    this.passes = passes;
  }

  String service() {
    return service;
  }

  String id() {
    return id;
  }

  /** Registers the node and begins with its signs of life. */
  Future<Void> open() {
    underWay = register();
    return underWay.onSuccess(done -> beatIn(registry.jittered(interval)));
  }

  /** As {@link #open}, in the place of another that was released: where it was, this may be. */
  Future<Void> openAfter(KeptNode other) {
    agents.addAll(other.agents);
    return open();
  }

  private Future<Void> register() {
    return agent
        .register(definition)
        .compose(
            by -> {
              agents.remove(by);
              agents.add(by);
              return passes ? agent.pass(id) : Future.succeededFuture();
            });
  }

  private void beatIn(Duration delay) {
    if (!released && !interval.isZero()) {
      timer = registry.time().timer(delay.toNanos(), this::beat);
    }
  }

  private void beat() {
    if (released) {
      return;
    }
    Future<Void> alive =
        passes
            ? agent.pass(id)
            : agent
                .knows(id)
                .compose(
                    known ->
                        known ? Future.succeededFuture() : Future.failedFuture("not registered"));
    underWay = alive.recover(unknown -> released ? alive : register());
    underWay.onComplete(
        done -> {
          if (done.succeeded()) {
            alive(alive.failed());
          } else {
            failed(done.cause());
          }
        });
  }

  private void alive(boolean anew) {
    if (anew) {
      LOG.log(Level.DEBUG, () -> this + ": registered anew");
    }
    failures = 0;
    registry.well(this);
    beatIn(registry.jittered(interval));
  }

  private void failed(Throwable cause) {
    if (!released) {
      registry.failing(this, cause);
    }
    Duration backoff = registry.backoff(failures++);
    beatIn(backoff.compareTo(interval) < 0 ? backoff : interval);
  }

  /** Ends the signs of life and leaves the node registered: somebody else has it now. */
  Future<Void> release() {
    released = true;
    registry.well(this);
    if (timer != null) {
      timer.cancel();
    }
    return underWay.otherwiseEmpty();
  }

  /**
   * Ends the signs of life and deregisters the node wherever it was registered. That an agent
   * cannot be reached which had it before the last one is no failure: Consul removes a node whose
   * check stays critical.
   */
  Future<Void> close() {
    return release().compose(over -> deregister());
  }

  private Future<Void> deregister() {
    Future<Void> last = Future.succeededFuture();
    for (String by : agents) {
      Future<Void> before = last;
      last = agent.deregister(by, id);
      before.onFailure(
          failure ->
              LOG.log(Level.DEBUG, () -> this + ": not deregistered everywhere: " + failure));
    }
    return last;
  }

  @Override
  public String toString() {
    return "consul service " + service + ", node " + id;
  }
}
