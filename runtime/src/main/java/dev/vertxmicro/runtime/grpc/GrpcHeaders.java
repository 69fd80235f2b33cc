// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.metadata.MicroHeaders;
import dev.vertxmicro.metadata.ReservedHeaders;
import io.vertx.core.MultiMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The headers of requests and replies: what gRPC and go-micro add, and the caller's metadata. */
final class GrpcHeaders {

  static final String CONTENT_TYPE = "content-type";
  static final String STATUS = "grpc-status";
  static final String MESSAGE = "grpc-message";
  static final String ENCODING = "grpc-encoding";

  /** What the transport itself reads from a reply, and so is no metadata of it. */
  private static final Set<String> CONSUMED =
      Set.of(CONTENT_TYPE, STATUS, MESSAGE, ENCODING, "grpc-accept-encoding", "content-length");

  /** More than the fields take that are not metadata. */
  private static final int REST_BYTES = 1_024;

  private static final int FIELD_BYTES = 32;

  private GrpcHeaders() {}

  /**
   * Checks that metadata can be sent. It must be known before a request is taken from Vert.x: one
   * that is taken and not sent never gives its place back.
   *
   * @throws IllegalArgumentException for a value with characters other than printable ASCII
   */
  static void check(Metadata metadata) {
    metadata.forEach(
        (name, value) -> {
          for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c > '~') {
              throw new IllegalArgumentException(
                  "metadata "
                      + name
                      + ": character U+%04X at %d".formatted((int) c, i)
                      + " (expected: printable ASCII; bytes go under a name that ends with -bin)");
            }
          }
        });
  }

  /**
   * Tells whether a head with this metadata is sure to be smaller than the bound of the peer. The
   * size of a field is that of its name and value and 32 (RFC 9113 6.5.2).
   */
  static boolean fit(Metadata metadata, long most) {
    if (metadata.isEmpty()) {
      return true;
    }
    long size = REST_BYTES;
    for (Map.Entry<String, String> entry : metadata) {
      size += entry.getKey().length() + entry.getValue().length() + FIELD_BYTES;
    }
    return size <= most;
  }

  /**
   * Adds all headers of a request in go-micro's order.
   *
   * @param remainingNanos the time to announce, above 0; {@link Long#MAX_VALUE} for none
   */
  static void addTo(
      MultiMap headers,
      String subtype,
      String contentType,
      String userAgent,
      long remainingNanos,
      int previousAttempts,
      Metadata metadata) {
    headers.add(CONTENT_TYPE, subtype).add("te", "trailers").add("user-agent", userAgent);
    if (remainingNanos != Long.MAX_VALUE) {
      headers
          .add("grpc-timeout", GrpcTimeout.text(remainingNanos))
          .add(MicroHeaders.TIMEOUT, Long.toString(remainingNanos));
    }
    if (previousAttempts > 0) {
      headers.add("grpc-previous-rpc-attempts", Integer.toString(previousAttempts));
    }
    headers.add(MicroHeaders.X_CONTENT_TYPE, contentType.isEmpty() ? subtype : contentType);
    if (!metadata.isEmpty()) {
      metadata.forEach(
          (name, value) -> {
            if (!ReservedHeaders.isReserved(name)) {
              headers.add(name.toLowerCase(Locale.ROOT), value.strip());
            }
          });
    }
  }

  /** Tells whether a header of a reply, its name in lower case, is no metadata. */
  static boolean isConsumed(String name) {
    return CONSUMED.contains(name) || name.startsWith(":");
  }

  /** Returns what a reply brought beyond the protocol's own headers. */
  static Metadata read(MultiMap headers) {
    Metadata.Builder metadata = null;
    for (Map.Entry<String, String> header : headers) {
      if (!CONSUMED.contains(header.getKey())) {
        metadata = metadata == null ? Metadata.builder() : metadata;
        metadata.addReceived(header.getKey(), header.getValue());
      }
    }
    return metadata == null ? Metadata.empty() : metadata.build();
  }
}
