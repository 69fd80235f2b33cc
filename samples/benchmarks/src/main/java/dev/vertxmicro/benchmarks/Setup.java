// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.json.JsonObject;

/**
 * What a client is set up for.
 *
 * @param port of the server in clear text
 * @param tlsPort of the server with TLS
 * @param tls whether the client uses it
 * @param connections how many connections the calls are spread over
 * @param streams the most calls at a time on one of them
 * @param payloadBytes the size of a request, and of a reply
 */
record Setup(int port, int tlsPort, boolean tls, int connections, int streams, int payloadBytes) {

  private static final int MOST_STREAMS = 1_000;

  /** One connection in clear text, and the usual payload. */
  static Setup plain(int port) {
    return new Setup(port, port, false, 1, MOST_STREAMS, Load.PAYLOAD_BYTES);
  }

  /** Returns it as a part of a command. */
  JsonObject toJson() {
    return new JsonObject()
        .put("port", port)
        .put("tlsPort", tlsPort)
        .put("tls", tls)
        .put("connections", connections)
        .put("streams", streams)
        .put("payloadBytes", payloadBytes);
  }

  /** Reads what {@link #toJson} has written. */
  static Setup of(JsonObject json) {
    return new Setup(
        json.getInteger("port"),
        json.getInteger("tlsPort"),
        json.getBoolean("tls"),
        json.getInteger("connections"),
        json.getInteger("streams"),
        json.getInteger("payloadBytes"));
  }

  int serverPort() {
    return tls ? tlsPort : port;
  }
}
