// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static dev.vertxmicro.runtime.rest.Waiting.await;

import dev.vertxmicro.registry.Node;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A server on plain sockets that answers each request with whatever bytes a test wants. */
final class RawServer implements AutoCloseable {

  private static final String LENGTH = "content-length: ";

  private final NetServer server;
  private final BiConsumer<NetSocket, String> answer;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();

  /**
   * Starts one.
   *
   * @param answer gets the connection and the head of each request, once its body has come
   */
  RawServer(Vertx vertx, BiConsumer<NetSocket, String> answer) {
    this.answer = answer;
    this.server = vertx.createNetServer().connectHandler(this::connected);
    await(server.listen(0, "127.0.0.1"));
  }

  static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  static String chunk(String piece) {
    return Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n";
  }

  Node node() {
    return Node.builder("raw", "127.0.0.1:" + server.actualPort()).protocol("rest").build();
  }

  /** Returns how many connections there have been. */
  int connections() {
    return connections.get();
  }

  /** Returns how many of them were closed. */
  int closed() {
    return closed.get();
  }

  private void connected(NetSocket socket) {
    connections.incrementAndGet();
    socket.closeHandler(v -> closed.incrementAndGet());
    // Callers cut connections, which is no matter for a log.
    socket.exceptionHandler(reset -> socket.close());
    socket.handler(new Requests(socket)::read);
  }

  @Override
  public void close() {
    await(server.close());
  }

  /** The requests of one connection. */
  private final class Requests {
    private final NetSocket socket;
    private final StringBuilder come = new StringBuilder();

    Requests(NetSocket socket) {
      this.socket = socket;
    }

    void read(Buffer bytes) {
      come.append(bytes.toString("ISO-8859-1"));
      for (String head = next(); head != null; head = next()) {
        answer.accept(socket, head);
      }
    }

    private @Nullable String next() {
      int end = come.indexOf("\r\n\r\n");
      if (end < 0) {
        return null;
      }
      String head = come.substring(0, end + 2);
      int at = head.toLowerCase(java.util.Locale.ROOT).indexOf(LENGTH);
      int length =
          at < 0
              ? 0
              : Integer.parseInt(head.substring(at + LENGTH.length(), head.indexOf('\r', at)));
      if (come.length() < end + 4 + length) {
        return null;
      }
      come.delete(0, end + 4 + length);
      return head;
    }
  }
}
