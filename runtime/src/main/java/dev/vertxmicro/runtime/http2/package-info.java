// SPDX-License-Identifier: Apache-2.0

/**
 * HTTP/2 client connections on sockets of Vert.x, with Netty's codec and own handling of what its
 * frames mean; not exported. Knows nothing of gRPC. Start reading at {@link
 * dev.vertxmicro.runtime.http2.Http2Connector}, then {@link
 * dev.vertxmicro.runtime.http2.ClientConnection}.
 *
 * <p>Vert.x opens the socket: event loop, names, proxy, TLS and ALPN are its own. From the first
 * byte of HTTP/2 on the socket is read and written here, before Vert.x' handler in the pipeline,
 * which goes on to see that it opens and closes.
 */
@NullMarked
package dev.vertxmicro.runtime.http2;

import org.jspecify.annotations.NullMarked;
