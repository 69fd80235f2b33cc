// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.retry.CallInfo;
import java.lang.System.Logger.Level;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an observer that throws, although it must not, from breaking calls. Logs what it throws: as
 * a warning once, then for debugging only, as it would else flood the log with every call.
 */
final class GuardedObserver implements RpcObserver {

  private static final System.Logger LOG = System.getLogger(GuardedObserver.class.getName());

  private final RpcObserver observer;
  private volatile boolean warned;

  private GuardedObserver(RpcObserver observer) {
    this.observer = observer;
  }

  /** Returns {@code observer} so that it cannot throw; our own do not anyway. */
  static RpcObserver of(RpcObserver observer) {
    boolean own = observer == NONE || observer instanceof RpcCounters;
    return own ? observer : new GuardedObserver(observer);
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
  public void callStarted(CallInfo call) {
    guard(() -> observer.callStarted(call));
  }

  @Override
  public void callEnded(CallInfo call, @Nullable RpcException failure, int attempts) {
    guard(() -> observer.callEnded(call, failure, attempts));
  }

  @Override
  public void attemptStarted(CallInfo call, int number, Node node) {
    guard(() -> observer.attemptStarted(call, number, node));
  }

  @Override
  public void attemptEnded(CallInfo call, int number, Node node, @Nullable RpcException failure) {
    guard(() -> observer.attemptEnded(call, number, node, failure));
  }

  @Override
  public void publishStarted(String topic) {
    guard(() -> observer.publishStarted(topic));
  }

  @Override
  public void publishEnded(String topic, @Nullable RpcException failure, int attempts) {
    guard(() -> observer.publishEnded(topic, failure, attempts));
  }

  @Override
  public void streamOpened(CallInfo call, Node node) {
    guard(() -> observer.streamOpened(call, node));
  }

  @Override
  public void streamEnded(CallInfo call, Node node, @Nullable RpcException failure) {
    guard(() -> observer.streamEnded(call, node, failure));
  }

  @Override
  public void picked(CallInfo call, Node node) {
    guard(() -> observer.picked(call, node));
  }

  @Override
  public void released(CallInfo call, Node node) {
    guard(() -> observer.released(call, node));
  }

  @Override
  public void timerArmed() {
    guard(observer::timerArmed);
  }

  @Override
  public void timerEnded() {
    guard(observer::timerEnded);
  }

  @Override
  public void connectionOpened(String protocol, String address) {
    guard(() -> observer.connectionOpened(protocol, address));
  }

  @Override
  public void connectionClosed(String protocol, String address) {
    guard(() -> observer.connectionClosed(protocol, address));
  }

  @Override
  public void streamOpened(String protocol) {
    guard(() -> observer.streamOpened(protocol));
  }

  @Override
  public void streamClosed(String protocol) {
    guard(() -> observer.streamClosed(protocol));
  }

  @Override
  public void queued(String protocol) {
    guard(() -> observer.queued(protocol));
  }

  @Override
  public void dequeued(String protocol) {
    guard(() -> observer.dequeued(protocol));
  }

  @Override
  public void oneWayDropped(String protocol) {
    guard(() -> observer.oneWayDropped(protocol));
  }

  @Override
  public void messageIgnored(String protocol, String why) {
    guard(() -> observer.messageIgnored(protocol, why));
  }

  @Override
  public void limitReached(String limit) {
    guard(() -> observer.limitReached(limit));
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

  @Override
  public String toString() {
    return observer.toString();
  }
}
