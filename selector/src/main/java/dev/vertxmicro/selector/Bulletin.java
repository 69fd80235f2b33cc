// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The news about the nodes of one service: gathered under the lock of the entry, told to the log
 * and the observer after it was released.
 */
final class Bulletin {

  private static final System.Logger LOG = System.getLogger(Bulletin.class.getName());

  private final String service;
  private final ReentrantLock lock;
  private final SelectorObserver observer;

  // Guarded by the lock.
  private List<News> untold = new ArrayList<>();
  private boolean hasWarned;

  private volatile boolean isEmpty = true;

  Bulletin(String service, ReentrantLock lock, SelectorObserver observer) {
    this.service = service;
    this.lock = lock;
    this.observer = observer;
  }

  void ejected(Node node, EjectionCause cause, Duration time) {
    add(
        Level.DEBUG,
        "node " + node.id() + " is ejected for " + time + ": " + cause,
        seen -> seen.ejected(service, node, cause, time));
  }

  void ejectionWithheld(Node node, EjectionCause cause) {
    add(
        Level.DEBUG,
        "node " + node.id() + " is not ejected, as too many are: " + cause,
        seen -> seen.ejectionWithheld(service, node, cause));
  }

  void readmitted(Node node) {
    add(
        Level.DEBUG,
        "node " + node.id() + " is taken back",
        seen -> seen.readmitted(service, node));
  }

  void probed(Node node, Outcome.Kind result) {
    add(
        Level.DEBUG,
        "node " + node.id() + " was probed: " + result,
        seen -> seen.probed(service, node, result));
  }

  /** Warns once only: nodes on the brink may bring panic and end it many times. */
  void panicStarted(int healthy, int nodes) {
    add(
        hasWarned ? Level.DEBUG : Level.WARNING,
        "only " + healthy + " of " + nodes + " nodes are healthy: ejections are overlooked",
        seen -> seen.panicStarted(service, healthy, nodes));
    hasWarned = true;
  }

  void panicEnded() {
    add(Level.DEBUG, "enough nodes are healthy again", seen -> seen.panicEnded(service));
  }

  private void add(Level level, String text, Consumer<SelectorObserver> told) {
    untold.add(new News(level, text, told));
    isEmpty = false;
  }

  /** Tells what has not been told. Called without the lock. */
  void publish() {
    if (isEmpty) {
      return;
    }
    List<News> all;
    lock.lock();
    try {
      all = untold;
      untold = new ArrayList<>();
      isEmpty = true;
    } finally {
      lock.unlock();
    }
    for (News news : all) {
      LOG.log(news.level, "service {0}: {1}", service, news.text);
      news.told.accept(observer);
    }
  }

  private record News(Level level, String text, Consumer<SelectorObserver> told) {}
}
