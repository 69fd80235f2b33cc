// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/** Asks for all instances. */
@JsonIgnoreProperties(ignoreUnknown = true) // Jackson writes no class that it knows nothing of.
public record ListQuery() {}
