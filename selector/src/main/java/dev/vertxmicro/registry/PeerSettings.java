// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.codec.Ranges;
import java.time.Duration;
import java.util.Objects;

/**
 * What a {@link PeerRegistry} goes by.
 *
 * @param name what it is called in failures and complaints
 * @param answerTimeout how long answers are awaited; above zero
 * @param quorum how many nodes of one version are enough; zero waits out the time
 * @param probeInterval after which a watched node that gave no sign of life is asked for; above
 *     zero
 * @param retryInterval after which a watch tries again to open the wire; above zero
 * @param maxNodes the most nodes of one service, and names in a list; 1 or more
 * @param maxServices the most services that are watched; 1 or more
 */
public record PeerSettings(
    String name,
    Duration answerTimeout,
    int quorum,
    Duration probeInterval,
    Duration retryInterval,
    int maxNodes,
    int maxServices) {

  /** Checks the ranges. */
  public PeerSettings {
    Objects.requireNonNull(name, "name");
    Ranges.positive("answerTimeout", answerTimeout);
    Ranges.within("quorum", quorum, 0, Integer.MAX_VALUE);
    Ranges.positive("probeInterval", probeInterval);
    Ranges.positive("retryInterval", retryInterval);
    Ranges.within("maxNodes", maxNodes, 1, Integer.MAX_VALUE);
    Ranges.within("maxServices", maxServices, 1, Integer.MAX_VALUE);
  }
}
