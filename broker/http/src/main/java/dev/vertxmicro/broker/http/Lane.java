// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way to one subscription: one event at a time, in the order they came. Touched on the broker's
 * context only.
 *
 * <p>A subscription that is full or cannot be reached makes the lane rest: what is for it alone
 * waits, what another member of its queue group may have goes there. One that could not be reached
 * for {@link HttpBrokerOptions#setReachTimeout} is given up: nothing waits for it any more, and
 * from time to time one event is sent to see whether it is back.
 */
final class Lane {

  private final Outbox outbox;
  private final String id;
  private final Deque<Parcel> queue = new ArrayDeque<>();
  private Target target;
  private @Nullable String slot;
  private boolean asked;
  private boolean resting;
  private int refusals;
  private long unreachedSince;
  private boolean unreached;
  private boolean givenUp;
  private long nextProbe;
  private @Nullable Answer lastRefusal;

  Lane(Outbox outbox, Target target) {
    this.outbox = outbox;
    this.id = target.id();
    this.target = target;
  }

  String id() {
    return id;
  }

  /** Tells whether nothing is here and nothing is worth remembering. */
  boolean isIdle() {
    return queue.isEmpty() && !asked && !resting;
  }

  boolean isGivenUp() {
    return givenUp;
  }

  /** Returns why an event that need not come here had better not; null if it may. */
  @Nullable Answer standing() {
    return resting || isDown() ? lastRefusal : null;
  }

  private boolean isDown() {
    return givenUp && outbox.now() - nextProbe < 0;
  }

  /** Follows a node that has moved. */
  void moveTo(Target target) {
    this.target = target;
  }

  void add(Parcel parcel) {
    Answer standing = lastRefusal;
    if (isDown() && standing != null) {
      parcel.onAnswer(this, standing);
    } else if (resting && standing != null && !parcel.reserve()) {
      parcel.failed(standing.why());
    } else {
      queue.add(parcel);
      advance();
    }
  }

  private void advance() {
    while (!queue.isEmpty() && queue.element().isOver()) {
      queue.remove();
    }
    if (!asked && !resting && !queue.isEmpty()) {
      asked = true;
      String peer = target.peer();
      slot = peer;
      outbox.slots().request(peer, this::send);
    }
  }

  private void send() {
    Parcel next = queue.poll();
    while (next != null && !outbox.isInTime(next)) {
      next = queue.poll();
    }
    if (next == null) {
      leaveSlot();
      return;
    }
    Parcel parcel = next;
    Poster.Sent sent = outbox.post(target, parcel, answer -> onAnswer(parcel, answer));
    parcel.sent(sent);
  }

  private void leaveSlot() {
    String peer = slot;
    slot = null;
    asked = false;
    if (peer != null) {
      outbox.slots().release(peer);
    }
  }

  private void onAnswer(Parcel parcel, Answer answer) {
    leaveSlot();
    learn(answer);
    parcel.onAnswer(this, answer);
    if (givenUp || resting) {
      sendAway(answer);
    }
    advance();
  }

  private void learn(Answer answer) {
    boolean missed = answer.kind() == Answer.Kind.UNREACHED;
    if (missed && !unreached) {
      unreachedSince = outbox.now();
    }
    unreached = missed;
    if (missed || answer.kind() == Answer.Kind.FULL) {
      refusals++;
      lastRefusal = answer;
    } else {
      refusals = 0;
      lastRefusal = null;
    }
    givenUp = missed && outbox.now() - unreachedSince >= outbox.reachNanos();
    if (givenUp) {
      nextProbe = outbox.now() + outbox.waitNanos(refusals);
    }
  }

  /** Keeps an event that has been refused, to be sent again before all others. */
  void putBack(Parcel parcel) {
    queue.addFirst(parcel);
    if (!resting) {
      resting = true;
      outbox.after(refusals - 1, this::goOn);
    }
  }

  /** What cannot wait here, or need not, goes elsewhere or fails. */
  private void sendAway(Answer answer) {
    List<Parcel> waiting = new ArrayList<>(queue);
    queue.clear();
    for (Parcel parcel : waiting) {
      if (parcel.isOver()) {
        continue;
      }
      if (!givenUp && parcel instanceof NodeParcel && parcel.reserve()) {
        queue.add(parcel);
      } else {
        parcel.onAnswer(this, answer);
      }
    }
  }

  /** Looks where the node is now and tries again; a node that has left the registry is gone. */
  private void goOn() {
    resting = false;
    Target now = outbox.subscribers().target(id);
    if (now != null) {
      target = now;
      advance();
      return;
    }
    List<Parcel> waiting = new ArrayList<>(queue);
    queue.clear();
    for (Parcel parcel : waiting) {
      if (!parcel.isOver()) {
        parcel.onAnswer(this, Answer.GONE);
      }
    }
  }

  @Override
  public String toString() {
    return "Lane[%s, %d waiting%s]"
        .formatted(target, queue.size(), givenUp ? ", given up" : resting ? ", resting" : "");
  }
}
