// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.time;

import io.vertx.core.Context;
import org.jspecify.annotations.Nullable;

/**
 * A timer that is a part of what it wakes, so that arming it allocates nothing: the links of {@link
 * TimerWheel} live in it. For what is armed very often and almost never rings, as the deadline of a
 * call.
 *
 * <p>Armed by {@link TimeSource#arm}; belongs to the context that armed it.
 */
public abstract class Alarm {

  // One of both while it is armed.
  private @Nullable Timer timer;
  @Nullable TimerWheel wheel;

  // The wheel's.
  @Nullable Alarm before;
  @Nullable Alarm after;
  @Nullable Context context;
  long tick;
  int slot;

  /** For subclasses. */
  protected Alarm() {}

  /** The time has come; runs as the context that armed it. */
  protected abstract void ring();

  /** It is not armed any more: it is about to ring, or was disarmed. Does nothing by default. */
  protected void disarmed() {}

  /**
   * Disarms it. Called on the context that armed it; it does not ring afterwards.
   *
   * @return true if it was armed and had not rung
   */
  public final boolean disarm() {
    TimerWheel turning = wheel;
    Timer armed = timer;
    if (turning != null) {
      turning.remove(this);
      context = null;
    } else if (armed == null || !armed.cancel()) {
      return false;
    }
    timer = null;
    disarmed();
    return true;
  }

  /** Tells whether it is armed. */
  public final boolean isArmed() {
    return wheel != null || timer != null;
  }

  /** Refuses to be armed twice. */
  final void requireIdle() {
    if (isArmed()) {
      throw new IllegalStateException("alarm: " + this + " is armed (expected: disarmed)");
    }
  }

  /** A plain timer is to ring it. */
  final void armedBy(Timer plain) {
    timer = plain;
  }

  /** Called by the one that was to ring it, which has let go of it. */
  final void due() {
    timer = null;
    Context owner = context;
    context = null;
    if (owner == null) {
      ringNow();
    } else {
      VertxTimeSource.dispatch(owner, this::ringNow);
    }
  }

  private void ringNow() {
    disarmed();
    ring();
  }
}
