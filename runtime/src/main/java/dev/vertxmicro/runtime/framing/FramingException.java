// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.framing;

import dev.vertxmicro.errors.GrpcStatus;

/** What came is no message, or too large a one. Nothing can be read behind it. */
public final class FramingException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final GrpcStatus status;

  private FramingException(GrpcStatus status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  /** A message is larger than its bound. */
  public static FramingException tooLarge(long length, int most) {
    return new FramingException(
        GrpcStatus.RESOURCE_EXHAUSTED,
        "received message larger than max (" + length + " vs. " + most + ")");
  }

  /** What says how large an answer is, and what, is larger than its bound. */
  public static FramingException headTooLarge(int most) {
    return new FramingException(
        GrpcStatus.RESOURCE_EXHAUSTED, "received head larger than max (" + most + ")");
  }

  /** What came cannot be read. */
  public static FramingException broken(String detail) {
    return new FramingException(GrpcStatus.INTERNAL, detail);
  }

  /** Returns the status that gRPC has for it. */
  public GrpcStatus status() {
    return status;
  }

  /** Returns what happened; never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
