// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

/** Who acknowledges an event. */
public enum AckMode {
  /** The success of the handler does; {@link Event#ack} may come before it. */
  ON_SUCCESS,

  /** Only {@link Event#ack} does, during the handler or later. A failed handler is a nack still. */
  MANUAL
}
