// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.rabbitmq;

import dev.vertxmicro.codec.Ranges;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Where a server is.
 *
 * @param host its name or address
 * @param port its port
 * @param tls whether it speaks TLS
 */
record RabbitAddress(String host, int port, boolean tls) {

  private static final int PLAIN_PORT = 5672;
  private static final int TLS_PORT = 5671;

  /**
   * Reads {@code amqp://host:port}, {@code amqps://host:port} or {@code host:port}.
   *
   * @throws IllegalArgumentException if it is none of these; without the text if that may hold a
   *     password
   */
  static RabbitAddress parse(String server) {
    Ranges.notBlank("servers", server);
    if (server.indexOf('@') >= 0) {
      throw new IllegalArgumentException(
          "servers: one with credentials (expected: none; they have options of their own)");
    }
    try {
      URI uri = new URI(server.contains("://") ? server : "amqp://" + server);
      boolean tls = "amqps".equals(uri.getScheme());
      boolean plain =
          uri.getRawPath().isEmpty() && uri.getRawQuery() == null && uri.getRawFragment() == null;
      if (uri.getHost() != null && plain && (tls || "amqp".equals(uri.getScheme()))) {
        int otherwise = tls ? TLS_PORT : PLAIN_PORT;
        String host = uri.getHost();
        // amqp-client wants addresses of IPv6 as they are.
        host = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new RabbitAddress(host, uri.getPort() < 0 ? otherwise : uri.getPort(), tls);
      }
    } catch (URISyntaxException malformed) {
      throw unfit(server, malformed);
    }
    throw unfit(server, null);
  }

  private static IllegalArgumentException unfit(String server, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "servers: '" + server + "' (expected: amqp://host:port or amqps://host:port)", cause);
  }

  @Override
  public String toString() {
    return (tls ? "amqps://" : "amqp://") + host + ":" + port;
  }
}
