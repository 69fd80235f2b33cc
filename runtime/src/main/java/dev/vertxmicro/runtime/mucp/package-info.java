// SPDX-License-Identifier: Apache-2.0

/**
 * The transport for mucp, the protocol of go-micro's default client and server: HTTP/1.1 with
 * go-micro's headers, spoken over plain sockets, since its streams answer without being asked.
 * Start reading at {@link dev.vertxmicro.runtime.mucp.MucpTransport}, then {@code UnaryExchange}
 * and {@code ConnectionPool}.
 */
@NullMarked
package dev.vertxmicro.runtime.mucp;

import org.jspecify.annotations.NullMarked;
