// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.grpc.SeenFrame.Header;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The server's view of one stream, as scripts see it; stream 0 stands for the connection. Its DATA
 * respects the client's flow-control windows, everything else goes out at once. Event loop only.
 */
final class ScriptedStream {
  private record Outgoing(Buffer payload, int flags) {}

  private final ScriptedConnection connection;
  private final int id;
  private final Deque<Outgoing> outbox = new ArrayDeque<>();
  private long window;
  private boolean requestEnded;
  private boolean resetByClient;

  ScriptedStream(ScriptedConnection connection, int id, long window) {
    this.connection = connection;
    this.id = id;
    this.window = window;
  }

  ScriptedConnection connection() {
    return connection;
  }

  int id() {
    return id;
  }

  boolean requestEnded() {
    return requestEnded;
  }

  boolean resetByClient() {
    return resetByClient;
  }

  void sendHeaders(int flags, List<Header> fields) {
    connection.sendHeaders(id, flags, fields);
  }

  void sendFrame(FrameType type, int flags, Buffer payload) {
    connection.send(FrameWriter.frame(type, flags, id, payload));
  }

  /** Sends DATA in frames of the greatest size that the peer and its windows allow. */
  void sendData(Buffer payload, int flags) {
    int at = 0;
    do {
      int end = Math.min(payload.length(), at + FrameWriter.MAX_PAYLOAD);
      outbox.add(new Outgoing(payload.getBuffer(at, end), end == payload.length() ? flags : 0));
      at = end;
    } while (at < payload.length());
    flush();
  }

  boolean flushed() {
    return outbox.isEmpty();
  }

  void grant(long increment) {
    window += increment;
    flush();
  }

  void flush() {
    while (!outbox.isEmpty()) {
      Outgoing next = outbox.removeFirst();
      int length = next.payload().length();
      int free = (int) Math.max(0, Math.min(length, Math.min(window, connection.window())));
      if (free < length) {
        outbox.addFirst(new Outgoing(next.payload().getBuffer(free, length), next.flags()));
      }
      if (free == 0 && length > 0) {
        return;
      }
      window -= free;
      connection.spend(free);
      int flags = free < length ? 0 : next.flags();
      sendFrame(FrameType.DATA, flags, next.payload().getBuffer(0, free));
    }
  }

  void onFrame(SeenFrame frame) {
    requestEnded |= frame.endsStream();
    if (frame.is(FrameType.RST_STREAM)) {
      resetByClient = true;
      outbox.clear();
    } else if (frame.is(FrameType.WINDOW_UPDATE)) {
      grant(frame.windowIncrement());
    }
  }
}
