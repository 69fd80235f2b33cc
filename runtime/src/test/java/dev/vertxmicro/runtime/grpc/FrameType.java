// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

/** Kinds of entries in a connection's journal: RFC 9113 frames, and what ends a connection. */
public enum FrameType {
  DATA,
  HEADERS,
  PRIORITY,
  RST_STREAM,
  SETTINGS,
  PUSH_PROMISE,
  PING,
  GOAWAY,
  WINDOW_UPDATE,
  CONTINUATION,
  /** A frame of a type that RFC 9113 does not define; its payload is kept. */
  EXTENSION,
  /** Not a frame: bytes that are no HTTP/2. Everything after them is ignored. */
  GARBAGE,
  /** Not a frame: the connection was accepted. */
  OPENED,
  /** Not a frame: the connection ended; the payload says how. */
  CLOSED;

  private static final FrameType[] BY_CODE = values();

  public static FrameType ofCode(int code) {
    return code <= CONTINUATION.ordinal() ? BY_CODE[code] : EXTENSION;
  }

  /** The type byte on the wire; only for the ten types of RFC 9113. */
  public int code() {
    if (ordinal() > CONTINUATION.ordinal()) {
      throw new IllegalStateException(this + " has no type code");
    }
    return ordinal();
  }
}
