// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import org.jspecify.annotations.Nullable;

/**
 * Picks among the candidates that it was prepared for.
 *
 * <p>Called by {@link Next#next()} on the path of every attempt, from any number of threads at
 * once: must not lock, allocate or box.
 */
@FunctionalInterface
public interface Picker {

  /**
   * Picks a candidate that the call has not tried. Strategies with an order (rings, shards) take
   * the one that follows those tried.
   *
   * @param request what is known about the call
   * @param now the instant on the selector's clock, in nanoseconds, to read loads with
   * @return null if the call has tried all; the selector then asks again with a request that
   *     forgets all tries but the latest, and at last with one that forgets all, which must not
   *     return null
   */
  @Nullable Candidate pick(PickRequest request, long now);
}
