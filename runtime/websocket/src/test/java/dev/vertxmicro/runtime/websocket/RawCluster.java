// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.pooling.EventLoops;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** A cluster that says what a test wants, over real WebSockets. */
final class RawCluster implements AutoCloseable {

  /** A request that came, and the connection that it came on. */
  record Asked(Connection on, JsonObject request, String text) {

    String id() {
      return request.getString("op_id");
    }

    String action() {
      return request.getString("action");
    }

    /** Answers with what {@code members} holds, behind the id. */
    void reply(JsonObject members) {
      on.say(new JsonObject().put("op_id", id()).mergeIn(members).encode());
    }
  }

  /** One caller. */
  static final class Connection {
    private final ServerWebSocket socket;

    private Connection(ServerWebSocket socket) {
      this.socket = socket;
    }

    void say(String text) {
      socket.writeFinalTextFrame(text);
    }

    /** Says it in several frames. */
    void sayInParts(String... parts) {
      for (int i = 0; i < parts.length; i++) {
        boolean last = i == parts.length - 1;
        socket.writeFrame(
            i == 0
                ? WebSocketFrame.textFrame(parts[i], last)
                : WebSocketFrame.continuationFrame(Buffer.buffer(parts[i]), last));
      }
    }

    void sayBinary(Buffer bytes) {
      socket.writeFinalBinaryFrame(bytes);
    }

    void writeFrame(WebSocketFrame frame) {
      socket.writeFrame(frame);
    }

    void stopReading() {
      socket.pause();
    }

    void readOn() {
      socket.resume();
    }

    void close() {
      socket.close();
    }

    /** Returns what the caller has closed it with, or null. */
    Short closeStatus() {
      return socket.closeStatusCode();
    }

    /** Closes the socket without a word. */
    void cut() {
      EventLoops.reset(socket);
    }
  }

  private final HttpServer server;
  private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
  private final List<Connection> connections = new CopyOnWriteArrayList<>();
  private final List<String> paths = new CopyOnWriteArrayList<>();
  private volatile BiConsumer<Connection, Asked> answer;

  private RawCluster(HttpServer server) {
    this.server = server;
  }

  static RawCluster start(Vertx vertx) {
    return start(vertx, new HttpServerOptions(), 0);
  }

  static RawCluster start(Vertx vertx, HttpServerOptions options, int port) {
    int most = 64 << 20;
    HttpServer server =
        vertx.createHttpServer(
            options.setMaxWebSocketFrameSize(most).setMaxWebSocketMessageSize(most));
    RawCluster cluster = new RawCluster(server);
    server.webSocketHandler(cluster::connected);
    Waits.await(server.listen(port, "127.0.0.1"));
    return cluster;
  }

  private void connected(ServerWebSocket socket) {
    Connection connection = new Connection(socket);
    connections.add(connection);
    paths.add(socket.path());
    socket.exceptionHandler(reset -> {});
    socket.textMessageHandler(
        text -> {
          Asked request = new Asked(connection, new JsonObject(text), text);
          BiConsumer<Connection, Asked> answering = answer;
          if (answering == null) {
            asked.add(request);
          } else {
            answering.accept(connection, request);
          }
        });
  }

  /** Answers requests as they come; without it they wait for {@link #next}. */
  void answer(BiConsumer<Connection, Asked> handler) {
    answer = handler;
  }

  /** Returns the next request that came. */
  Asked next() {
    try {
      Asked next = asked.poll(20, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no request came");
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  List<Connection> connections() {
    return connections;
  }

  List<String> paths() {
    return paths;
  }

  int port() {
    return server.actualPort();
  }

  Node node() {
    return at("raw", "ws://127.0.0.1:" + port() + "/");
  }

  static Node at(String id, String address) {
    return Node.builder(id, address).protocol("websocket").build();
  }

  @Override
  public void close() {
    Waits.await(server.close());
  }
}
