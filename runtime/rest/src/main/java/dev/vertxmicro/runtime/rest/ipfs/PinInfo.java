// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one peer knows of a pin.
 *
 * @param peerName its name
 * @param ipfsPeerId the id of its IPFS daemon
 * @param ipfsPeerAddresses the multiaddrs of that
 * @param status how far it is; null if the peer does not say
 * @param timestamp since when, or null
 * @param error what went wrong; empty if nothing did
 * @param attemptCount how often it was tried
 * @param priorityPin whether it goes before others
 */
public record PinInfo(
    @JsonProperty("peername") String peerName,
    @JsonProperty("ipfs_peer_id") String ipfsPeerId,
    @JsonProperty("ipfs_peer_addresses") List<String> ipfsPeerAddresses,
    @JsonProperty("status") @Nullable TrackerStatus status,
    @JsonProperty("timestamp") @JsonDeserialize(using = GoInstant.class)
        @Nullable Instant timestamp,
    @JsonProperty("error") String error,
    @JsonProperty("attempt_count") int attemptCount,
    @JsonProperty("priority_pin") boolean priorityPin) {

  /** Puts empty values for what is absent. */
  public PinInfo {
    peerName = Absent.text(peerName);
    ipfsPeerId = Absent.text(ipfsPeerId);
    ipfsPeerAddresses = Absent.list(ipfsPeerAddresses);
    error = Absent.text(error);
  }
}
