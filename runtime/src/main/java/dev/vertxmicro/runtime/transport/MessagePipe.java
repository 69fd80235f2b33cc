// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a stream in memory: messages wait until they are asked for. Touched on one
 * context only; what it calls may write, ask or close again.
 */
final class MessagePipe {

  /** What a message weighs beside its bytes, so that empty ones are bounded as well. */
  private static final int OVERHEAD = 5;

  private static final int DEFAULT_BYTES = 64 * 1024;

  private final Queue<Waiting> queue = new ArrayDeque<>();
  private int mostBytes = DEFAULT_BYTES;
  private long bytes;
  private long demand;
  private boolean ending;
  private boolean over;
  private boolean moving;
  private boolean wasFull;
  private @Nullable Handler<Buffer> handler;
  private @Nullable Runnable ended;
  private @Nullable Runnable drained;

  private record Waiting(Buffer message, Promise<Void> taken) {}

  void handler(@Nullable Handler<Buffer> handler) {
    this.handler = handler;
  }

  /** Sets what is called, once, when everything was taken after {@link #end}. */
  void endHandler(@Nullable Runnable ended) {
    this.ended = ended;
  }

  void drainHandler(@Nullable Runnable drained) {
    this.drained = drained;
  }

  void setMostBytes(int bytes) {
    mostBytes = bytes;
  }

  boolean isFull() {
    return bytes >= mostBytes;
  }

  /** Adds a message; completes when it was taken. */
  Future<Void> write(Buffer message) {
    Promise<Void> taken = Promise.promise();
    queue.add(new Waiting(message, taken));
    bytes += message.length() + OVERHEAD;
    wasFull |= isFull();
    move();
    return taken.future();
  }

  /** Nothing follows. */
  void end() {
    ending = true;
    move();
  }

  boolean isEnding() {
    return ending;
  }

  void fetch(long amount) {
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    move();
  }

  void pause() {
    demand = 0;
  }

  /** Drops what waits, and tells its writers why. */
  void close(Throwable why) {
    over = true;
    while (!queue.isEmpty()) {
      queue.remove().taken.fail(why);
    }
    bytes = 0;
  }

  /** A loop instead of recursion, whatever the handlers do. */
  private void move() {
    if (moving) {
      return;
    }
    moving = true;
    try {
      while (demand > 0 && !queue.isEmpty() && handler != null) {
        hand(handler, queue.remove());
      }
      if (ending && queue.isEmpty() && !over) {
        over = true;
        if (ended != null) {
          ended.run();
        }
      }
    } finally {
      moving = false;
    }
  }

  private void hand(Handler<Buffer> taker, Waiting next) {
    bytes -= next.message.length() + OVERHEAD;
    if (demand != Long.MAX_VALUE) {
      demand--;
    }
    taker.handle(next.message);
    next.taken.tryComplete();
    if (wasFull && bytes <= mostBytes / 2) {
      wasFull = false;
      if (drained != null) {
        drained.run();
      }
    }
  }
}
