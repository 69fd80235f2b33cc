// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Finds a peer that has vanished: sends a PING on a connection with calls in flight every {@code
 * keepAliveTime}, and gives the connection up if none is answered within {@code keepAliveTimeout}.
 *
 * <p>Servers on grpc-go, and so go-micro's, close a connection on which more than a few pings come
 * within 5 minutes while they themselves send nothing (keepalive.EnforcementPolicy). So a
 * connection without replies gets two pings at the usual distance and then one in 5 minutes.
 */
final class KeepAlive {

  private static final int QUICK_PINGS = 2;
  private static final long SLOW_NANOS = Duration.ofMinutes(5).toNanos();

  private final Connection connection;
  private final GrpcLoop loop;
  private final long periodNanos;
  private final long timeoutNanos;
  private @Nullable Timer tick;
  private @Nullable Timer answer;
  private long repliesSeen;
  private int silentPings;
  private long lastPingNanos;

  KeepAlive(Connection connection, GrpcLoop loop, GrpcOptions options) {
    this.connection = connection;
    this.loop = loop;
    this.periodNanos = Nanos.of(options.getKeepAliveTime());
    this.timeoutNanos = Nanos.of(options.getKeepAliveTimeout());
  }

  /** Starts, if keepalive is on. */
  void start() {
    if (periodNanos > 0) {
      tick = loop.arm(periodNanos, this::tick);
    }
  }

  void stop() {
    tick = cancel(tick);
    answer = cancel(answer);
  }

  private void tick() {
    tick = loop.arm(periodNanos, this::tick);
    if (connection.replies() != repliesSeen) {
      repliesSeen = connection.replies();
      silentPings = 0;
    }
    if (connection.isIdle() || answer != null || isTooSoon()) {
      return;
    }
    silentPings++;
    lastPingNanos = loop.nanoTime();
    answer = loop.arm(timeoutNanos, this::unanswered);
    connection.ping(Buffer.buffer(8).appendLong(silentPings)).onSuccess(pong -> answered());
  }

  private boolean isTooSoon() {
    return silentPings >= QUICK_PINGS && loop.nanoTime() - lastPingNanos < SLOW_NANOS;
  }

  private void answered() {
    answer = cancel(answer);
  }

  private void unanswered() {
    answer = null;
    connection.abort("no answer to a PING within " + timeoutNanos / 1_000_000 + " ms");
  }

  private static @Nullable Timer cancel(@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
    return null;
  }
}
