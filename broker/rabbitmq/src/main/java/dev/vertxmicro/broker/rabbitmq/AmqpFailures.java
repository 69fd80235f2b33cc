// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.ShutdownSignalException;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import org.jspecify.annotations.Nullable;

/** Says in our words what amqp-client throws and what servers say when they close something. */
final class AmqpFailures {

  private AmqpFailures() {}

  /**
   * Returns a failure that has not reached a queue: NOT_SENT.
   *
   * @param what what was tried
   */
  static RpcException of(String what, Throwable failure) {
    return failure instanceof RpcException rpc
        ? rpc
        : RpcException.client(status(failure), "rabbitmq: " + what + ": " + text(failure))
            .cause(failure)
            .build();
  }

  static RpcException.Builder unavailable(String why) {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "rabbitmq: " + why);
  }

  static GrpcStatus status(Throwable failure) {
    if (failure instanceof AuthenticationFailureException) {
      return GrpcStatus.UNAUTHENTICATED;
    }
    ShutdownSignalException shutdown = shutdown(failure);
    return switch (shutdown == null ? 0 : replyCode(shutdown)) {
      case AMQP.CONTENT_TOO_LARGE -> GrpcStatus.INVALID_ARGUMENT;
      case AMQP.ACCESS_REFUSED, AMQP.NOT_ALLOWED -> GrpcStatus.PERMISSION_DENIED;
      case AMQP.NOT_FOUND, AMQP.INVALID_PATH -> GrpcStatus.NOT_FOUND;
      case AMQP.RESOURCE_LOCKED, AMQP.PRECONDITION_FAILED -> GrpcStatus.FAILED_PRECONDITION;
      case AMQP.RESOURCE_ERROR -> GrpcStatus.RESOURCE_EXHAUSTED;
      default -> GrpcStatus.UNAVAILABLE;
    };
  }

  /** Tells whether the server closed a channel only, for what was asked of it there. */
  static boolean isOfChannel(ShutdownSignalException shutdown) {
    return !shutdown.isHardError() && !shutdown.isInitiatedByApplication();
  }

  private static @Nullable ShutdownSignalException shutdown(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof ShutdownSignalException shutdown) {
        return shutdown;
      }
    }
    return null;
  }

  private static int replyCode(ShutdownSignalException shutdown) {
    Method reason = shutdown.getReason();
    if (reason instanceof AMQP.Channel.Close close) {
      return close.getReplyCode();
    }
    return reason instanceof AMQP.Connection.Close close ? close.getReplyCode() : 0;
  }

  /** Returns what the server said, or else what went wrong here. */
  static String text(Throwable failure) {
    ShutdownSignalException shutdown = shutdown(failure);
    Method reason = shutdown == null ? null : shutdown.getReason();
    if (reason instanceof AMQP.Channel.Close close) {
      return close.getReplyText();
    }
    if (reason instanceof AMQP.Connection.Close close) {
      return close.getReplyText();
    }
    Throwable deepest = failure;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
  }
}
