// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.pooling.Refusals;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The failures of requests that have left, or were to leave. */
final class Failures {

  private static final int INTERNAL = 500;
  private static final int MOST_DETAIL = 4_096;

  /** Where services put the text of an error, the first that is there. */
  private static final List<String> TEXTS = List.of("message", "detail", "error", "title");

  private Failures() {}

  /**
   * An answer whose status is no success. The code is that status, the detail what the service says
   * in JSON, or its text, or the reason phrase.
   */
  static RpcException status(ResponseHead head, Metadata metadata, Buffer body) {
    HttpError answer = new HttpError(head.status(), head.headers(), body);
    RpcError error = RpcError.of("", head.status(), detail(head, answer));
    return RpcException.of(error, grpcStatus(head.status()))
        .processed(processed(head.status()))
        .metadata(metadata)
        .cause(answer)
        .build();
  }

  private static String detail(ResponseHead head, HttpError answer) {
    JsonObject json = answer.json();
    if (json != null) {
      for (String field : TEXTS) {
        if (json.getValue(field) instanceof String text && !text.isEmpty()) {
          return text;
        }
      }
    }
    Buffer body = answer.body();
    String text = body.getString(0, Math.min(body.length(), MOST_DETAIL)).strip();
    return text.isEmpty() ? (head.status() + " " + head.reason()).strip() : text;
  }

  /** The usual reading of HTTP's status codes as gRPC's. */
  static GrpcStatus grpcStatus(int status) {
    return switch (status) {
      case 400, 405, 406, 411, 414, 415, 422 -> GrpcStatus.INVALID_ARGUMENT;
      case 401, 407 -> GrpcStatus.UNAUTHENTICATED;
      case 403, 451 -> GrpcStatus.PERMISSION_DENIED;
      case 404, 410 -> GrpcStatus.NOT_FOUND;
      case 408, 504 -> GrpcStatus.DEADLINE_EXCEEDED;
      case 409 -> GrpcStatus.ALREADY_EXISTS;
      case 412, 428 -> GrpcStatus.FAILED_PRECONDITION;
      case 413, 429, 431 -> GrpcStatus.RESOURCE_EXHAUSTED;
      case 416 -> GrpcStatus.OUT_OF_RANGE;
      case 421, 425, 502, 503 -> GrpcStatus.UNAVAILABLE;
      case 499 -> GrpcStatus.CANCELLED;
      case 500 -> GrpcStatus.INTERNAL;
      case 501 -> GrpcStatus.UNIMPLEMENTED;
      default -> GrpcStatus.UNKNOWN;
    };
  }

  /** A gateway does not tell what the server behind it has done; 421 and 425 say: nothing. */
  private static Processed processed(int status) {
    return switch (status) {
      case 421, 425 -> Processed.REFUSED;
      case 502, 504 -> Processed.UNKNOWN;
      default -> Processed.YES;
    };
  }

  /** A trailer tells that a stream has failed behind its head. */
  static RpcException trailer(List<String> texts, Metadata trailers) {
    return RpcException.of(RpcError.of("", INTERNAL, String.join("; ", texts)), GrpcStatus.INTERNAL)
        .processed(Processed.YES)
        .metadata(trailers)
        .build();
  }

  /**
   * The request was not written whole. Without a body no server can have taken it for one; of a
   * body a part may have been enough.
   */
  static RpcException notWritten(String address, boolean hadBody, @Nullable Throwable cause) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE, "not sent to " + address + ": " + reason(cause))
        .processed(hadBody ? Processed.UNKNOWN : Processed.NOT_SENT)
        .cause(cause)
        .build();
  }

  /**
   * The request was written, and the connection is gone without a whole answer.
   *
   * @param head of the answer, if it came: then the server has acted
   */
  static RpcException lost(String address, @Nullable ResponseHead head, @Nullable Throwable cause) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE, "lost on the way to " + address + ": " + reason(cause))
        .processed(head == null ? Processed.UNKNOWN : Processed.YES)
        .cause(head == null ? cause : partial(head))
        .build();
  }

  /** What came as an answer is none, or too large a one. */
  static RpcException unreadable(
      String address, @Nullable ResponseHead head, FramingException misfit) {
    return RpcException.client(misfit.status(), "answer of " + address + ": " + misfit.getMessage())
        .processed(head == null ? Processed.UNKNOWN : Processed.YES)
        .cause(head == null ? null : partial(head))
        .build();
  }

  private static HttpError partial(ResponseHead head) {
    return new HttpError(head.status(), head.headers(), Buffer.buffer(0));
  }

  /** The transport closes and waits no longer. */
  static RpcException aborted(Processed processed) {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "the transport was closed")
        .processed(processed)
        .build();
  }

  private static String reason(@Nullable Throwable cause) {
    return cause == null ? "the connection was closed" : Refusals.reason(cause);
  }
}
