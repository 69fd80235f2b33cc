// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What a selector knows about one node id of one service, whatever the registry says about the node
 * meanwhile. Lock-free.
 *
 * <p>The attempts that wait for an answer are kept as one {@code long}: their number in the low 20
 * bits, the sum of their start instants in the high 44 bits, in units of 2^16 ns (65.5 us). One
 * addition adds an attempt, one subtraction takes it away, and one read gives number and mean age
 * as of the same moment: age = (number * now - sum) / number. The sum wraps around, and so does the
 * product, so that the difference is right as long as the ages add up to less than 2^59 ns (18
 * years). More than 2^20 attempts on one node would spill into the sum; the bounds of the runtime
 * are far below.
 */
final class NodeState {

  /** What {@link #startedAt} says of a node that does not start any more. */
  static final long LONG_AGO = 0;

  private static final int COUNT_BITS = 20;
  private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
  private static final int UNIT_BITS = 16;
  private static final VarHandle WAITING;
  private static final VarHandle ANSWERED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      WAITING = lookup.findVarHandle(NodeState.class, "waiting", long.class);
      ANSWERED = lookup.findVarHandle(NodeState.class, "answered", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ServiceEntry entry;
  private final Load load;
  private final Conduct conduct;
  private volatile long waiting;
  private volatile int answered;
  private volatile Health health = Health.HEALTHY;
  private volatile long startedAt = LONG_AGO;

  NodeState(ServiceEntry entry, Load load) {
    this.entry = entry;
    this.load = load;
    this.conduct = new Conduct(entry.now());
  }

  ServiceEntry entry() {
    return entry;
  }

  Health health() {
    return health;
  }

  /** Set by {@link Ejections}. */
  void health(Health health) {
    this.health = health;
  }

  /** Returns what the node is judged by. */
  Conduct conduct() {
    return conduct;
  }

  Load load() {
    return load;
  }

  /** Returns since when the node has been starting slowly, or {@link #LONG_AGO}. */
  long startedAt() {
    return startedAt;
  }

  /** Says that the node is new, or was taken back. */
  void startSlowly(long now) {
    startedAt = now == LONG_AGO ? 1 : now;
    entry.starts(now);
  }

  /** Says that the node can do all its work. */
  void startAtOnce() {
    startedAt = LONG_AGO;
  }

  void started(long now) {
    WAITING.getAndAdd(this, stake(now));
  }

  /** The attempt that started at {@code start} has an answer, and goes on as a stream. */
  void answered(long start, long now) {
    load.observe(Outcome.Kind.SUCCESS, elapsed(start, now), now);
    ANSWERED.getAndAdd(this, 1);
    WAITING.getAndAdd(this, -stake(start));
  }

  /** The attempt that started at {@code start} has ended before an answer, or with it. */
  void ended(Outcome.Kind kind, long start, long now) {
    load.observe(kind, elapsed(start, now), now);
    WAITING.getAndAdd(this, -stake(start));
  }

  /** The attempt that was answered before has ended: its length says nothing, a failure does. */
  void endedAfterAnswer(Outcome.Kind kind, long now) {
    if (kind == Outcome.Kind.FAILURE) {
      load.observe(kind, 0, now);
    }
    ANSWERED.getAndAdd(this, -1);
  }

  private static long stake(long instant) {
    return (instant >> UNIT_BITS << COUNT_BITS) + 1;
  }

  private static long elapsed(long start, long now) {
    return Math.max(0, now - start);
  }

  int inFlight() {
    return (int) (waiting & COUNT_MASK) + answered;
  }

  double load(double share, long now) {
    long waiting = this.waiting;
    int count = (int) (waiting & COUNT_MASK);
    int open = count + answered;
    return load.value(share == 1 ? open : open / share, meanAge(waiting, count, now), now);
  }

  private static long meanAge(long waiting, int count, long now) {
    if (count == 0) {
      return 0;
    }
    // Modulo 2^44, which is what the two shifts at the end do. Both ends are rounded down to a
    // unit,
    // so that an age may come out one unit too high: that unit is taken off.
    long sum = waiting >> COUNT_BITS;
    long units = (((now >> UNIT_BITS) * count - sum) << COUNT_BITS) >> COUNT_BITS;
    return Math.max(0, units / count - 1) << UNIT_BITS;
  }

  void reset() {
    load.reset();
    health = Health.HEALTHY;
    startedAt = LONG_AGO;
  }
}
