// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a fixture has seen, in order, and the one way for a test to wait for more of it.
 *
 * <p>Written by the fixture's event loop, read by the test's thread. A wait is bounded and fails
 * with everything seen so far; it fails at once when the fixture itself broke.
 */
final class Journal<E> {
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<E> entries = new ArrayList<>();
  private final Duration patience;
  private @Nullable Throwable failure;

  Journal() {
    this(PATIENCE);
  }

  /** A journal whose waits last that long at most. */
  Journal(Duration patience) {
    this.patience = patience;
  }

  void add(E entry) {
    change(() -> entries.add(entry));
  }

  /** Reports a fault of the fixture or its script: every wait, now and later, fails with it. */
  void fail(Throwable cause) {
    change(() -> failure = failure == null ? cause : failure);
  }

  /** A copy of all entries so far. */
  List<E> entries() {
    lock.lock();
    try {
      return List.copyOf(entries);
    } finally {
      lock.unlock();
    }
  }

  /** Throws if the fixture broke. */
  void check() {
    lock.lock();
    try {
      failOnFault();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the first entry that matches. */
  E await(String what, Predicate<E> wanted) {
    return awaitThat(what, seen -> seen.stream().filter(wanted).findFirst());
  }

  /** Waits for the n-th entry that matches, counted from 0. */
  E await(String what, int n, Predicate<E> wanted) {
    return awaitThat(
        what + " number " + n, seen -> seen.stream().filter(wanted).skip(n).findFirst());
  }

  /** Waits until {@code look} finds an answer in the list of entries. */
  <T> T awaitThat(String what, Function<List<E>, Optional<T>> look) {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (true) {
        failOnFault();
        Optional<T> found = look.apply(Collections.unmodifiableList(entries));
        if (found.isPresent()) {
          return found.get();
        }
        if (left <= 0) {
          throw tooLate(what);
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + what + "; seen:" + dump(), e);
    } finally {
      lock.unlock();
    }
  }

  /** The failure of a wait that ran out of patience: what was awaited, and all that was seen. */
  AssertionError tooLate(String what) {
    lock.lock();
    try {
      return new AssertionError("waited " + patience + " for " + what + "; seen:" + dump());
    } finally {
      lock.unlock();
    }
  }

  private void failOnFault() {
    if (failure != null) {
      throw new AssertionError("the fixture failed; seen:" + dump(), failure);
    }
  }

  private String dump() {
    return entries.stream().map(e -> "\n  " + e).collect(Collectors.joining());
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
