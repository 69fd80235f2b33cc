// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Locale;

/** What a peer knows of a pin; also what a list of pins is narrowed by. */
public enum TrackerStatus {
  /** Nothing, or a status that this client does not know. */
  UNDEFINED,
  /** The peer could not be asked. */
  CLUSTER_ERROR,
  /** Pinning failed. */
  PIN_ERROR,
  /** Unpinning failed. */
  UNPIN_ERROR,
  /** Any error; as a filter only. */
  ERROR,
  /** Pinned. */
  PINNED,
  /** Being pinned. */
  PINNING,
  /** Being unpinned. */
  UNPINNING,
  /** Not pinned. */
  UNPINNED,
  /** Pinned by others. */
  REMOTE,
  /** Waits to be pinned. */
  PIN_QUEUED,
  /** Waits to be unpinned. */
  UNPIN_QUEUED,
  /** Waits for either; as a filter only. */
  QUEUED,
  /** In pieces on several peers. */
  SHARDED,
  /** Should be pinned, and is not. */
  UNEXPECTEDLY_UNPINNED;

  /** Returns the status that a peer names; {@link #UNDEFINED} if it is unknown. */
  @JsonCreator
  public static TrackerStatus named(String name) {
    for (TrackerStatus status : values()) {
      if (status.wireName().equals(name)) {
        return status;
      }
    }
    return UNDEFINED;
  }

  /** Returns the name that peers use. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
