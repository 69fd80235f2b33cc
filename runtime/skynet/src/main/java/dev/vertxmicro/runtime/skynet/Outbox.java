// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;

/** Writes to a socket, whatever context that has, and counts what is {@link Unwritten}. */
final class Outbox {

  private final NetSocket socket;
  private final Unwritten unwritten;

  /**
   * Wraps a socket.
   *
   * @param mostBytes at how many bytes it is full
   * @param drained called each time that one that was full has half of that or less
   */
  Outbox(NetSocket socket, int mostBytes, Runnable drained) {
    this.socket = socket;
    this.unwritten = new Unwritten(mostBytes, drained);
    socket.setWriteQueueMaxSize(mostBytes);
  }

  /** Tells whether to write nothing more until it has drained. */
  boolean isFull() {
    return unwritten.isFull();
  }

  /**
   * Writes.
   *
   * @param written told when the operating system has the bytes, or that it never gets them
   */
  void write(Buffer frames, Handler<AsyncResult<Void>> written) {
    int length = frames.length();
    unwritten.add(length);
    socket
        .write(frames)
        .onComplete(
            result -> {
              written.handle(result);
              unwritten.left(length);
            });
  }
}
