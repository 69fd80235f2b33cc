// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Does one asynchronous thing after the other. At most {@value #MOST} wait. */
final class Turns {

  static final int MOST = 10_000;

  /** One thing to do. */
  private static final class Turn<T> {
    final Supplier<Future<T>> work;
    final Promise<T> done = Promise.promise();

    Turn(Supplier<Future<T>> work) {
      this.work = work;
    }

    Future<T> begin() {
      Future<T> result;
      try {
        result = work.get();
      } catch (RuntimeException thrown) {
        result = Future.failedFuture(thrown);
      }
      return result.onComplete(done);
    }

    void refuse(RpcException why) {
      done.fail(why);
    }
  }

  private final Deque<Turn<?>> waiting = new ArrayDeque<>();
  private boolean running;
  private boolean looping;
  private @Nullable RpcException closed;

  /** Does {@code work} when all that came before is done. */
  <T> Future<T> take(Supplier<Future<T>> work) {
    Turn<T> turn = new Turn<>(work);
    if (closed != null) {
      turn.refuse(closed);
    } else if (waiting.size() >= MOST) {
      turn.refuse(
          RpcException.client(GrpcStatus.RESOURCE_EXHAUSTED, MOST + " requests wait already")
              .processed(Processed.REFUSED)
              .build());
    } else {
      waiting.add(turn);
      next();
    }
    return turn.done.future();
  }

  /** A loop, as a turn may be done when {@code begin} returns. */
  private void next() {
    if (looping) {
      return;
    }
    looping = true;
    while (!running) {
      Turn<?> turn = waiting.poll();
      if (turn == null) {
        break;
      }
      running = true;
      turn.begin()
          .onComplete(
              done -> {
                running = false;
                next();
              });
    }
    looping = false;
  }

  /** Refuses what waits and what comes; what runs goes on. */
  void close(RpcException why) {
    closed = why;
    for (Turn<?> turn = waiting.poll(); turn != null; turn = waiting.poll()) {
      turn.refuse(why);
    }
  }
}
