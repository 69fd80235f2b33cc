// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.pooling.Refusals;
import org.jspecify.annotations.Nullable;

/** The failures of requests over WebSockets, each told from the others. */
final class Failures {

  private Failures() {}

  /** The peer says that it could not do it; nothing but a text tells why. */
  static RpcException remote(String node, String error) {
    return RpcException.of(
            RpcError.of(node, GrpcStatus.UNKNOWN.microCode(), error), GrpcStatus.UNKNOWN)
        .processed(Processed.YES)
        .build();
  }

  /** The connection is gone without a reply. */
  static Loss lost(String address, @Nullable Throwable cause) {
    return lost(
        address, cause == null ? "the connection was closed" : Refusals.reason(cause), cause);
  }

  /** The connection is gone without a reply, and nobody knows more than {@code why}. */
  static Loss lost(String address, String why) {
    return lost(address, why, null);
  }

  private static Loss lost(String address, String why, @Nullable Throwable cause) {
    return written ->
        RpcException.client(
                GrpcStatus.UNAVAILABLE,
                written
                    ? "connection to " + address + " lost, outcome unknown: " + why
                    : "not sent to " + address + ": " + why)
            .processed(written ? Processed.UNKNOWN : Processed.NOT_SENT)
            .cause(cause)
            .build();
  }

  /** The transport closes and waits no longer. */
  static RpcException aborted(boolean sent) {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "the transport was closed")
        .processed(sent ? Processed.UNKNOWN : Processed.NOT_SENT)
        .build();
  }

  /** The reply exceeds the bound of the call. */
  static RpcException replyTooLarge(int length, int most) {
    return RpcException.client(
            GrpcStatus.RESOURCE_EXHAUSTED,
            "received message larger than max (" + length + " vs. " + most + ")")
        .processed(Processed.YES)
        .build();
  }

  /** Nobody takes the events of a stream as fast as they come. */
  static RpcException overflow(int events, int mostEvents, int mostBytes) {
    return RpcException.client(
            GrpcStatus.RESOURCE_EXHAUSTED,
            "%d events wait to be read (limits: maxBufferedEvents %d, maxBufferedBytes %d)"
                .formatted(events, mostEvents, mostBytes))
        .processed(Processed.YES)
        .build();
  }

  /** The reply to start_stream does not say which stream it is. */
  static RpcException noStreamId(String address) {
    return RpcException.client(
            GrpcStatus.INTERNAL, "the reply of " + address + " to start_stream names no stream")
        .processed(Processed.YES)
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

  /** Connecting has failed again and again, and is not tried at this moment. */
  static RpcException backingOff(String address, long millis, RpcException last) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE,
            "not connected to %s, next attempt in %d ms (last: %s)"
                .formatted(address, millis, last.detail()))
        .build();
  }

  /** The node belongs to another event loop by now. */
  static RpcException elsewhere(String address) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE, "the connection to " + address + " is on another event loop")
        .build();
  }

  /** The endpoint or the parameters cannot be said in this protocol. */
  static RpcException unfit(IllegalArgumentException why) {
    return RpcException.client(GrpcStatus.INVALID_ARGUMENT, String.valueOf(why.getMessage()))
        .build();
  }

  /** A stream has the one request that starts it. */
  static RpcException secondRequest() {
    return RpcException.client(
            GrpcStatus.INVALID_ARGUMENT,
            "a second request on a stream (expected: one, that names the instance)")
        .build();
  }
}
