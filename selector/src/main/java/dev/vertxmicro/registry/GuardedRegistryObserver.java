// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.RpcException;
import java.lang.System.Logger.Level;
import java.time.Duration;

/**
 * Keeps an observer that throws, although it must not, from breaking look-ups. Logs what it throws:
 * as a warning once, then for debugging only.
 */
final class GuardedRegistryObserver implements RegistryObserver {

  private static final System.Logger LOG =
      System.getLogger(GuardedRegistryObserver.class.getName());

  private final RegistryObserver observer;
  private volatile boolean warned;

  private GuardedRegistryObserver(RegistryObserver observer) {
    this.observer = observer;
  }

  static RegistryObserver of(RegistryObserver observer) {
    return observer == NONE ? NONE : new GuardedRegistryObserver(observer);
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
  public void lookUpFailed(String service, RpcException failure) {
    guard(() -> observer.lookUpFailed(service, failure));
  }

  @Override
  public void serviceBecameStale(String service, Duration age) {
    guard(() -> observer.serviceBecameStale(service, age));
  }

  @Override
  public void serviceBecameFresh(String service, Duration age) {
    guard(() -> observer.serviceBecameFresh(service, age));
  }

  @Override
  public void serviceGivenUp(String service, Duration age) {
    guard(() -> observer.serviceGivenUp(service, age));
  }

  @Override
  public void nodesUnconfirmed(String service, int before, int now) {
    guard(() -> observer.nodesUnconfirmed(service, before, now));
  }
}
