// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a pool to connect, bounded in time whatever the peer does: TCP, TLS and the first
 * SETTINGS frame. Tells the pool exactly once.
 */
final class Dial {

  private final ConnectionPool pool;
  private final Dialer dialer;
  private final Duration timeout;
  private @Nullable Timer timer;
  private boolean settled;

  Dial(ConnectionPool pool, Dialer dialer, Duration timeout) {
    this.pool = pool;
    this.dialer = dialer;
    this.timeout = timeout;
  }

  /** Starts; runs as the context of the loop. */
  void start() {
    timer = pool.loop().arm(Nanos.of(timeout), this::expired);
    dialer.dial(pool, timeout).onComplete(this::ended);
  }

  /** Gives up; the pool is not told. */
  void abandon() {
    settle();
    dialer.retire();
  }

  private void expired() {
    if (!settled) {
      settle();
      dialer.retire();
      pool.dialFailed(new IOException("no connection within " + timeout.toMillis() + " ms"), true);
    }
  }

  private void ended(AsyncResult<Connection> result) {
    Connection connection = result.result();
    if (settled) {
      if (connection != null) {
        connection.discard();
      }
      return;
    }
    settle();
    if (connection == null) {
      pool.dialFailed(result.cause(), false);
    } else {
      pool.dialled(connection);
    }
  }

  private void settle() {
    settled = true;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
