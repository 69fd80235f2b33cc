// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

/** What becomes of calls that are under way when the address of their node changes. */
public enum AddressChange {
  /** They fail at once, outcome unknown, as in skynet. */
  FAIL,
  /** They get their replies over the old connection, which is closed after the last one. */
  DRAIN
}
