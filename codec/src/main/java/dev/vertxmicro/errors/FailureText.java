// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import java.util.List;

/** Writes the one line that an {@link RpcException} has for its message. */
final class FailureText {

  private static final int MOST_DETAIL_CHARS = 2_000;
  private static final int MOST_ATTEMPTS = 8;

  private FailureText() {}

  static String of(RpcException failure, FailurePlace place) {
    RpcError error = failure.error();
    StringBuilder text = new StringBuilder(160);
    place.appendTo(text);
    text.append(error.code());
    if (!error.status().isEmpty()) {
      text.append(' ').append(error.status());
    }
    text.append(" (grpc ").append(failure.grpcStatus());
    text.append(", processed ").append(failure.processed());
    if (!error.id().isEmpty() && !error.id().equals(RpcError.CLIENT_ID)) {
      text.append(", from ").append(error.id());
    }
    text.append(')');
    if (!error.detail().isEmpty()) {
      text.append(": ").append(cut(error.detail(), MOST_DETAIL_CHARS));
    }
    if (!failure.times().equals(PhaseTimes.NONE)) {
      text.append(" [").append(failure.times()).append(']');
    }
    appendAttempts(text, failure.attempts(), error);
    return oneLine(text);
  }

  private static void appendAttempts(
      StringBuilder text, List<AttemptFailure> attempts, RpcError error) {
    boolean saysNothingNew = attempts.size() == 1 && attempts.get(0).error().equals(error);
    if (attempts.isEmpty() || saysNothingNew) {
      return;
    }
    int first = Math.max(0, attempts.size() - MOST_ATTEMPTS);
    text.append(" attempts:");
    if (first > 0) {
      text.append(' ').append(first).append(" more,");
    }
    for (AttemptFailure attempt : attempts.subList(first, attempts.size())) {
      text.append(" {").append(attempt).append('}');
    }
  }

  static String cut(String text, int mostChars) {
    return text.length() <= mostChars ? text : text.substring(0, mostChars) + "...";
  }

  /** What a peer sent may be a stack trace; a line of a log must stay one line. */
  static String oneLine(StringBuilder text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        text.setCharAt(i, ' ');
      }
    }
    return text.toString();
  }
}
