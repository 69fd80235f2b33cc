// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

/** What {@link GrpcTransport} writes and reads HTTP/2 with. Both behave the same. */
public enum GrpcEngine {
  /**
   * The HTTP client of Vert.x: public API only, more work for each call. Vert.x 5.0.7 loses a few
   * bytes of direct memory with each GOAWAY that has a text.
   */
  HTTP_CLIENT,

  /** Own connections with Netty's HTTP/2 codec, on sockets that Vert.x opens. The default. */
  NETTY
}
