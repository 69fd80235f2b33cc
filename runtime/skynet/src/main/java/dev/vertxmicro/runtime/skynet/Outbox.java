// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;

/**
 * Writes to a socket, and counts the bytes that the operating system has not taken. Vert.x' own
 * count is of another kind: beyond the bytes that fit, a socket takes fifteen writes more, however
 * large, before it says that it is full. Belongs to the event loop of the socket.
 */
final class Outbox {

  private final NetSocket socket;
  private final int mostBytes;
  private final Runnable drained;
  private long bytes;
  private boolean full;

  /**
   * Wraps a socket.
   *
   * @param mostBytes at how many bytes it is full
   * @param drained called each time that one that was full has half of that or less
   */
  Outbox(NetSocket socket, int mostBytes, Runnable drained) {
    this.socket = socket;
    this.mostBytes = mostBytes;
    this.drained = drained;
    socket.setWriteQueueMaxSize(mostBytes);
  }

  /** Tells whether to write nothing more until it has drained. */
  boolean isFull() {
    return full;
  }

  /**
   * Writes.
   *
   * @param written told when the operating system has the bytes, or that it never gets them
   */
  void write(Buffer frames, Handler<AsyncResult<Void>> written) {
    int length = frames.length();
    bytes += length;
    full |= bytes >= mostBytes;
    socket
        .write(frames)
        .onComplete(
            result -> {
              written.handle(result);
              left(length);
            });
  }

  private void left(int length) {
    bytes -= length;
    if (full && bytes <= mostBytes / 2) {
      full = false;
      drained.run();
    }
  }
}
