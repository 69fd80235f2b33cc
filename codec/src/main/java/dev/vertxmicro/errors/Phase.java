// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

/** The parts of a call in which time is spent; an expired deadline says which took how much. */
public enum Phase {

  /** Looking up the service and choosing a node. */
  SELECT,

  /** Waiting for a free stream on a connection. */
  QUEUE,

  /** Connecting, TLS handshake and HTTP/2 settings included. */
  CONNECT,

  /** Writing the request. */
  SEND,

  /** Waiting for the reply after the request has left. */
  WAIT,

  /** Waiting before a retry. */
  BACKOFF
}
