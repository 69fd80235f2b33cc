// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.runtime.pooling.NodeAddress;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect, bounded in time whatever the peer does: TCP and TLS. Tells its maker
 * exactly once, unless it was given up. Belongs to its event loop.
 */
final class Dial {

  private final MucpLoop loop;
  private final NodeAddress target;
  private final Duration timeout;
  private final BiConsumer<@Nullable NetSocket, Throwable> ended;
  private @Nullable Timer timer;
  private boolean settled;

  /**
   * Makes one that is not started.
   *
   * @param ended gets the socket, or null and why there is none
   */
  Dial(
      MucpLoop loop,
      NodeAddress target,
      Duration timeout,
      BiConsumer<@Nullable NetSocket, Throwable> ended) {
    this.loop = loop;
    this.target = target;
    this.timeout = timeout;
    this.ended = ended;
  }

  /** Starts; runs on the event loop, as any context of it. */
  void start() {
    timer = loop.arm(Nanos.of(timeout), this::expired);
    EventLoops.dispatch(
        loop.context(), () -> loop.connect(target, timeout).onComplete(this::connected));
  }

  /** Gives up; nobody is told. */
  void abandon() {
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
