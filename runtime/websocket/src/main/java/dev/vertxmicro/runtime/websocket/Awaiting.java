// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

/** Whose reply a connection awaits. Exactly one of its methods is called, once. */
interface Awaiting {

  /** The reply has come; the connection has forgotten the id. */
  void replied(Envelope reply);

  /** The connection is gone. */
  void lost(Loss loss);
}
