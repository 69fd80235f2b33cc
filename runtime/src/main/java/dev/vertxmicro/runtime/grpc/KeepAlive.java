// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Finds a peer that has vanished: asks for a sign of life on a connection with calls or streams
 * open every {@code keepAliveTime}, and gives the connection up if there is none within {@code
 * keepAliveTimeout}. So a peer is missed after both times together, however long it has been silent
 * before.
 *
 * <p>The sign is a PING, as long as the peer allows it. Servers on grpc-go, and so go-micro's, and
 * on grpc-java close a connection on which more than two PINGs come within 5 minutes while they
 * themselves send nothing (keepalive.EnforcementPolicy, permitKeepAliveTime). A long silence is
 * usual for streams. So after two PINGs without any reply the question is an empty SETTINGS frame,
 * which every peer must acknowledge at once (RFC 9113 6.5.3) and none takes for a PING; a PING then
 * comes every 5 minutes. Rejected: to wait for 5 minutes, as that is how late a vanished peer would
 * be found.
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
    if (connection.isIdle() || answer != null) {
      return;
    }
    answer = loop.arm(timeoutNanos, this::unanswered);
    ask().onSuccess(sign -> answered());
  }

  private Future<?> ask() {
    if (isTooSoon()) {
      return connection.askForSettingsAck();
    }
    silentPings++;
    lastPingNanos = loop.nanoTime();
    return connection.ping(silentPings);
  }

  private boolean isTooSoon() {
    return silentPings >= QUICK_PINGS && loop.nanoTime() - lastPingNanos < SLOW_NANOS;
  }

  private void answered() {
    answer = cancel(answer);
  }

  private void unanswered() {
    answer = null;
    connection.abort("no sign of life within " + timeoutNanos / 1_000_000 + " ms");
  }

  private static @Nullable Timer cancel(@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
    return null;
  }
}
