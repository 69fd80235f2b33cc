// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What a protocol has moved.
 *
 * @param totalIn bytes received
 * @param totalOut bytes sent
 * @param rateIn bytes received in a second
 * @param rateOut bytes sent in a second
 */
public record Bandwidth(
    @JsonProperty("total_in") double totalIn,
    @JsonProperty("total_out") double totalOut,
    @JsonProperty("rate_in") double rateIn,
    @JsonProperty("rate_out") double rateOut) {}
