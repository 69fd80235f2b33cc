// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One ejection of one node; ends by a success, or gives way to the next one. May be withheld,
 * because too many others are ejected: then the node goes on being picked.
 *
 * <p>All is fixed but the probe. From an instant on one pick may take it, and whoever does moves
 * the instant so far away that nobody else does while it is under way. A probe that is given up
 * moves it back; one that never ends is forgotten when the instant comes, so that it wedges
 * nothing.
 */
final class Ejection {

  /** 5 min: a probe that has told nothing for so long is forgotten. */
  static final long PATIENCE_NANOS = 300_000_000_000L;

  private static final VarHandle PROBE_FROM;

  static {
    try {
      PROBE_FROM = MethodHandles.lookup().findVarHandle(Ejection.class, "probeFrom", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final EjectionCause cause;
  private final String failure;
  private final boolean isWithheld;
  private final long since;
  private final long until;
  private volatile long probeFrom;
  private volatile boolean isProbing;

  /**
   * Begins now.
   *
   * @param failure the failure that brought it about, for a person; may be empty
   * @param isWithheld whether the node goes on being picked
   * @param nanos how long until the probe
   */
  Ejection(EjectionCause cause, String failure, boolean isWithheld, long now, long nanos) {
    this.cause = cause;
    this.failure = failure;
    this.isWithheld = isWithheld;
    this.since = now;
    this.until = now + nanos;
    this.probeFrom = until;
  }

  /** Returns the same, withheld. */
  Ejection withheld() {
    return new Ejection(cause, failure, true, since, until - since);
  }

  EjectionCause cause() {
    return cause;
  }

  String failure() {
    return failure;
  }

  boolean isWithheld() {
    return isWithheld;
  }

  /** Tells whether an attempt that began then knows more than what led to this. */
  boolean isOlderThan(long start) {
    return start - since > 0;
  }

  /** Returns how long it has been over, negative if it is not. */
  long overFor(long now) {
    return now - until;
  }

  /** Returns the instant from which on a probe may be taken. */
  long probeFrom() {
    return probeFrom;
  }

  /** Tells whether a probe is under way that has not been forgotten. */
  boolean isProbing(long now) {
    return isProbing && now - probeFrom < 0;
  }

  /** Takes the probe if it is due and nobody else is faster. */
  boolean claim(long now) {
    long due = probeFrom;
    if (now - due < 0 || !PROBE_FROM.compareAndSet(this, due, now + PATIENCE_NANOS)) {
      return false;
    }
    isProbing = true;
    return true;
  }

  /** The probe that was taken told nothing: another may be taken from {@code instant} on. */
  void postpone(long instant) {
    isProbing = false;
    probeFrom = instant;
  }
}
