// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What event loops share about each node, kept while any of them knows the node. May be used from
 * any thread.
 *
 * @param <S> what they share
 */
public final class PerNode<S> {

  private final Supplier<S> maker;
  private final Map<String, Counted<S>> nodes = new ConcurrentHashMap<>();

  private record Counted<S>(S shared, int loops) {}

  /** Starts empty. */
  public PerNode(Supplier<S> maker) {
    this.maker = maker;
  }

  /** Returns what is shared about a node on behalf of one more event loop. */
  public S attach(String address) {
    return Objects.requireNonNull(
            nodes.compute(
                address,
                (key, known) ->
                    known == null
                        ? new Counted<>(maker.get(), 1)
                        : new Counted<>(known.shared, known.loops + 1)))
        .shared;
  }

  /** One event loop has forgotten the node. */
  public void detach(String address) {
    nodes.computeIfPresent(
        address,
        (key, known) -> known.loops == 1 ? null : new Counted<>(known.shared, known.loops - 1));
  }
}
