// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect, bounded in time whatever the peer does: TCP and TLS. Tells its maker
 * exactly once, unless it was given up. Belongs to its event loop.
 */
public final class Dial {

  private final NodeLoop<?> loop;
  private final Supplier<Future<NetSocket>> connect;
  private final Duration timeout;
  private final BiConsumer<@Nullable NetSocket, Throwable> ended;
  private @Nullable Timer timer;
  private boolean settled;

  /**
   * Makes one that is not started.
   *
   * @param connect opens the socket; called as the context of the loop
   * @param timeout how long it may take, more than zero
   * @param ended gets the socket, or null and why there is none
   */
  public Dial(
      NodeLoop<?> loop,
      Supplier<Future<NetSocket>> connect,
      Duration timeout,
      BiConsumer<@Nullable NetSocket, Throwable> ended) {
    this.loop = loop;
    this.connect = connect;
    this.timeout = timeout;
    this.ended = ended;
  }

  /** Starts; runs on the event loop, as any context of it. */
  public void start() {
    timer = loop.arm(Nanos.of(timeout), this::expired);
    EventLoops.dispatch(loop.context(), () -> connect.get().onComplete(this::connected));
  }

  /** Gives up; nobody is told. */
  public void abandon() {
    settle();
  }

  private void expired() {
    if (!settled) {
      settle();
      ended.accept(null, new IOException("no connection within " + timeout.toMillis() + " ms"));
    }
  }

  private void connected(AsyncResult<NetSocket> result) {
    NetSocket socket = result.result();
    if (settled) {
      if (socket != null) {
        EventLoops.reset(socket);
      }
      return;
    }
    settle();
    ended.accept(socket, result.cause());
  }

  private void settle() {
    settled = true;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
