// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.selector.Selector;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * What a client made itself, and so closes.
 *
 * @param transports those that were found, not given
 * @param selector the selector, or null if it was given
 * @param cache the cache before the registry, or null if the registry answers from memory
 * @param broker the broker, or null if it was given
 */
record OwnParts(
    Transports transports,
    @Nullable Selector selector,
    @Nullable Registry cache,
    @Nullable Broker broker) {

  /** Closes all of them, whether or not one fails to; fails as the first that does. */
  Future<Void> close(Deadline grace) {
    Future<Void> connections = transports.close(grace);
    Future<Void> choices = selector == null ? Future.succeededFuture() : selector.close();
    Future<Void> services = cache == null ? Future.succeededFuture() : cache.close();
    Future<Void> events = broker == null ? Future.succeededFuture() : broker.close();
    return Future.join(connections, choices, services, events).mapEmpty();
  }
}
