// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A stream that failed before anything was done for it. */
final class RefusedStream implements StreamExchange {

  private final RpcException why;

  RefusedStream(RpcException why) {
    this.why = why;
  }

  @Override
  public Future<Void> opened() {
    return Future.failedFuture(why);
  }

  @Override
  public Future<Message> reply() {
    return Future.failedFuture(why);
  }

  @Override
  public Future<Metadata> trailers() {
    return Future.failedFuture(why);
  }

  @Override
  public Future<Void> write(Buffer message) {
    return Future.failedFuture(why);
  }

  @Override
  public Future<Void> end() {
    return Future.failedFuture(why);
  }

  @Override
  public boolean isWriteQueueFull() {
    return false;
  }

  @Override
  public boolean isSent() {
    return false;
  }

  @Override
  public PhaseTimes times() {
    return PhaseTimes.NONE;
  }

  @Override
  public void setWriteQueueMaxBytes(int bytes) {}

  @Override
  public void drainHandler(@Nullable Runnable drained) {}

  @Override
  public void handler(Handler<Buffer> handler) {}

  @Override
  public void fetch(long amount) {}

  @Override
  public void pause() {}

  @Override
  public void cancel() {}
}
