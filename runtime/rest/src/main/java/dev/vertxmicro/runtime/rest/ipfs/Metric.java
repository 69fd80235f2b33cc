// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A metric that a peer has sent.
 *
 * @param name of the metric
 * @param peer the peer id that it is of
 * @param value as the peer writes it
 * @param expire when it ends, in ns since 1970
 * @param valid whether the peer vouches for it
 * @param weight to compare peers by
 * @param partitionable whether peers are grouped by it
 * @param receivedAt when it came, in ns since 1970
 */
public record Metric(
    @JsonProperty("name") String name,
    @JsonProperty("peer") String peer,
    @JsonProperty("value") String value,
    @JsonProperty("expire") long expire,
    @JsonProperty("valid") boolean valid,
    @JsonProperty("weight") long weight,
    @JsonProperty("partitionable") boolean partitionable,
    @JsonProperty("received_at") long receivedAt) {

  /** Puts empty values for what is absent. */
  public Metric {
    name = Absent.text(name);
    peer = Absent.text(peer);
    value = Absent.text(value);
  }
}
