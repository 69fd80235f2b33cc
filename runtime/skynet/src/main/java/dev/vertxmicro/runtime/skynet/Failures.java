// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.pooling.Refusals;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The failures of requests to skynet's nodes, each told from the others. */
final class Failures {

  /** What a node says of a name or handle that it does not have; the file and line before vary. */
  private static final List<String> UNKNOWN_ADDRESS =
      List.of("Invalid name", "name not found", "call to invalid address");

  private Failures() {}

  /** The node says that it could not do it. It never passes on what the service said. */
  static RpcException remote(String node, Buffer text) {
    String detail = new String(text.getBytes(), StandardCharsets.UTF_8);
    boolean unknown = UNKNOWN_ADDRESS.stream().anyMatch(detail::endsWith);
    GrpcStatus status = unknown ? GrpcStatus.NOT_FOUND : GrpcStatus.UNKNOWN;
    return RpcException.of(RpcError.of(node, status.microCode(), detail), status)
        .processed(Processed.YES)
        .build();
  }

  /** The request was not written whole, so that the node cannot have taken it for one. */
  static RpcException notWritten(String address, @Nullable Throwable cause) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE, "not sent to " + address + ": " + reason(cause))
        .cause(cause)
        .build();
  }

  /** The request was written, and the connection is gone without a reply. */
  static RpcException lost(String address, @Nullable Throwable cause) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE,
            "connection to " + address + " lost, outcome unknown: " + reason(cause))
        .processed(Processed.UNKNOWN)
        .cause(cause)
        .build();
  }

  /** What the node says is no reply to this request, which it has acted on. */
  static RpcException protocol(String address, String what) {
    return RpcException.client(
            GrpcStatus.INTERNAL, "protocol error in the reply of " + address + ": " + what)
        .processed(Processed.YES)
        .build();
  }

  /** What the node says is nothing of the protocol; no more is read from it. */
  static RpcException brokenOff(String address, String what) {
    return RpcException.client(
            GrpcStatus.INTERNAL, "protocol error on the connection to " + address + ": " + what)
        .processed(Processed.UNKNOWN)
        .build();
  }

  /** The reply exceeds the bound of the call. */
  static RpcException replyTooLarge(long length, int most) {
    return RpcException.client(
            GrpcStatus.RESOURCE_EXHAUSTED,
            "received message larger than max (" + length + " vs. " + most + ")")
        .processed(Processed.YES)
        .build();
  }

  /** The node has gone elsewhere, or out of the cluster, while the request was under way. */
  static RpcException moved(String node, String what, Processed processed) {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "node " + node + " " + what)
        .processed(processed)
        .build();
  }

  /** As many requests as may await replies of a node do so already. */
  static RpcException tooManyOpen(String address, int most) {
    return RpcException.client(
            GrpcStatus.RESOURCE_EXHAUSTED,
            "%d requests to %s await replies already (limit: maxOpenPerNode)"
                .formatted(most, address))
        .build();
  }

  /** What waits for a connection to a node has as many bytes as it may. */
  static RpcException queueTooLarge(String address, int most) {
    return RpcException.client(
            GrpcStatus.RESOURCE_EXHAUSTED,
            "%d bytes wait for a connection to %s (limit: maxQueuedBytes)".formatted(most, address))
        .build();
  }

  /** The endpoint is none of skynet's addresses. */
  static RpcException badEndpoint(IllegalArgumentException why) {
    return RpcException.client(GrpcStatus.INVALID_ARGUMENT, String.valueOf(why.getMessage()))
        .build();
  }

  /** Something that must not throw has thrown while the request was sent. */
  static RpcException broken(RuntimeException thrown, Processed processed) {
    return RpcException.client(GrpcStatus.INTERNAL, "sending failed: " + thrown)
        .processed(processed)
        .cause(thrown)
        .build();
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
