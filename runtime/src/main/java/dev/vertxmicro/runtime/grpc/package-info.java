// SPDX-License-Identifier: Apache-2.0

/**
 * The transport for gRPC services: own framing and an own pool of connections for each node and
 * event loop. Start reading at {@link dev.vertxmicro.runtime.grpc.GrpcTransport}, then {@code
 * UnaryExchange} and {@code ConnectionPool}.
 *
 * <p>What writes and reads HTTP/2 is a {@link dev.vertxmicro.runtime.grpc.GrpcEngine}: each has its
 * own {@code Dialer}, {@code Connection} and {@code WireStream}, and nothing else. Requests of
 * Vert.x' HTTP client are one ({@code VertxStream}), own connections with Netty's codec the other
 * ({@code NettyStream}).
 */
@NullMarked
package dev.vertxmicro.runtime.grpc;

import org.jspecify.annotations.NullMarked;
