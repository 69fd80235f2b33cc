// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What the outcomes on one node add up to: how many of which kind since the last one of another
 * kind, and successes and failures of this interval and the one before. Lock-free.
 *
 * <p>One {@code long} holds it all: 20 bits of successes, 20 bits of failures, then three times 8
 * bits of outcomes in a row, which stop at 255. A success on a node that has not failed lately is
 * one addition. When a count is full both are halved, which keeps the rate. Answers UNIMPLEMENTED
 * are counted apart.
 */
final class Tally {

  /** The most outcomes in a row that can be counted. */
  static final int MOST_IN_A_ROW = 255;

  private static final int COUNT_BITS = 20;
  private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
  private static final int ROWS = 2 * COUNT_BITS;
  private static final long BOTH_COUNTS = (1L << ROWS) - 1;
  private static final int FAILURES_IN_A_ROW = ROWS;
  private static final int UNREACHED_IN_A_ROW = ROWS + 8;
  private static final int UNIMPLEMENTED_IN_A_ROW = ROWS + 16;

  /** More threads than this never add at once. */
  private static final long SLACK = 1 << 12;

  private static final VarHandle COUNTS;
  private static final VarHandle UNIMPLEMENTED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      COUNTS = lookup.findVarHandle(Tally.class, "counts", long.class);
      UNIMPLEMENTED = lookup.findVarHandle(Tally.class, "unimplemented", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile long counts;
  private volatile long countsBefore;
  private volatile int unimplemented;
  private volatile int unimplementedBefore;

  void succeeded() {
    long before = counts;
    if (before >>> ROWS == 0 && (before & COUNT_MASK) < COUNT_MASK - SLACK) {
      COUNTS.getAndAdd(this, 1L);
      return;
    }
    while (!COUNTS.compareAndSet(this, before, (withRoom(before) & BOTH_COUNTS) + 1)) {
      before = counts;
    }
  }

  /**
   * Counts a failure.
   *
   * @param unreached whether the node could not be reached
   */
  void failed(boolean unreached) {
    long before;
    long after;
    do {
      before = counts;
      after = oneMoreInARow(withRoom(before) + (1L << COUNT_BITS), FAILURES_IN_A_ROW);
      after = unreached ? oneMoreInARow(after, UNREACHED_IN_A_ROW) : after;
    } while (!COUNTS.compareAndSet(this, before, after));
  }

  /** Counts an answer UNIMPLEMENTED, which is neither success nor failure. */
  void unimplemented() {
    UNIMPLEMENTED.getAndAdd(this, 1);
    long before;
    do {
      before = counts;
    } while (!COUNTS.compareAndSet(this, before, oneMoreInARow(before, UNIMPLEMENTED_IN_A_ROW)));
  }

  private static long withRoom(long counts) {
    if (successes(counts) < COUNT_MASK - SLACK && failures(counts) < COUNT_MASK) {
      return counts;
    }
    return (counts & ~BOTH_COUNTS)
        | (successes(counts) / 2)
        | ((failures(counts) / 2) << COUNT_BITS);
  }

  private static long oneMoreInARow(long counts, int shift) {
    return inARow(counts, shift) == MOST_IN_A_ROW ? counts : counts + (1L << shift);
  }

  private static int inARow(long counts, int shift) {
    return (int) (counts >>> shift) & MOST_IN_A_ROW;
  }

  private static long successes(long counts) {
    return counts & COUNT_MASK;
  }

  private static long failures(long counts) {
    return counts >>> COUNT_BITS & COUNT_MASK;
  }

  /** Returns the failures since the last success, at most 255. */
  int failuresInARow() {
    return inARow(counts, FAILURES_IN_A_ROW);
  }

  /** Returns how often the node could not be reached since the last success, at most 255. */
  int unreachedInARow() {
    return inARow(counts, UNREACHED_IN_A_ROW);
  }

  /** Returns the answers UNIMPLEMENTED since the last success, at most 255. */
  int unimplementedInARow() {
    return inARow(counts, UNIMPLEMENTED_IN_A_ROW);
  }

  /** Begins a new interval. Called by one thread at a time. */
  void nextInterval() {
    countsBefore = (long) COUNTS.getAndBitwiseAnd(this, ~BOTH_COUNTS) & BOTH_COUNTS;
    unimplementedBefore = (int) UNIMPLEMENTED.getAndSet(this, 0);
  }

  /** Returns what the interval before this one came to. */
  Rate rateBefore() {
    return rate(countsBefore, 0);
  }

  /** Returns what this interval and the one before come to. */
  Rate rate() {
    return rate(counts, countsBefore);
  }

  private static Rate rate(long counts, long more) {
    long successes = successes(counts) + successes(more);
    return new Rate(successes, successes + failures(counts) + failures(more));
  }

  /** Returns the successes of this interval and the one before. */
  long successesLately() {
    return successes(counts) + successes(countsBefore);
  }

  /** Returns the answers UNIMPLEMENTED of this interval and the one before. */
  int unimplementedLately() {
    return unimplemented + unimplementedBefore;
  }

  void clear() {
    counts = 0;
    countsBefore = 0;
    unimplemented = 0;
    unimplementedBefore = 0;
  }

  @Override
  public String toString() {
    return "Tally[" + rate() + ", " + failuresInARow() + " failures in a row]";
  }
}
