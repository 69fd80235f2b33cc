// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the content type of a gRPC request. */
final class GrpcContentType {

  private static final String GRPC = "application/grpc";

  private GrpcContentType() {}

  /**
   * Returns {@code application/grpc} with its subtype if it has one, in lower case and without
   * parameters; null if {@code header} is something else.
   */
  static @Nullable String parse(@Nullable String header) {
    if (header == null || !header.regionMatches(true, 0, GRPC, 0, GRPC.length())) {
      return null;
    }
    if (header.length() == GRPC.length()) {
      return GRPC;
    }
    int parameters = header.indexOf(';');
    String type = parameters < 0 ? header : header.substring(0, parameters);
    type = type.trim().toLowerCase(Locale.ROOT);
    return type.length() == GRPC.length() || type.charAt(GRPC.length()) == '+' ? type : null;
  }
}
