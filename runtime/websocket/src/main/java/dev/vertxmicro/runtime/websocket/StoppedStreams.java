// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The last {@value #MOST} streams that a node was told to stop: their late events are nobody's, and
 * it is not told again. Used by one thread.
 */
final class StoppedStreams {

  private static final int MOST = 1_024;

  private final Set<String> ids = new LinkedHashSet<>();

  StoppedStreams() {}

  /** Adds a stream; false if it is there already. */
  boolean add(String id) {
    boolean fresh = ids.add(id);
    if (ids.size() > MOST) {
      ids.remove(ids.iterator().next());
    }
    return fresh;
  }

  /** The node has given the id to another stream. */
  void remove(String id) {
    ids.remove(id);
  }

  boolean contains(String id) {
    return ids.contains(id);
  }
}
