// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells a listener who leads, each time that this changes. */
final class Announcements {

  private final Consumer<Leadership> listener;
  private @Nullable Leadership last;
  private boolean closed;

  Announcements(Consumer<Leadership> listener) {
    this.listener = listener;
  }

  void announce(Leadership now) {
    if (!closed && (last == null || !same(last, now))) {
      last = now;
      listener.accept(now);
    }
  }

  private static boolean same(Leadership one, Leadership other) {
    return Objects.equals(one.leader(), other.leader()) && number(one) == number(other);
  }

  private static long number(Leadership leadership) {
    Term term = leadership.term();
    return term == null ? -1 : term.number();
  }

  void close() {
    closed = true;
  }
}
