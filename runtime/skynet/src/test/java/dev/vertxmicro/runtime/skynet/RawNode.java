// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.registry.Node;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** A node that says what a test wants, byte by byte. */
final class RawNode implements AutoCloseable {

  /** A frame that came: its content, and the connection that it came on. */
  record Frame(Connection on, Buffer content) {

    int type() {
      return content.getUnsignedByte(0);
    }

    /** Returns the session of a small request to a name, which is most of what tests send. */
    int session() {
      return content.getIntLE(2 + content.getUnsignedByte(1));
    }

    /** Returns the arguments of a small request to a name. */
    LuaValues arguments() {
      return LuaSeri.unpack(content.getBuffer(6 + content.getUnsignedByte(1), content.length()));
    }
  }

  /** One caller. */
  static final class Connection {
    private final NetSocket socket;
    private final Promise<Void> closed = Promise.promise();

    Connection(NetSocket socket) {
      this.socket = socket;
      socket.closeHandler(v -> closed.complete());
    }

    /** Completes when the caller has closed it. */
    Future<Void> closed() {
      return closed.future();
    }

    void write(Buffer bytes) {
      socket.write(bytes.copy());
    }

    void ok(int session, Object... values) {
      write(ReplyFrames.ok(session, LuaSeri.pack(LuaValues.of(values))));
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
  }

  private final NetServer server;
  private final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
  private final List<Connection> connections = new CopyOnWriteArrayList<>();
  private volatile BiConsumer<Connection, Buffer> raw = (connection, bytes) -> {};
  private volatile BiConsumer<Connection, Frame> answer;

  private RawNode(NetServer server) {
    this.server = server;
  }

  static RawNode start(Vertx vertx) {
    return start(vertx, 0);
  }

  static RawNode start(Vertx vertx, int port) {
    NetServer server = vertx.createNetServer();
    RawNode node = new RawNode(server);
    server.connectHandler(node::connected);
    Waiting.await(server.listen(port, "127.0.0.1"));
    return node;
  }

  private void connected(NetSocket socket) {
    Connection connection = new Connection(socket);
    connections.add(connection);
    FrameReader reader =
        new FrameReader(
            (bytes, from, to) -> {
              Frame frame = new Frame(connection, bytes.getBuffer(from, to));
              BiConsumer<Connection, Frame> answering = answer;
              if (answering == null) {
                frames.add(frame);
              } else {
                answering.accept(connection, frame);
              }
              return true;
            });
    socket.exceptionHandler(reset -> {});
    socket.handler(
        bytes -> {
          raw.accept(connection, bytes);
          reader.add(bytes);
        });
  }

  /** Sees bytes as they come, before they are cut into frames. */
  void onBytes(BiConsumer<Connection, Buffer> handler) {
    raw = handler;
  }

  /** Answers frames as they come; without it they wait for {@link #next}. */
  void answer(BiConsumer<Connection, Frame> handler) {
    answer = handler;
  }

  /** Returns the next frame that came. */
  Frame next() {
    try {
      Frame frame = frames.poll(20, TimeUnit.SECONDS);
      if (frame == null) {
        throw new AssertionError("no frame came");
      }
      return frame;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  int waiting() {
    return frames.size();
  }

  List<Connection> connections() {
    return connections;
  }

  int port() {
    return server.actualPort();
  }

  String address() {
    return "127.0.0.1:" + port();
  }

  Node node() {
    return Node.builder("raw", address()).protocol("skynet").build();
  }

  @Override
  public void close() {
    Waiting.await(server.close());
  }
}
