// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * Where to listen.
 *
 * @param host name or IP address, v6 without brackets
 * @param port 0 to 65,535; 0 for any free one
 */
record ListenAddress(String host, int port) {

  /**
   * Reads {@code :port}, {@code host:port} or {@code [v6]:port}.
   *
   * @param name of the flag, for messages
   * @param defaultHost where the text has no host
   * @return null for an empty text
   * @throws IllegalArgumentException if it is none of these
   */
  static @Nullable ListenAddress parse(String name, String text, String defaultHost) {
    if (text.isEmpty()) {
      return null;
    }
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    String port = text.substring(colon + 1);
    if (colon < 0 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new IllegalArgumentException(
          name + ": " + text + " (expected: :port or host:port, port 0 to 65535)");
    }
    String bare =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    return new ListenAddress(bare.isEmpty() ? defaultHost : bare, Integer.parseInt(port));
  }

  /**
   * Returns the same outcome, with this address in a failure to listen, which does not name it; a
   * registry's failure is left as it is.
   */
  <T> Future<T> named(Future<T> listening) {
    return listening.recover(
        failure ->
            Future.failedFuture(
                failure instanceof RpcException
                    ? failure
                    : new IllegalStateException(
                        "cannot listen on " + this + ": " + failure.getMessage(), failure)));
  }

  boolean isWildcard() {
    return host.equals("0.0.0.0") || host.equals("::");
  }

  ListenAddress withPort(int bound) {
    return new ListenAddress(host, bound);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
