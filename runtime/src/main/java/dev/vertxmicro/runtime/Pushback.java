// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.RpcException;

/** What a server says of retries: its trailer {@code grpc-retry-pushback-ms} (gRFC A6). */
final class Pushback {

  /** The server says nothing. */
  static final long NONE = 0;

  /** The server wants no retry: it said so by a number below zero or by anything unreadable. */
  static final long NEVER = -1;

  private static final String NAME = "grpc-retry-pushback-ms";

  /** A pushback longer than any deadline is as good as a refusal. */
  private static final int MOST_DIGITS = 9;

  private Pushback() {}

  /** Returns how long to wait in nanoseconds, at least 1, or {@link #NONE} or {@link #NEVER}. */
  static long nanos(RpcException failure) {
    String text = failure.metadata().get(NAME);
    if (text == null) {
      return NONE;
    }
    if (text.isEmpty() || text.length() > MOST_DIGITS) {
      return NEVER;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return NEVER;
      }
    }
    return Math.max(1, Long.parseLong(text) * 1_000_000);
  }
}
