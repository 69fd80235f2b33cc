// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

/** Why a node was ejected. */
public enum EjectionCause {
  /** Too many attempts in a row failed. */
  CONSECUTIVE_FAILURES,
  /** The node could not be reached several times in a row. */
  CONNECTION_FAILURES,
  /** The node succeeds certainly less often than the median node of the service. */
  SUCCESS_RATE,
  /** No attempt of the last interval succeeded. */
  NO_SUCCESS,
  /**
   * The node answers UNIMPLEMENTED only, while the other nodes answer as they should: another
   * service runs at its address.
   */
  ADDRESS_REUSED,
  /** The attempt that was to find out whether the node works again failed. */
  PROBE_FAILED
}
