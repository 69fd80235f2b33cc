// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what a transport holds, and the most it held. */
public final class CountingObserver implements TransportObserver {

  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger mostConnections = new AtomicInteger();
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger streams = new AtomicInteger();
  private final AtomicInteger streamsOpened = new AtomicInteger();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicInteger dropped = new AtomicInteger();
  private final Map<String, AtomicInteger> ignored = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> limits = new ConcurrentHashMap<>();

  /** Starts at zero. */
  public CountingObserver() {}

  /** Returns how many connections stand. */
  public int connections() {
    return connections.get();
  }

  /** Returns the most connections that stood at one time. */
  public int mostConnections() {
    return mostConnections.get();
  }

  /** Returns how many connections have ever stood. */
  public int connectionsOpened() {
    return opened.get();
  }

  /** Returns how many streams are open. */
  public int streams() {
    return streams.get();
  }

  /** Returns how many streams have ever been opened. */
  public int streamsOpened() {
    return streamsOpened.get();
  }

  /** Returns how many exchanges wait. */
  public int queued() {
    return queued.get();
  }

  /** Returns how many one-way requests were taken and could not be written. */
  public int droppedOneWay() {
    return dropped.get();
  }

  /** Returns how many messages were passed over for that reason. */
  public int ignoredMessages(String why) {
    return times(ignored, why);
  }

  /** Returns how often that limit was hit. */
  public int limitReachedTimes(String limit) {
    return times(limits, limit);
  }

  private static int times(Map<String, AtomicInteger> counts, String name) {
    AtomicInteger times = counts.get(name);
    return times == null ? 0 : times.get();
  }

  @Override
  public void connectionOpened(String protocol, String address) {
    mostConnections.accumulateAndGet(connections.incrementAndGet(), Math::max);
    opened.incrementAndGet();
  }

  @Override
  public void connectionClosed(String protocol, String address) {
    connections.decrementAndGet();
  }

  @Override
  public void streamOpened(String protocol) {
    streams.incrementAndGet();
    streamsOpened.incrementAndGet();
  }

  @Override
  public void streamClosed(String protocol) {
    streams.decrementAndGet();
  }

  @Override
  public void queued(String protocol) {
    queued.incrementAndGet();
  }

  @Override
  public void dequeued(String protocol) {
    queued.decrementAndGet();
  }

  @Override
  public void oneWayDropped(String protocol) {
    dropped.incrementAndGet();
  }

  @Override
  public void messageIgnored(String protocol, String why) {
    ignored.computeIfAbsent(why, name -> new AtomicInteger()).incrementAndGet();
  }

  @Override
  public void limitReached(String limit) {
    limits.computeIfAbsent(limit, name -> new AtomicInteger()).incrementAndGet();
  }

  /** Returns what is held, for messages of assertions. */
  @Override
  public String toString() {
    return "connections=" + connections + ", streams=" + streams + ", queued=" + queued;
  }
}
