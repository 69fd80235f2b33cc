// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

/** The status codes of gRPC, and go-micro's mapping between them and its HTTP-like codes. */
public enum GrpcStatus {
  /** Success. */
  OK(0, 200),
  /** The caller cancelled. */
  CANCELLED(1, 500),
  /** An error nobody classified. */
  UNKNOWN(2, 500),
  /** The request is wrong whatever the state of the system. */
  INVALID_ARGUMENT(3, 400),
  /** The deadline passed. */
  DEADLINE_EXCEEDED(4, 408),
  /** Something that was asked for does not exist. */
  NOT_FOUND(5, 404),
  /** Something that was to be made exists. */
  ALREADY_EXISTS(6, 409),
  /** The caller may not do that. */
  PERMISSION_DENIED(7, 403),
  /** A quota, a limit or memory is used up. */
  RESOURCE_EXHAUSTED(8, 500),
  /** The system is not in a state for that. */
  FAILED_PRECONDITION(9, 412),
  /** Aborted, for example by a conflict. */
  ABORTED(10, 500),
  /** Past the valid range. */
  OUT_OF_RANGE(11, 500),
  /** No such endpoint. */
  UNIMPLEMENTED(12, 501),
  /** An invariant is broken. */
  INTERNAL(13, 500),
  /** Not available now. */
  UNAVAILABLE(14, 503),
  /** Data is lost. */
  DATA_LOSS(15, 500),
  /** No valid credentials. */
  UNAUTHENTICATED(16, 401);

  private static final GrpcStatus[] BY_CODE = values();

  private final int code;
  private final int microCode;

  GrpcStatus(int code, int microCode) {
    this.code = code;
    this.microCode = microCode;
  }

  /** Returns the number on the wire, 0 to 16. */
  public int code() {
    return code;
  }

  /** Returns go-micro's HTTP-like code for this status (go-micro client/grpc/error.go). */
  public int microCode() {
    return microCode;
  }

  /**
   * Returns the status of a number on the wire; {@link #UNKNOWN} for numbers gRPC does not know.
   */
  public static GrpcStatus ofCode(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : UNKNOWN;
  }

  /**
   * Returns the status with which a go-micro server sends one of its HTTP-like codes (go-micro
   * server/grpc/error.go); {@link #UNKNOWN} for codes outside of its table.
   */
  public static GrpcStatus ofMicroCode(int microCode) {
    return switch (microCode) {
      case 200 -> OK;
      case 400 -> INVALID_ARGUMENT;
      case 401 -> UNAUTHENTICATED;
      case 403 -> PERMISSION_DENIED;
      case 404 -> NOT_FOUND;
      case 408 -> DEADLINE_EXCEEDED;
      case 409 -> ALREADY_EXISTS;
      case 412 -> FAILED_PRECONDITION;
      case 500 -> INTERNAL;
      case 501 -> UNIMPLEMENTED;
      case 503 -> UNAVAILABLE;
      default -> UNKNOWN;
    };
  }

  /**
   * Returns the status for an HTTP answer that is not gRPC (gRPC's http-grpc-status-mapping.md);
   * {@link #UNKNOWN} for codes outside of its table.
   */
  public static GrpcStatus ofHttpStatus(int httpStatus) {
    return switch (httpStatus) {
      case 400 -> INTERNAL;
      case 401 -> UNAUTHENTICATED;
      case 403 -> PERMISSION_DENIED;
      case 404 -> UNIMPLEMENTED;
      case 429, 502, 503, 504 -> UNAVAILABLE;
      default -> UNKNOWN;
    };
  }
}
