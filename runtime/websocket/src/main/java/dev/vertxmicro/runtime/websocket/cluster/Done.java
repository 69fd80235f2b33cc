// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket.cluster;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/** The cluster has done what it was asked to, and has nothing more to say. */
@JsonIgnoreProperties(ignoreUnknown = true) // Jackson writes no class that it knows nothing of.
public record Done() {}
