// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.framing.MessageFrame;
import dev.vertxmicro.runtime.transport.StreamExchange;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a stream that have not left, counted in bytes: those that wait for the stream,
 * and those that the stream holds back. Belongs to one event loop.
 */
final class WriteQueue {

  private static final int DEFAULT_BYTES = 64 * 1024;

  private final Queue<Write> waiting = new ArrayDeque<>(2);
  private int mostBytes = DEFAULT_BYTES;
  private long bytes;
  private boolean wasFull;
  private boolean failed;
  private @Nullable Runnable drained;
  private Function<Throwable, RpcException> typed = RpcException::from;

  int mostBytes() {
    return mostBytes;
  }

  void setMostBytes(int most) {
    mostBytes = most;
    wasFull |= isFull();
  }

  void drainHandler(@Nullable Runnable handler) {
    drained = handler;
  }

  boolean isFull() {
    return bytes >= mostBytes;
  }

  boolean isEmpty() {
    return bytes == 0;
  }

  /** Writes a message to {@code stream}, or keeps it if there is none yet. */
  Future<Void> write(Buffer message, @Nullable WriteStream<Buffer> stream) {
    Write write = new Write(message);
    bytes += write.weight;
    wasFull |= isFull();
    if (stream == null) {
      waiting.add(write);
    } else {
      write.go(stream);
    }
    return write.told.future();
  }

  /** Writes what has waited; {@code typed} names the failures of writes. */
  void flow(WriteStream<Buffer> stream, Function<Throwable, RpcException> typed) {
    this.typed = typed;
    while (!waiting.isEmpty()) {
      waiting.remove().go(stream);
    }
  }

  /** Hands what has waited to a stream that has a queue of its own. */
  void moveTo(StreamExchange other) {
    while (!waiting.isEmpty()) {
      Write write = waiting.remove();
      bytes -= write.weight;
      if (write.message != null) {
        other.write(write.message).onComplete(write.told);
      }
    }
  }

  /** Fails what waits, and what the stream still holds back when that comes back. */
  void fail(RpcException why) {
    failed = true;
    typed = failure -> why;
    while (!waiting.isEmpty()) {
      waiting.remove().complete(null, why);
    }
  }

  /** Tells the one who waits for room. */
  void drained() {
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

    void go(WriteStream<Buffer> stream) {
      Buffer body = message;
      message = null;
      if (body != null) {
        stream.write(MessageFrame.of(body)).onComplete(this);
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
