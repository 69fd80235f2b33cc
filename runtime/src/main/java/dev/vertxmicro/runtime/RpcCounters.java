// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.retry.CallInfo;
import dev.vertxmicro.selector.EjectionCause;
import dev.vertxmicro.selector.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a client does and holds. After the client has closed, every {@code open} count is 0:
 * that is how leaks show. May be read from any thread; exact when nothing runs.
 */
public final class RpcCounters implements RpcObserver {

  private static final int MOST_LIMITS = 100;

  private final LongAdder calls = new LongAdder();
  private final LongAdder openCalls = new LongAdder();
  private final LongAdder failedCalls = new LongAdder();
  private final LongAdder attempts = new LongAdder();
  private final LongAdder openAttempts = new LongAdder();
  private final LongAdder failedAttempts = new LongAdder();
  private final LongAdder publishes = new LongAdder();
  private final LongAdder openPublishes = new LongAdder();
  private final LongAdder failedPublishes = new LongAdder();
  private final LongAdder picks = new LongAdder();
  private final LongAdder openLeases = new LongAdder();
  private final LongAdder callStreams = new LongAdder();
  private final LongAdder openCallStreams = new LongAdder();
  private final LongAdder openTimers = new LongAdder();
  private final LongAdder openStreams = new LongAdder();
  private final LongAdder openConnections = new LongAdder();
  private final LongAdder connections = new LongAdder();
  private final LongAdder queued = new LongAdder();
  private final LongAdder droppedOneWay = new LongAdder();
  private final LongAdder ignoredMessages = new LongAdder();
  private final LongAdder ejections = new LongAdder();
  private final LongAdder readmissions = new LongAdder();
  private final LongAdder probes = new LongAdder();
  private final LongAdder failedLookUps = new LongAdder();
  private final LongAdder staleServices = new LongAdder();
  private final LongAdder unconfirmedNodes = new LongAdder();
  private final Map<String, LongAdder> limits = new ConcurrentHashMap<>();

  /** Makes counters that stand at 0. */
  public RpcCounters() {}

  /** Returns how many calls were started. */
  public long calls() {
    return calls.sum();
  }

  /** Returns how many calls have not ended. */
  public long openCalls() {
    return openCalls.sum();
  }

  /** Returns how many calls failed. */
  public long failedCalls() {
    return failedCalls.sum();
  }

  /** Returns how many attempts got a node; retries and hedges are what exceeds {@link #calls()}. */
  public long attempts() {
    return attempts.sum();
  }

  /** Returns how many attempts have not ended. */
  public long openAttempts() {
    return openAttempts.sum();
  }

  /** Returns how many attempts failed. */
  public long failedAttempts() {
    return failedAttempts.sum();
  }

  /** Returns how many publishes were started. */
  public long publishes() {
    return publishes.sum();
  }

  /** Returns how many publishes have not ended. */
  public long openPublishes() {
    return openPublishes.sum();
  }

  /** Returns how many publishes failed. */
  public long failedPublishes() {
    return failedPublishes.sum();
  }

  /** Returns how many nodes were picked. */
  public long picks() {
    return picks.sum();
  }

  /** Returns how many picks have not been given back. */
  public long openLeases() {
    return openLeases.sum();
  }

  /** Returns how many streams of callers were opened: their response head came. */
  public long callStreams() {
    return callStreams.sum();
  }

  /** Returns how many streams of callers are open. */
  public long openCallStreams() {
    return openCallStreams.sum();
  }

  /** Returns how many timers are armed. */
  public long openTimers() {
    return openTimers.sum();
  }

  /** Returns how many streams are open on connections, those of calls among them. */
  public long openStreams() {
    return openStreams.sum();
  }

  /** Returns how many connections are open. */
  public long openConnections() {
    return openConnections.sum();
  }

  /** Returns how many connections were opened. */
  public long connections() {
    return connections.sum();
  }

  /** Returns how many exchanges wait for a connection or a stream. */
  public long queued() {
    return queued.sum();
  }

  /** Returns how often a look-up in the registry failed. */
  public long failedLookUps() {
    return failedLookUps.sum();
  }

  /** Returns of how many services the last known nodes are served while the registry fails. */
  public long staleServices() {
    return staleServices.sum();
  }

  /** Returns how many nodes are served that the registry's last answer lacked. */
  public long unconfirmedNodes() {
    return unconfirmedNodes.sum();
  }

  /** Returns how often each limit was hit, by name. */
  public Map<String, Long> limits() {
    Map<String, Long> counts = new TreeMap<>();
    limits.forEach((limit, count) -> counts.put(limit, count.sum()));
    return counts;
  }

  @Override
  public void callStarted(CallInfo call) {
    calls.increment();
    openCalls.increment();
  }

  @Override
  public void callEnded(CallInfo call, @Nullable RpcException failure, int started) {
    openCalls.decrement();
    if (failure != null) {
      failedCalls.increment();
    }
  }

  @Override
  public void attemptStarted(CallInfo call, int number, Node node) {
    attempts.increment();
    openAttempts.increment();
  }

  @Override
  public void attemptEnded(CallInfo call, int number, Node node, @Nullable RpcException failure) {
    openAttempts.decrement();
    if (failure != null) {
      failedAttempts.increment();
    }
  }

  @Override
  public void publishStarted(String topic) {
    publishes.increment();
    openPublishes.increment();
  }

  @Override
  public void publishEnded(String topic, @Nullable RpcException failure, int tried) {
    openPublishes.decrement();
    if (failure != null) {
      failedPublishes.increment();
    }
  }

  @Override
  public void streamOpened(CallInfo call, Node node) {
    callStreams.increment();
    openCallStreams.increment();
  }

  @Override
  public void streamEnded(CallInfo call, Node node, @Nullable RpcException failure) {
    openCallStreams.decrement();
  }

  @Override
  public void picked(CallInfo call, Node node) {
    picks.increment();
    openLeases.increment();
  }

  @Override
  public void released(CallInfo call, Node node) {
    openLeases.decrement();
  }

  @Override
  public void timerArmed() {
    openTimers.increment();
  }

  @Override
  public void timerEnded() {
    openTimers.decrement();
  }

  @Override
  public void connectionOpened(String protocol, String address) {
    connections.increment();
    openConnections.increment();
  }

  @Override
  public void connectionClosed(String protocol, String address) {
    openConnections.decrement();
  }

  @Override
  public void streamOpened(String protocol) {
    openStreams.increment();
  }

  @Override
  public void streamClosed(String protocol) {
    openStreams.decrement();
  }

  @Override
  public void queued(String protocol) {
    queued.increment();
  }

  @Override
  public void dequeued(String protocol) {
    queued.decrement();
  }

  /** Returns how many one-way requests a transport had taken and could not write. */
  public long droppedOneWay() {
    return droppedOneWay.sum();
  }

  @Override
  public void oneWayDropped(String protocol) {
    droppedOneWay.increment();
  }

  /** Returns how many messages of peers were passed over. */
  public long ignoredMessages() {
    return ignoredMessages.sum();
  }

  @Override
  public void messageIgnored(String protocol, String why) {
    ignoredMessages.increment();
  }

  /** Returns how often a node was ejected, first or again. */
  public long ejections() {
    return ejections.sum();
  }

  /** Returns how often a node was taken back. */
  public long readmissions() {
    return readmissions.sum();
  }

  /** Returns how many probes of ejected nodes have ended. */
  public long probes() {
    return probes.sum();
  }

  @Override
  public void ejected(String service, Node node, EjectionCause cause, Duration time) {
    ejections.increment();
  }

  @Override
  public void readmitted(String service, Node node) {
    readmissions.increment();
  }

  @Override
  public void probed(String service, Node node, Outcome.Kind result) {
    probes.increment();
  }

  @Override
  public void lookUpFailed(String service, RpcException failure) {
    failedLookUps.increment();
  }

  @Override
  public void serviceBecameStale(String service, Duration age) {
    staleServices.increment();
  }

  @Override
  public void serviceBecameFresh(String service, Duration age) {
    staleServices.decrement();
  }

  @Override
  public void serviceGivenUp(String service, Duration age) {
    staleServices.decrement();
  }

  @Override
  public void nodesUnconfirmed(String service, int before, int now) {
    unconfirmedNodes.add(now - before);
  }

  @Override
  public void limitReached(String limit) {
    if (limits.size() < MOST_LIMITS || limits.containsKey(limit)) {
      limits.computeIfAbsent(limit, fresh -> new LongAdder()).increment();
    }
  }

  @Override
  public String toString() {
    return ("RpcCounters[calls=%d, failed=%d, attempts=%d, publishes=%d, failed=%d, picks=%d,"
            + " open: calls=%d attempts=%d publishes=%d"
            + " leases=%d timers=%d streams=%d connections=%d, queued=%d,"
            + " look-ups failed=%d, services stale=%d, nodes unconfirmed=%d, limits=%s]")
        .formatted(
            calls(),
            failedCalls(),
            attempts(),
            publishes(),
            failedPublishes(),
            picks(),
            openCalls(),
            openAttempts(),
            openPublishes(),
            openLeases(),
            openTimers(),
            openStreams(),
            openConnections(),
            queued(),
            failedLookUps(),
            staleServices(),
            unconfirmedNodes(),
            limits());
  }
}
