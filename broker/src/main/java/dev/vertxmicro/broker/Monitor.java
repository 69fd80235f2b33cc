// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A lock that is held for a few moves of references and never while foreign code runs: what must
 * run then (handlers, timers, promises, wires) is handed to {@link #afterwards} and runs in {@link
 * #unlock}, once the lock is free.
 */
final class Monitor {

  private static final Logger LOG = System.getLogger(Monitor.class.getName());

  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock. Mostly there are two tasks at most, so the list is made for more only.
  private @Nullable Runnable first;
  private @Nullable Runnable second;
  private @Nullable List<Runnable> more;

  void lock() {
    lock.lock();
  }

  /** Runs {@code task} when the lock is free. Called with the lock. */
  void afterwards(Runnable task) {
    if (first == null) {
      first = task;
    } else if (second == null) {
      second = task;
    } else {
      if (more == null) {
        more = new ArrayList<>();
      }
      more.add(task);
    }
  }

  void unlock() {
    Runnable task = first;
    if (task == null || lock.getHoldCount() > 1) {
      lock.unlock();
      return;
    }
    Runnable next = second;
    List<Runnable> others = more;
    first = null;
    second = null;
    more = null;
    lock.unlock();
    run(task);
    if (next != null) {
      run(next);
    }
    if (others != null) {
      others.forEach(Monitor::run);
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RejectedExecutionException gone) {
      LOG.log(Level.WARNING, "broker: the context of a subscriber is gone", gone);
    }
  }
}
