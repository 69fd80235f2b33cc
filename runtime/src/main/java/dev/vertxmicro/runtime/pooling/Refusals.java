// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;

/**
 * The failures that transports make before anything has left, or because the caller wants no more:
 * each in the shape that go-micro's client has.
 */
public final class Refusals {

  private Refusals() {}

  /** The request is wrong: code 500 as go-micro says for all of these. */
  public static RpcException unsendable(String detail) {
    return RpcException.client(GrpcStatus.INTERNAL, detail).build();
  }

  /** Metadata has something that the wire does not carry. */
  public static RpcException badMetadata(String detail) {
    return RpcException.client(GrpcStatus.INVALID_ARGUMENT, detail).build();
  }

  /** The body exceeds the bound of the call. */
  public static RpcException requestTooLarge(int length, int most) {
    return RpcException.client(
            GrpcStatus.RESOURCE_EXHAUSTED,
            "trying to send message larger than max (" + length + " vs. " + most + ")")
        .build();
  }

  /** The headers exceed the bound of the transport, on whatever node. */
  public static RpcException headTooLarge(int length, int most) {
    return RpcException.client(
            GrpcStatus.INVALID_ARGUMENT,
            "trying to send headers larger than max (" + length + " vs. " + most + ")")
        .build();
  }

  /** The deadline came first. */
  public static RpcException tooLate() {
    return RpcException.client(
            GrpcStatus.DEADLINE_EXCEEDED, "the deadline passed before the request was sent")
        .build();
  }

  /** As many as may wait for a connection to a node wait already. */
  public static RpcException queueFull(String address, int most) {
    return RpcException.client(
            GrpcStatus.RESOURCE_EXHAUSTED,
            "%d requests wait for a connection to %s already (limit: maxQueuedPerNode)"
                .formatted(most, address))
        .build();
  }

  /** A node has as many streams as it may have. */
  public static RpcException tooManyStreams(String address, int most) {
    return RpcException.client(
            GrpcStatus.RESOURCE_EXHAUSTED,
            "%d streams to %s are open already (limit: maxStreamsPerNode)".formatted(most, address))
        .build();
  }

  /** The transport takes nothing any more. */
  public static RpcException closed() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "the transport is closed").build();
  }

  /** The caller has given up. */
  public static RpcException cancelled(Processed processed) {
    return RpcException.cancelled("cancelled by the caller").processed(processed).build();
  }

  /** There is no connection to the node. */
  public static RpcException notConnected(String address, Throwable cause) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE, "connection error: " + address + ": " + reason(cause))
        .cause(cause)
        .build();
  }

  /** Returns in a few words what happened, with what was behind it. */
  public static String reason(Throwable cause) {
    String text = cause.getMessage();
    String reason = text == null ? cause.getClass().getSimpleName() : text;
    Throwable deeper = cause.getCause();
    return deeper == null || deeper.getMessage() == null || reason.contains(deeper.getMessage())
        ? reason
        : reason + " (" + deeper.getMessage() + ")";
  }
}
