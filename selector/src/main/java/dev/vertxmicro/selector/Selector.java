// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import java.util.List;

/**
 * Opens the choice of nodes for one call.
 *
 * <p>Called by the attempt loop of the runtime, once per call; calls the registry. Every method may
 * be called from any thread.
 */
public interface Selector {

  /**
   * Opens the choice for one call.
   *
   * @param service the name of the service
   * @param options applied in order, later wins; filters and preferences add up
   * @return the choice, completed at once when the service is cached, else on the Vert.x context of
   *     the caller; fails with {@link dev.vertxmicro.errors.RpcException} code 404 if the service
   *     is unknown, 503 if it has no node left after filters or the registry cannot be reached.
   *     Both are NOT_SENT.
   */
  Future<Next> select(String service, SelectOption... options);

  /**
   * Opens the choice for one call with options that were applied before. The same as the other
   * {@code select}, and cheaper: nothing needs to be made for the options.
   */
  default Future<Next> select(String service, SelectOptions options) {
    return select(
        service,
        copy -> {
          copy.setKey(options.getKey());
          options.getFilters().forEach(copy::addFilter);
          options.getPreferred().forEach(copy::addPreferred);
        });
  }

  /** Forgets what was learned about the nodes of a service: loads, failures, ejections. */
  void reset(String service);

  /**
   * Describes for people what is known about the nodes of a service. Changes nothing and asks no
   * registry: it tells what the latest call found. Cost O(n).
   *
   * @return without nodes if no call has asked for the service
   */
  default ServiceDescription describe(String service) {
    return new ServiceDescription(service, false, List.of());
  }

  /**
   * Returns how many picks have been taken and not yet been {@link Pick#done}: 0 when all calls
   * have ended. Exact while no pick is taken or ended, else about right.
   */
  long openPicks();

  /** Frees what the selector holds. Choices that are open still work. May be called twice. */
  Future<Void> close();

  /**
   * Returns a selector over {@code registry} with {@link Strategy#powerOfTwo()}.
   *
   * @param registry asked on each select and each pick, so it should answer from memory, as the
   *     memory, the static and the {@link dev.vertxmicro.registry.CachingRegistry} do. Stays open
   *     when the selector is closed.
   * @param time the clock that attempts are measured on
   */
  static Selector create(Registry registry, TimeSource time) {
    return builder(registry, time).build();
  }

  /**
   * Starts a selector.
   *
   * @param registry see {@link #create}
   * @param time see {@link #create}
   */
  static SelectorBuilder builder(Registry registry, TimeSource time) {
    return new SelectorBuilder(registry, time);
  }
}
