// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

/** What a {@link Broker} knows of its way to the server or to other processes. */
public enum Connectivity {
  /** Nobody has asked it to connect. */
  NEW,
  /** Events go out and come in. */
  CONNECTED,
  /** It was asked to connect and is not connected now: it never was, or was and tries again. */
  DISCONNECTED,
  /** It was closed. */
  CLOSED,
  /** It does not tell. */
  UNKNOWN
}
