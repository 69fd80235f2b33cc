// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.registry.Node;
import java.lang.System.Logger.Level;
import java.time.Duration;

/**
 * Keeps an observer that throws, although it must not, from breaking calls. Logs what it throws: as
 * a warning once, then for debugging only.
 */
final class GuardedSelectorObserver implements SelectorObserver {

  private static final System.Logger LOG =
      System.getLogger(GuardedSelectorObserver.class.getName());

  private final SelectorObserver observer;
  private volatile boolean warned;

  private GuardedSelectorObserver(SelectorObserver observer) {
    this.observer = observer;
  }

  static SelectorObserver of(SelectorObserver observer) {
    return observer == NONE ? observer : new GuardedSelectorObserver(observer);
  }

  private void guard(Runnable seen) {
    try {
      seen.run();
    } catch (RuntimeException | LinkageError | AssertionError broken) {
      Level level = warned ? Level.DEBUG : Level.WARNING;
      warned = true;
      LOG.log(level, "observer " + observer.getClass().getName() + " failed", broken);
    }
  }

  @Override
  public void ejected(String service, Node node, EjectionCause cause, Duration time) {
    guard(() -> observer.ejected(service, node, cause, time));
  }

  @Override
  public void ejectionWithheld(String service, Node node, EjectionCause cause) {
    guard(() -> observer.ejectionWithheld(service, node, cause));
  }

  @Override
  public void readmitted(String service, Node node) {
    guard(() -> observer.readmitted(service, node));
  }

  @Override
  public void probed(String service, Node node, Outcome.Kind result) {
    guard(() -> observer.probed(service, node, result));
  }

  @Override
  public void panicStarted(String service, int healthy, int nodes) {
    guard(() -> observer.panicStarted(service, healthy, nodes));
  }

  @Override
  public void panicEnded(String service) {
    guard(() -> observer.panicEnded(service));
  }
}
