// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What all peers know of a pin.
 *
 * @param cid what
 * @param name its name, perhaps empty
 * @param allocations the peers that keep it
 * @param origins multiaddrs that have the content
 * @param created when it was pinned, or null
 * @param metadata what the user added
 * @param peerMap what each peer knows, by peer id
 */
public record GlobalPinInfo(
    @JsonProperty("cid") @JsonDeserialize(using = CidText.class) String cid,
    @JsonProperty("name") String name,
    @JsonProperty("allocations") List<String> allocations,
    @JsonProperty("origins") List<String> origins,
    @JsonProperty("created") @JsonDeserialize(using = GoInstant.class) @Nullable Instant created,
    @JsonProperty("metadata") Map<String, String> metadata,
    @JsonProperty("peer_map") Map<String, PinInfo> peerMap) {

  /** Puts empty values for what is absent. */
  public GlobalPinInfo {
    cid = Absent.text(cid);
    name = Absent.text(name);
    allocations = Absent.list(allocations);
    origins = Absent.list(origins);
    metadata = Absent.map(metadata);
    peerMap = Absent.map(peerMap);
  }
}
