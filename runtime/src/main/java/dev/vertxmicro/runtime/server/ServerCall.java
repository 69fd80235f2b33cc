// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Future;

/** One call being served, as its {@link ServerHandler} sees it. Used on the call's context only. */
public interface ServerCall {

  /** Returns the endpoint, for example {@code Greeter.Hello}. */
  String endpoint();

  /**
   * Returns the content type of the request and the reply, for example {@code
   * application/grpc+json}.
   */
  String contentType();

  /**
   * Returns what the caller sent as metadata, names in lower case. Without pseudo-headers and what
   * the protocol keeps for itself: content type, encodings, timeouts.
   */
  Metadata metadata();

  /**
   * Returns by when the caller wants its answer: the earlier of {@code grpc-timeout} and go-micro's
   * {@code timeout}, {@link Deadline#NONE} if it sent neither. At the deadline the server answers
   * DEADLINE_EXCEEDED by itself.
   */
  Deadline deadline();

  /** Returns the address of the caller as {@code host:port}; empty if unknown. */
  String remoteAddress();

  /**
   * Completes on this call's context when nobody waits for the reply any longer, with the reason:
   * CANCELLED (499) if the caller gave up or its connection was lost, DEADLINE_EXCEEDED (408),
   * UNAVAILABLE (503) if the server was closed and would not wait longer. Never completes for a
   * call that gets its answer. A reply that comes later is dropped.
   */
  Future<RpcException> cancelled();

  /**
   * Adds a header to a successful reply.
   *
   * @throws IllegalArgumentException if {@code name} is reserved or no HTTP token, or {@code value}
   *     is not printable ASCII
   */
  ServerCall replyHeader(String name, String value);

  /**
   * Adds a trailer, which goes out with success and with failure.
   *
   * @throws IllegalArgumentException as {@link #replyHeader} does
   */
  ServerCall replyTrailer(String name, String value);
}
