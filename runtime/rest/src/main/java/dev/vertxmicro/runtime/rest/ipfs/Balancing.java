// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

/** In which order the peers are asked. */
public enum Balancing {
  /** Each call begins with the first peer, and goes on with the next one. */
  FAILOVER,
  /** Each attempt goes to the next peer, whatever call it belongs to. */
  ROUND_ROBIN
}
