// SPDX-License-Identifier: Apache-2.0

/**
 * The transport for gRPC services: own framing on Vert.x' HTTP/2 requests and an own pool of
 * connections for each node and event loop. Start reading at {@link
 * dev.vertxmicro.runtime.grpc.GrpcTransport}, then {@code UnaryExchange} and {@code
 * ConnectionPool}.
 */
@NullMarked
package dev.vertxmicro.runtime.grpc;

import org.jspecify.annotations.NullMarked;
