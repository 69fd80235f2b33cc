// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import org.jspecify.annotations.Nullable;

/**
 * What became of an attempt, as far as it says something about its node.
 *
 * @param kind whether the node did its work
 * @param failure the failure, if there was one
 */
public record Outcome(Kind kind, @Nullable RpcException failure) {

  /** The node answered as it should. */
  public static final Outcome SUCCESS = new Outcome(Kind.SUCCESS, null);

  /** The attempt was given up: neither success nor failure, but the node took longer than that. */
  public static final Outcome CANCELLED = new Outcome(Kind.CANCELLED, null);

  /** Whether a node did its work. */
  public enum Kind {
    /** The node answered, be it with an error that is the caller's. */
    SUCCESS,
    /** The node failed, or could not be reached. */
    FAILURE,
    /** Nobody waited for the node's answer. */
    CANCELLED
  }

  /**
   * Returns the outcome of a failed attempt.
   *
   * <ul>
   *   <li>CANCELLED if the request never left because of something on our side: a limit of ours, a
   *       request that cannot be encoded, the caller's cancel. That must not count for the node,
   *       nor against it.
   *   <li>SUCCESS for errors that are the caller's (INVALID_ARGUMENT, NOT_FOUND and kin): the node
   *       did its work.
   *   <li>FAILURE otherwise; in particular when the node could not be reached (UNAVAILABLE or
   *       DEADLINE_EXCEEDED, not sent).
   * </ul>
   */
  public static Outcome failed(RpcException failure) {
    return new Outcome(kind(failure), failure);
  }

  /** Tells whether the node could not be reached. */
  boolean isUnreached() {
    return kind == Kind.FAILURE
        && failure != null
        && failure.grpcStatus() == GrpcStatus.UNAVAILABLE
        && failure.processed() == Processed.NOT_SENT;
  }

  /** Tells whether the node answered that it has no such service or endpoint. */
  boolean isUnimplemented() {
    return kind == Kind.FAILURE
        && failure != null
        && failure.grpcStatus() == GrpcStatus.UNIMPLEMENTED;
  }

  private static Kind kind(RpcException failure) {
    if (isOurs(failure)) {
      return Kind.CANCELLED;
    }
    return isCallersFault(failure) ? Kind.SUCCESS : Kind.FAILURE;
  }

  private static boolean isOurs(RpcException failure) {
    GrpcStatus status = failure.grpcStatus();
    return switch (status) {
      case UNAVAILABLE, DEADLINE_EXCEEDED -> false;
      case CANCELLED -> failure.error().id().equals(RpcError.CLIENT_ID);
      default -> failure.processed() == Processed.NOT_SENT;
    };
  }

  private static boolean isCallersFault(RpcException failure) {
    return switch (failure.grpcStatus()) {
      case OK,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          UNAUTHENTICATED,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          ABORTED ->
          true;
      default -> false;
    };
  }
}
