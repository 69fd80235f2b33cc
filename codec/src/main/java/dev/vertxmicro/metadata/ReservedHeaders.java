// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.metadata;

import java.util.Locale;
import java.util.Set;

/**
 * Names that callers may not set as metadata, since a transport owns them or since they break
 * HTTP/2 (RFC 9113 8.2.2) or gRPC (PROTOCOL-HTTP2.md). Transports leave such entries out.
 */
public final class ReservedHeaders {

  private static final Set<String> NAMES =
      Set.of(
          "connection",
          "content-length",
          "content-type",
          "host",
          "http2-settings",
          "keep-alive",
          "proxy-connection",
          "te",
          "timeout",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "user-agent",
          "x-content-type");

  private ReservedHeaders() {}

  /**
   * Tells whether {@code name} is reserved, in any case: connection headers, what a transport
   * writes itself, pseudo-headers and all {@code grpc-} names.
   */
  public static boolean isReserved(String name) {
    if (name.isEmpty() || name.charAt(0) == ':' || name.regionMatches(true, 0, "grpc-", 0, 5)) {
      return true;
    }
    return NAMES.contains(name.toLowerCase(Locale.ROOT));
  }
}
