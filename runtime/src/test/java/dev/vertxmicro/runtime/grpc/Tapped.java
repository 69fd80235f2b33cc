// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.grpc.FlakyProxy.Direction;
import io.vertx.core.buffer.Buffer;

/**
 * Something that a {@link FlakyProxy} saw on a connection. Bytes are tapped where they come in:
 * also those that are swallowed, delayed or cut off.
 *
 * @param connection which connection of the proxy, from 0
 * @param direction which way it went; for OPENED, from the client
 * @param bytes what was read; empty for other events, and once the tap is full
 * @param length how many bytes were read, whether kept or not
 */
record Tapped(int connection, Direction direction, Event event, Buffer bytes, int length) {
  /** What happened. */
  enum Event {
    /** The client's connection was accepted. */
    OPENED,
    /** Bytes were read. */
    BYTES,
    /** The sender of this direction ended it, orderly or not; ends of our own making are not. */
    ENDED
  }

  @Override
  public String toString() {
    return "#" + connection + " " + direction + " " + event + " " + length;
  }
}
