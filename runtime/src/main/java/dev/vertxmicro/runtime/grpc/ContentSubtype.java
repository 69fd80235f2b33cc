// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.netty.util.AsciiString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How request content types look on the wire of gRPC (go-micro client/grpc/codec.go). */
final class ContentSubtype {

  static final String PROTO = "application/grpc+proto";
  static final String JSON = "application/grpc+json";
  static final String BYTES = "application/grpc+bytes";

  private static final String GRPC = "application/grpc";

  private static final Map<String, String> ON_THE_WIRE =
      Map.of(
          PROTO,
          PROTO,
          GRPC,
          PROTO,
          "application/protobuf",
          PROTO,
          "application/proto",
          PROTO,
          "application/octet-stream",
          PROTO,
          JSON,
          JSON,
          "application/json",
          JSON,
          BYTES,
          BYTES);

  /** All that can be sent, the preferred first. */
  static final List<String> KNOWN =
      List.of(
          PROTO,
          BYTES,
          JSON,
          GRPC,
          "application/protobuf",
          "application/proto",
          "application/json",
          "application/octet-stream");

  private ContentSubtype() {}

  /** Returns all that is ever sent as a content type, for those who write bytes. */
  static Map<String, AsciiString> asciiOf() {
    Map<String, AsciiString> all = new HashMap<>();
    KNOWN.forEach(type -> all.put(type, AsciiString.cached(type)));
    return Map.copyOf(all);
  }

  /** Returns what is sent for {@code contentType}, or null if gRPC cannot carry it. */
  static @Nullable String of(String contentType) {
    return contentType.isEmpty() ? PROTO : ON_THE_WIRE.get(contentType);
  }

  /** Tells whether an answer with this content type speaks gRPC. */
  static boolean isGrpc(@Nullable String contentType) {
    if (contentType == null || !contentType.regionMatches(true, 0, GRPC, 0, GRPC.length())) {
      return false;
    }
    return contentType.length() == GRPC.length()
        || contentType.charAt(GRPC.length()) == '+'
        || contentType.charAt(GRPC.length()) == ';';
  }

  /**
   * Returns the content type of a reply: what the server says, or the request's if the server only
   * says that it speaks gRPC, since both sides then use one codec.
   */
  static String ofReply(String replied, String requested) {
    return replied.length() > GRPC.length() && replied.charAt(GRPC.length()) == '+'
        ? replied
        : requested;
  }
}
