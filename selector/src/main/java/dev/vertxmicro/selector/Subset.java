// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.List;

/**
 * Chooses the nodes that this client uses, where many clients and many nodes would otherwise all be
 * connected. Always the same for the same nodes.
 */
sealed interface Subset permits Aperture, Rendezvous {

  /** With fewer it becomes likely that all of them are down at once (Finagle's least aperture). */
  int LEAST = 12;

  /**
   * Returns about {@code size} of the nodes, in their order, with the share of each; all of them if
   * they are no more than that.
   */
  List<Candidate> of(List<Candidate> nodes, int size);

  /**
   * Returns how many of {@code nodes} nodes one client should use: the square root, at least 12.
   */
  static int sizeFor(int nodes) {
    return Math.max(LEAST, (int) Math.ceil(Math.sqrt(nodes)));
  }
}
