// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import java.util.List;

/**
 * How a request content type looks on the wire (go-micro client/rpc_client.go, rpc_codec.go).
 *
 * @param accept what the caller asked for
 * @param contentType what is sent
 * @param envelope what is around the value
 */
record WireType(String accept, String contentType, Envelope envelope) {

  static final String PROTO = "application/protobuf";
  static final String JSON = "application/json";
  static final String BYTES = "application/octet-stream";
  static final String PROTO_RPC = "application/proto-rpc";
  static final String JSON_RPC = "application/json-rpc";

  /** Stands for what cannot be sent. */
  static final WireType UNKNOWN = new WireType("", "", Envelope.NONE);

  /** All that can be sent, the preferred first. */
  static final List<String> KNOWN = List.of(PROTO, JSON, BYTES, PROTO_RPC, JSON_RPC);

  /**
   * Returns what is sent for {@code contentType}, or {@link #UNKNOWN} if mucp cannot carry it.
   *
   * @param legacy whether the node names no protocol: such nodes get the method in an envelope,
   *     since that is where the first versions of go-micro look for it
   */
  static WireType of(String contentType, boolean legacy) {
    return switch (contentType) {
      case PROTO -> legacy ? enveloped(PROTO, PROTO_RPC) : plain(PROTO);
      case JSON -> legacy ? enveloped(JSON, JSON_RPC) : plain(JSON);
      case BYTES -> legacy ? new WireType(BYTES, BYTES, Envelope.PROTO_RPC) : plain(BYTES);
      case PROTO_RPC, JSON_RPC -> enveloped(contentType, contentType);
      default -> UNKNOWN;
    };
  }

  private static WireType plain(String contentType) {
    return new WireType(contentType, contentType, Envelope.NONE);
  }

  private static WireType enveloped(String accept, String contentType) {
    boolean json = contentType.equals(JSON_RPC);
    return new WireType(accept, contentType, json ? Envelope.JSON_RPC : Envelope.PROTO_RPC);
  }
}
