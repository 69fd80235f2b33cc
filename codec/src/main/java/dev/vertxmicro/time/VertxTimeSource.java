// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import io.vertx.core.Vertx;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The clock of the machine and the timers of Vert.x, rounded up to its milliseconds. */
final class VertxTimeSource implements TimeSource {

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Vertx vertx;

  VertxTimeSource(Vertx vertx) {
    this.vertx = Objects.requireNonNull(vertx, "vertx");
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public long epochMillis() {
    return System.currentTimeMillis();
  }

  @Override
  public Timer timer(long delayNanos, Runnable task) {
    // Rounded up: a deadline must not fire before its instant. At least 1, as Vert.x asks for.
    long millis = delayNanos <= 0 ? 1 : 1 + (delayNanos - 1) / NANOS_PER_MILLI;
    long id = vertx.setTimer(millis, fired -> task.run());
    return () -> vertx.cancelTimer(id);
  }

  /** Equal whatever the {@code Vertx}: all of them read the one clock of the machine. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VertxTimeSource;
  }

  @Override
  public int hashCode() {
    return VertxTimeSource.class.hashCode();
  }

  @Override
  public String toString() {
    return "TimeSource.of(vertx)";
  }
}
