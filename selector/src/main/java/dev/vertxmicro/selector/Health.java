// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

/** Whether a node should be picked; the better comes first. */
public enum Health {
  /** Nothing speaks against the node. */
  HEALTHY,
  /** The node fails, and is not ejected only because too many others are. */
  FAILING,
  /**
   * The node is ejected. The selector leaves ejected nodes out of the candidates, except when too
   * many are ejected; a pick may also meet a node that was ejected a moment ago.
   */
  EJECTED
}
