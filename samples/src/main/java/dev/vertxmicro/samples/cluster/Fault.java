// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.cluster;

/** How a {@link ClusterServer} misbehaves, to see what its callers make of it. */
public enum Fault {
  /** It does not. */
  NONE,
  /** Replies come late. */
  DELAY,
  /** One reply is lost. */
  DROP_REPLY,
  /** Each reply comes twice. */
  DUPLICATE_REPLY,
  /** A reply to a request that nobody made comes before each. */
  UNKNOWN_OP_ID,
  /** An event comes before the stream that it belongs to is named. */
  EVENT_BEFORE_REPLY,
  /** An event of a stream that nobody started comes before each reply. */
  EVENT_FOR_UNKNOWN_STREAM,
  /** A message without op_id comes before each reply. */
  NO_OP_ID,
  /** Half of a JSON object comes before each reply. */
  BROKEN_JSON,
  /** A binary message comes before each reply. */
  BINARY_FRAME,
  /** All ids are numbers. */
  NUMERIC_IDS,
  /** Each reply is a failure whose err is a number. */
  ERR_AS_NUMBER,
  /** The connection is closed instead of a reply. */
  CLOSE_MID_CALL,
  /** The socket is cut instead of a reply. */
  CLOSE_WITHOUT_HANDSHAKE,
  /** No reply comes at all. */
  NEVER_ANSWER,
  /** A thousand events come before each reply. */
  BURST
}
