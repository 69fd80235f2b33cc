// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

/** Learns what becomes of a {@link ClientConnection}; called on its event loop. */
public interface ConnectionListener {

  /** Cares for nothing. */
  ConnectionListener NONE = new ConnectionListener() {};

  /** The peer has changed how many streams it allows. */
  default void streamsAllowed(long most) {}

  /** The peer looks at no stream above that number; those fail after this call. */
  default void goAway(int lastStreamId) {}

  /** A stream is no longer open on the wire. */
  default void streamClosed() {}

  /** The connection ends, and so do its streams after this call: it is not to be used any more. */
  default void ending() {}

  /** It is gone, and all its streams have ended. */
  default void closed() {}
}
