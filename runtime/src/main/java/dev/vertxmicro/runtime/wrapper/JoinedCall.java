// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.wrapper;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.Reply;
import dev.vertxmicro.runtime.RpcCall;
import dev.vertxmicro.runtime.inbound.InboundCall;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A call that waits for the reply to an equal one, no longer than it may take itself. If that one
 * is cancelled, out of time or cannot be shared, it is made after all. Belongs to the context that
 * started it.
 */
final class JoinedCall<R> implements RpcCall<R> {

  private final TimeSource time;
  private final long endNanos;
  private final Function<CachedReply, Reply<R>> reader;
  private final Function<Duration, RpcCall<R>> own;
  private final @Nullable Context caller;
  private final Promise<Reply<R>> promise;

  // Touched on the caller's context only.
  private @Nullable Timer timer;
  private @Nullable RpcCall<R> made;

  JoinedCall(
      TimeSource time,
      Duration timeout,
      Function<CachedReply, Reply<R>> reader,
      Function<Duration, RpcCall<R>> own) {
    this.time = time;
    this.reader = reader;
    this.own = own;
    this.caller = Vertx.currentContext();
    this.promise = caller == null ? Promise.promise() : EventLoops.promise(caller);
    this.endNanos = time.nanoTime() + allowed(caller, Nanos.of(timeout));
  }

  /** The time a call may take, as far as it can be told: its own, or less if less was inherited. */
  private static long allowed(@Nullable Context caller, long timeout) {
    InboundCall inbound = caller == null ? null : InboundCall.of(caller);
    return inbound == null ? timeout : Math.min(timeout, inbound.deadline().remainingNanos());
  }

  void follow(Future<CachedReply> other) {
    timer = time.timer(endNanos - time.nanoTime(), this::late);
    other.onComplete(done -> here(() -> landed(done)));
  }

  private void here(Runnable task) {
    if (caller == null) {
      task.run();
    } else {
      EventLoops.execute(caller, task);
    }
  }

  private void late() {
    promise.tryFail(
        RpcException.client(
                GrpcStatus.DEADLINE_EXCEEDED, "deadline exceeded: waits for an equal call")
            .build());
  }

  private void landed(AsyncResult<CachedReply> done) {
    if (timer != null) {
      timer.cancel();
    }
    if (promise.future().isComplete()) {
      return;
    }
    try {
      if (done.succeeded()) {
        promise.complete(reader.apply(done.result()));
      } else if (isItsOwn(done.cause())) {
        make();
      } else {
        promise.fail(done.cause());
      }
    } catch (CodecException unreadable) {
      make();
    } catch (RuntimeException failure) {
      promise.tryFail(failure);
    }
  }

  /** Tells whether the other call failed for reasons that are not ours: cancelled, or its time. */
  private static boolean isItsOwn(Throwable failure) {
    int code = RpcException.from(failure).code();
    return code == 499 || code == 408 || !(failure instanceof RpcException);
  }

  private void make() {
    long left = endNanos - time.nanoTime();
    if (left <= 0) {
      late();
      return;
    }
    RpcCall<R> call = own.apply(Duration.ofNanos(left));
    made = call;
    call.response().onComplete(promise);
  }

  @Override
  public Future<R> reply() {
    return promise.future().map(Reply::body);
  }

  @Override
  public Future<Reply<R>> response() {
    return promise.future();
  }

  @Override
  public void cancel(String reason) {
    here(
        () -> {
          if (made != null) {
            made.cancel(reason);
          } else if (promise.tryFail(RpcException.cancelled(reason).build()) && timer != null) {
            timer.cancel();
          }
        });
  }
}
