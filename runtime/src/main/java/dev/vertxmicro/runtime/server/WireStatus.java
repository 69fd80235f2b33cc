// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.PercentEncoding;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.errors.StatusDetails;
import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/**
 * A failure as it goes on the wire, in the way of a go-micro server (server/grpc/grpc.go and
 * error.go): a go-micro error is JSON in the message and an {@code errors.Error} in the details,
 * every other failure is a status and a text.
 *
 * @param status never OK
 * @param message the text, or the JSON of {@code error}
 * @param error go-micro's error, null for a plain status
 */
record WireStatus(GrpcStatus status, String message, @Nullable RpcError error) {

  /** The id of errors that a go-micro server makes itself. */
  static final String SERVER_ID = "go.micro.server";

  /** The most bytes of message and details together: some clients take no more than 8 KiB. */
  private static final int MOST_BYTES = 6 * 1024;

  /** A status with a text and nothing else. */
  static WireStatus plain(GrpcStatus status, String text) {
    return new WireStatus(status, text, null);
  }

  /** An error that this server makes itself. */
  static WireStatus server(GrpcStatus status, int code, String detail) {
    return micro(status, RpcError.of(SERVER_ID, code, detail));
  }

  private static WireStatus micro(GrpcStatus status, RpcError error) {
    return new WireStatus(status, error.toJson(), error);
  }

  /** What go-micro makes of a handler that panics. */
  static WireStatus panic(Throwable thrown) {
    return server(GrpcStatus.INTERNAL, 500, "panic recovered: " + text(thrown));
  }

  /**
   * What a handler's failure becomes. An {@code RpcException} keeps its status: where go-micro has
   * one for the code it is the same, and a plain gRPC client learns more from RESOURCE_EXHAUSTED
   * than from go-micro's INTERNAL for every 500.
   */
  static WireStatus of(Throwable failure) {
    if (!(failure instanceof RpcException rpc)) {
      return plain(GrpcStatus.UNKNOWN, text(failure));
    }
    GrpcStatus status = rpc.grpcStatus();
    if (status == GrpcStatus.OK) {
      GrpcStatus byCode = GrpcStatus.ofMicroCode(rpc.code());
      status = byCode == GrpcStatus.OK ? GrpcStatus.UNKNOWN : byCode;
    }
    return micro(status, rpc.error());
  }

  private static String text(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isEmpty() ? failure.getClass().getName() : message;
  }

  /** Sets the {@code grpc-} headers or trailers. A text too long for clients is cut. */
  void writeTo(MultiMap headers) {
    String encoded = PercentEncoding.encode(message);
    String details = details();
    if (encoded.length() + details.length() > MOST_BYTES) {
      shortened().writeTo(headers);
      return;
    }
    headers.set("grpc-status", Integer.toString(status.code()));
    if (!encoded.isEmpty()) {
      headers.set("grpc-message", encoded);
    }
    if (!details.isEmpty()) {
      headers.set(StatusDetails.HEADER, details);
    }
  }

  /** Returns this failure as the handler of the call sees it: it was reached. */
  RpcException toException() {
    RpcError seen = error != null ? error : RpcError.of(SERVER_ID, status.microCode(), message);
    return RpcException.of(seen, status).processed(Processed.YES).build();
  }

  private String details() {
    return error == null ? "" : StatusDetails.toHeader(StatusDetails.encode(status, error));
  }

  private WireStatus shortened() {
    if (error == null) {
      return plain(status, half(message));
    }
    String id = error.id().length() > 256 ? half(error.id()) : error.id();
    String reason = error.status().length() > 256 ? half(error.status()) : error.status();
    return micro(status, new RpcError(id, error.code(), half(error.detail()), reason));
  }

  /** Returns the first half; a surrogate pair is cut between its halves at worst. */
  private static String half(String text) {
    return text.substring(0, text.length() / 2);
  }
}
