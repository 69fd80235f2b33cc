// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import java.time.Duration;
import java.util.Objects;

/**
 * The pools of one transport whose connections carry one exchange at a time: what they are bounded
 * by, and what event loops share about nodes. May be used from any thread.
 *
 * @param <P> what holds the connections of one event loop to one node
 */
public final class ExclusivePools<P extends ExclusivePool<?, ?, P>> {

  private final String protocol;
  private final TimeSource time;
  private final TransportObserver observer;
  private final int maxQueued;
  private final Duration idleTimeout;
  private final PerNode<ExclusiveNode<P>> nodes = new PerNode<>(ExclusiveNode::new);
  private volatile PoolLimits limits;
  private volatile long ttlNanos;

  /**
   * What does not change.
   *
   * @param maxQueued the most exchanges that wait for a connection to one node, at least 1
   * @param idleTimeout after how long an unused connection is closed, more than zero
   */
  public record Bounds(int maxQueued, Duration idleTimeout) {}

  /**
   * Starts empty.
   *
   * @param protocol as the observer is told
   * @param limits the first ones
   */
  public ExclusivePools(
      String protocol,
      TimeSource time,
      TransportObserver observer,
      Bounds bounds,
      PoolLimits limits) {
    this.protocol = protocol;
    this.time = Objects.requireNonNull(time, "time");
    this.observer = Objects.requireNonNull(observer, "observer");
    this.maxQueued = bounds.maxQueued;
    this.idleTimeout = bounds.idleTimeout;
    this.limits = Objects.requireNonNull(limits, "limits");
    this.ttlNanos = Nanos.of(limits.ttl());
  }

  /** Changes the bounds of all pools; their loops then apply them. */
  public void setLimits(PoolLimits changed) {
    limits = Objects.requireNonNull(changed, "limits");
    ttlNanos = Nanos.of(changed.ttl());
  }

  /** Returns the bounds that hold now. */
  public PoolLimits limits() {
    return limits;
  }

  /** Returns who sees connections, exchanges and queues. */
  public TransportObserver observer() {
    return observer;
  }

  String protocol() {
    return protocol;
  }

  TimeSource time() {
    return time;
  }

  int maxQueued() {
    return maxQueued;
  }

  long ttlNanos() {
    return ttlNanos;
  }

  Duration idleTimeout() {
    return idleTimeout;
  }

  PerNode<ExclusiveNode<P>> nodes() {
    return nodes;
  }
}
