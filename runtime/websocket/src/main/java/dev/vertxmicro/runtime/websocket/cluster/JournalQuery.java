// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;

/**
 * Asks for what an instance has written.
 *
 * @param instanceId its id
 * @param lines how many of the last lines, at least 0; 0: all that the cluster has kept
 */
public record JournalQuery(@JsonProperty("instance_id") String instanceId, int lines) {

  /** Checks the parts. */
  public JournalQuery {
    Objects.requireNonNull(instanceId, "instanceId");
    if (lines < 0) {
      throw new IllegalArgumentException("lines: " + lines + " (expected: at least 0)");
    }
  }
}
