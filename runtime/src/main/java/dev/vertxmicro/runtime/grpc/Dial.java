// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.http.HttpClientConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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
    dialer.dial().onComplete(this::ended);
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

  private void ended(AsyncResult<HttpClientConnection> result) {
    HttpClientConnection http = result.result();
    if (settled) {
      if (http != null) {
        http.shutdown(0, TimeUnit.SECONDS);
      }
      return;
    }
    settle();
    if (http == null) {
      pool.dialFailed(result.cause(), false);
    } else if (!speaksHttp2(http)) {
      http.close();
      pool.dialFailed(new IOException("the peer does not speak HTTP/2 (no ALPN h2)"), false);
    } else {
      pool.dialled(http, dialer);
    }
  }

  private void settle() {
    settled = true;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** A TLS peer without ALPN is spoken to in HTTP/1.1 by Vert.x, which then knows no settings. */
  private static boolean speaksHttp2(HttpClientConnection http) {
    try {
      http.remoteSettings();
      return true;
    } catch (UnsupportedOperationException http1) {
      return false;
    }
  }
}
