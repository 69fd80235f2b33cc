// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A metric that did not come in time.
 *
 * @param name of the metric
 * @param peer the peer id that it is of
 * @param value as the peer writes it
 * @param expire when it ends, in ns since 1970
 * @param valid whether the peer vouches for it
 * @param weight to compare peers by
 * @param partitionable whether peers are grouped by it
 * @param receivedAt when it came, in ns since 1970
 * @param triggeredAt when that was seen, or null
 */
public record Alert(
    @JsonProperty("name") String name,
    @JsonProperty("peer") String peer,
    @JsonProperty("value") String value,
    @JsonProperty("expire") long expire,
    @JsonProperty("valid") boolean valid,
    @JsonProperty("weight") long weight,
    @JsonProperty("partitionable") boolean partitionable,
    @JsonProperty("received_at") long receivedAt,
    @JsonProperty("triggered_at") @JsonDeserialize(using = GoInstant.class)
        @Nullable Instant triggeredAt) {

  /** Puts empty values for what is absent. */
  public Alert {
    name = Absent.text(name);
    peer = Absent.text(peer);
    value = Absent.text(value);
  }
}
