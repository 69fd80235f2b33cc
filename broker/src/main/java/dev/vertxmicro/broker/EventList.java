// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events in the order of their delivery, linked through themselves, so that neither adding nor
 * removing one makes anything. An event is in one list at most, and added once in its life. Guarded
 * by the lock of the {@link Monitor}.
 */
final class EventList {

  private @Nullable LocalEvent first;
  private @Nullable LocalEvent last;
  private int size;

  int size() {
    return size;
  }

  void add(LocalEvent event) {
    event.previous = last;
    if (last == null) {
      first = event;
    } else {
      last.next = event;
    }
    last = event;
    size++;
  }

  /** Removes an event that is in the list. */
  void remove(LocalEvent event) {
    LocalEvent before = event.previous;
    LocalEvent after = event.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    event.previous = null;
    event.next = null;
    size--;
  }

  /** Returns what is in the list now. */
  List<LocalEvent> copy() {
    List<LocalEvent> events = new ArrayList<>(size);
    for (LocalEvent event = first; event != null; event = event.next) {
      events.add(event);
    }
    return events;
  }
}
