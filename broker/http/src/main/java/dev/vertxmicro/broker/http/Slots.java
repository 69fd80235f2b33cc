// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds how many events are under way, over all and to each peer; who must wait is served in turn,
 * peers one after the other. Each request and release costs {@code O(1)}. Touched on the broker's
 * context only.
 */
final class Slots {

  private static final class Peer {
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int used;
    private boolean queued;
  }

  private final int most;
  private final int mostPerPeer;
  private final Map<String, Peer> peers = new HashMap<>();
  private final Deque<Peer> ready = new ArrayDeque<>();
  private int used;
  private boolean granting;

  Slots(int most, int mostPerPeer) {
    this.most = most;
    this.mostPerPeer = mostPerPeer;
  }

  /** Runs {@code granted} when there is a slot, now perhaps. Each is given back once. */
  void request(String peer, Runnable granted) {
    Peer to = peers.computeIfAbsent(peer, name -> new Peer());
    to.waiting.add(granted);
    enqueue(to);
    grant();
  }

  void release(String peer) {
    Peer of = peers.get(peer);
    if (of == null || of.used == 0) {
      throw new IllegalStateException("no slot of " + peer + " is in use");
    }
    of.used--;
    used--;
    if (of.used == 0 && of.waiting.isEmpty()) {
      peers.remove(peer);
    } else {
      enqueue(of);
    }
    grant();
  }

  private void enqueue(Peer peer) {
    if (!peer.queued && !peer.waiting.isEmpty() && peer.used < mostPerPeer) {
      peer.queued = true;
      ready.add(peer);
    }
  }

  /** Grants in a loop, not by recursion: who is granted a slot may give it back at once. */
  private void grant() {
    if (granting) {
      return;
    }
    granting = true;
    try {
      while (used < most && !ready.isEmpty()) {
        Peer peer = ready.remove();
        peer.queued = false;
        Runnable granted = peer.waiting.remove();
        peer.used++;
        used++;
        enqueue(peer);
        granted.run();
      }
    } finally {
      granting = false;
    }
  }

  /** Returns how many slots are in use. */
  int used() {
    return used;
  }
}
