// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster has been told to keep.
 *
 * @param cid what
 * @param type {@code pin}, {@code meta-pin}, {@code clusterdag-pin} or {@code shard-pin}
 * @param allocations the peers that keep it
 * @param maxDepth how deep; -1 for all
 * @param reference another pin that belongs to it, or null
 * @param timestamp when it was made, or null
 * @param replicationFactorMin the least peers that have it; -1 for all
 * @param replicationFactorMax the most peers that have it; -1 for all
 * @param name its name, perhaps empty
 * @param mode {@code recursive} or {@code direct}
 * @param shardSize in bytes
 * @param userAllocations the peers that were wished for
 * @param expireAt when it ends, or null
 * @param metadata what the user added
 * @param pinUpdate the pin that it takes the place of, or null
 * @param origins multiaddrs that have the content
 */
public record Pin(
    @JsonProperty("cid") @JsonDeserialize(using = CidText.class) String cid,
    @JsonProperty("type") String type,
    @JsonProperty("allocations") List<String> allocations,
    @JsonProperty("max_depth") int maxDepth,
    @JsonProperty("reference") @JsonDeserialize(using = CidText.class) @Nullable String reference,
    @JsonProperty("timestamp") @JsonDeserialize(using = GoInstant.class)
        @Nullable Instant timestamp,
    @JsonProperty("replication_factor_min") int replicationFactorMin,
    @JsonProperty("replication_factor_max") int replicationFactorMax,
    @JsonProperty("name") String name,
    @JsonProperty("mode") String mode,
    @JsonProperty("shard_size") long shardSize,
    @JsonProperty("user_allocations") List<String> userAllocations,
    @JsonProperty("expire_at") @JsonDeserialize(using = GoInstant.class) @Nullable Instant expireAt,
    @JsonProperty("metadata") Map<String, String> metadata,
    @JsonProperty("pin_update") @JsonDeserialize(using = CidText.class) @Nullable String pinUpdate,
    @JsonProperty("origins") List<String> origins) {

  /** Puts empty values for what is absent. */
  public Pin {
    cid = Absent.text(cid);
    type = Absent.text(type);
    allocations = Absent.list(allocations);
    name = Absent.text(name);
    mode = Absent.text(mode);
    userAllocations = Absent.list(userAllocations);
    metadata = Absent.map(metadata);
    origins = Absent.list(origins);
  }
}
