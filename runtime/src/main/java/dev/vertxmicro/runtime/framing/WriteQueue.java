// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.framing;

import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a stream that have not left, counted in bytes: those that wait for the stream,
 * and those that the stream holds back. Used by one thread.
 */
public final class WriteQueue {

  private static final int DEFAULT_BYTES = 64 * 1024;

  private final Queue<Write> waiting = new ArrayDeque<>(2);
  private int mostBytes = DEFAULT_BYTES;
  private long bytes;
  private boolean wasFull;
  private boolean failed;
  private @Nullable Runnable drained;
  private @Nullable Function<Buffer, Future<Void>> out;
  private Function<Throwable, RpcException> typed = RpcException::from;

  /** Makes a queue that counts as full at 64 KiB. */
  public WriteQueue() {}

  /** Returns at how many bytes the queue counts as full. */
  public int mostBytes() {
    return mostBytes;
  }

  /** Sets at how many bytes the queue counts as full, above zero. */
  public void setMostBytes(int most) {
    mostBytes = most;
    wasFull |= isFull();
  }

  /** Sets what is called each time that a full queue has emptied to a half. */
  public void drainHandler(@Nullable Runnable handler) {
    drained = handler;
  }

  /** Tells whether to wait for the drain handler. */
  public boolean isFull() {
    return bytes >= mostBytes;
  }

  /** Tells whether everything has left. */
  public boolean isEmpty() {
    return bytes == 0;
  }

  /** Writes a message to the stream, or keeps it until it flows. */
  public Future<Void> write(Buffer message) {
    Function<Buffer, Future<Void>> to = out;
    Write write = new Write(message);
    bytes += write.weight;
    wasFull |= isFull();
    if (to == null) {
      waiting.add(write);
    } else {
      write.go(to);
    }
    return write.told.future();
  }

  /**
   * Writes what has waited, and from now on everything at once.
   *
   * @param out writes a message to the stream; its future completes when it has left
   * @param typed names the failures of writes
   */
  public void flow(Function<Buffer, Future<Void>> out, Function<Throwable, RpcException> typed) {
    this.out = out;
    this.typed = typed;
    while (!waiting.isEmpty()) {
      waiting.remove().go(out);
    }
  }

  /** Hands what has waited to {@code other}, which has a queue of its own. */
  public void moveTo(Function<Buffer, Future<Void>> other) {
    while (!waiting.isEmpty()) {
      Write write = waiting.remove();
      bytes -= write.weight;
      if (write.message != null) {
        other.apply(write.message).onComplete(write.told);
      }
    }
  }

  /** Fails what waits, and what the stream still holds back when that comes back. */
  public void fail(RpcException why) {
    failed = true;
    typed = failure -> why;
    while (!waiting.isEmpty()) {
      waiting.remove().complete(null, why);
    }
  }

  /** Tells the one who waits for room. */
  public void drained() {
    if (drained != null && !failed) {
      drained.run();
    }
  }

  private void left(int weight) {
    bytes -= weight;
    if (wasFull && bytes <= mostBytes / 2) {
      wasFull = false;
      drained();
    }
  }

  /** One message on its way; told of its end by the stream. */
  private final class Write implements Completable<Void> {
    private final int weight;
    private final Promise<Void> told = Promise.promise();
    private @Nullable Buffer message;

    Write(Buffer message) {
      this.message = message;
      this.weight = MessageFrame.PREFIX + message.length();
    }

    void go(Function<Buffer, Future<Void>> out) {
      Buffer body = message;
      message = null;
      if (body != null) {
        out.apply(body).onComplete(this);
      }
    }

    @Override
    public void complete(@Nullable Void nothing, @Nullable Throwable failure) {
      left(weight);
      if (failure == null) {
        told.tryComplete();
      } else {
        told.tryFail(typed.apply(failure));
      }
    }
  }
}
