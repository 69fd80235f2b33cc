// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.PercentEncoding;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientResponse;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The failures of this module: what etcd answers, and why it does not. */
final class Failures {

  static final String GRPC = "application/grpc";

  private static final String STATUS = "grpc-status";
  private static final String MESSAGE = "grpc-message";

  /**
   * What etcd calls invalid arguments although the arguments are well: only the text tells (etcd
   * {@code api/v3rpc/rpctypes/error.go}).
   */
  private static final Set<String> UNAUTHENTICATED =
      Set.of(
          "etcdserver: user name is empty",
          "etcdserver: authentication failed, invalid user ID or password",
          "etcdserver: revision of auth store is old");

  private Failures() {}

  /** Nobody answers, or the way there is broken. */
  static RpcException unavailable(String detail, Processed processed, @Nullable Throwable cause) {
    String why = cause == null ? "" : ": " + reason(cause);
    return RpcException.client(GrpcStatus.UNAVAILABLE, "etcd: " + detail + why)
        .processed(processed)
        .cause(cause)
        .build();
  }

  static RpcException closed() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "etcd registry: closed").build();
  }

  static RpcException exhausted(String detail) {
    return RpcException.client(GrpcStatus.RESOURCE_EXHAUSTED, "etcd: " + detail).build();
  }

  /**
   * Tells whether an answer was larger than we take, as opposed to an etcd that has too much to do.
   */
  static boolean isTooLarge(RpcException failure) {
    return failure.grpcStatus() == GrpcStatus.RESOURCE_EXHAUSTED
        && failure.processed() != Processed.YES;
  }

  /** etcd answers what is no answer. */
  static RpcException malformed(EtcdAddress from, String detail) {
    return RpcException.client(GrpcStatus.INTERNAL, "etcd at " + from + ": " + detail)
        .processed(Processed.UNKNOWN)
        .build();
  }

  /** etcd has ended a watch, and says why in words only. */
  static RpcException watchCancelled(String reason) {
    GrpcStatus status =
        reason.contains("permission denied")
            ? GrpcStatus.PERMISSION_DENIED
            : reason.contains("auth token") ? GrpcStatus.UNAUTHENTICATED : GrpcStatus.UNAVAILABLE;
    return RpcException.client(status, "etcd: watch cancelled: " + reason).build();
  }

  /** Returns the failure that a reply ended with, or null if it ended well. */
  static @Nullable RpcException of(HttpClientResponse reply, EtcdAddress from) {
    MultiMap source = reply.trailers().contains(STATUS) ? reply.trailers() : reply.headers();
    String status = source.get(STATUS);
    if (status == null || !status.matches("[0-9]{1,9}")) {
      return foreign(reply, from);
    }
    GrpcStatus code = GrpcStatus.ofCode(Integer.parseInt(status));
    if (code == GrpcStatus.OK) {
      return null;
    }
    String encoded = source.get(MESSAGE);
    String message = encoded == null ? "" : PercentEncoding.decode(encoded);
    if (UNAUTHENTICATED.contains(message)) {
      code = GrpcStatus.UNAUTHENTICATED;
    }
    return RpcException.client(code, "etcd at " + from + ": " + code + ": " + message)
        .processed(Processed.YES)
        .build();
  }

  /** The answer of something that is no etcd, a proxy perhaps. */
  static RpcException foreign(HttpClientResponse reply, EtcdAddress from) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE,
            "etcd at %s: no gRPC answer: HTTP %d, content-type %s"
                .formatted(from, reply.statusCode(), reply.headers().get("content-type")))
        .processed(Processed.UNKNOWN)
        .build();
  }

  /** The same failure for whoever only wanted to read: of the call no server has heard. */
  static RpcException ofReading(Throwable failure) {
    return RpcException.from(failure).toBuilder().processed(Processed.NOT_SENT).build();
  }

  private static String reason(Throwable cause) {
    String text = cause.getMessage();
    String reason = text == null ? cause.getClass().getSimpleName() : text;
    Throwable deeper = cause.getCause();
    return deeper == null || deeper.getMessage() == null || reason.contains(deeper.getMessage())
        ? reason
        : reason + " (" + deeper.getMessage() + ")";
  }
}
