// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Contexts whose tasks wait until the test runs them, in the order they came. */
final class ManualContexts implements Supplier<Executor> {

  private final Deque<Runnable> tasks = new ArrayDeque<>();

  @Override
  public Executor get() {
    return tasks::add;
  }

  /** Runs all tasks, and those they bring. */
  void run() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Runs the first task only. */
  void runOne() {
    tasks.remove().run();
  }

  int waiting() {
    return tasks.size();
  }
}
