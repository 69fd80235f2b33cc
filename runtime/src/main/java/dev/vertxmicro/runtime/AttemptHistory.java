// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.AttemptFailure;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of the attempts of one call that have failed: the call's error tells it, and later
 * attempts tell servers how many came before. A call that waits for a node may fail attempts for
 * hours, so that only the latest are kept in full.
 *
 * <p>Kept by {@link AttemptLoop}, on the context of the call only.
 */
final class AttemptHistory {

  /** How many failures are kept. */
  static final int MOST = 128;

  private final List<AttemptFailure> failures = new ArrayList<>(2);
  private final List<RpcException> causes = new ArrayList<>(2);
  private PhaseTimes times = PhaseTimes.NONE;
  private Processed processed = Processed.NOT_SENT;
  private int sent;

  /** Adds an attempt that failed. */
  void add(AttemptFailure failure, RpcException cause) {
    if (failures.size() == MOST) {
      failures.remove(0);
      causes.remove(0);
    }
    failures.add(failure);
    causes.add(cause);
    times = times.plus(failure.times());
    processed = worse(processed, failure.processed());
    sent += failure.processed().isSafeToResend() ? 0 : 1;
  }

  /** Returns the failures that are kept, the earliest first. */
  List<AttemptFailure> failures() {
    return failures;
  }

  /** Returns what the attempts that are kept failed with, without {@code last}. */
  List<RpcException> causesBut(RpcException last) {
    List<RpcException> others = new ArrayList<>(causes);
    others.remove(last);
    return others;
  }

  /** Returns where the time of all failed attempts went. */
  PhaseTimes times() {
    return times;
  }

  /** Returns the most that any server may have done. */
  Processed processed() {
    return processed;
  }

  /** Returns how many attempts may have reached a server. */
  int sent() {
    return sent;
  }

  static Processed worse(Processed one, Processed other) {
    return one.compareTo(other) >= 0 ? one : other;
  }
}
