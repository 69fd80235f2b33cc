// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.shareddata.Shareable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the memory brokers of one process, or of one test, share: the topics and who subscribes.
 *
 * <p>Publishers and subscribers live on different contexts, and a publish that refuses must see the
 * queues of all its subscribers at one instant. So one lock guards everything that is mutable here,
 * in {@link MemoryBroker}, {@link MemorySubscription} and {@link MemoryEvent}. It is held for a few
 * moves of references and never while foreign code runs: what must run then (handlers, timers,
 * promises) is handed to {@link #afterwards} and runs in {@link #unlock}, once the lock is free.
 */
final class MemoryTopics implements Shareable {

  private static final Logger LOG = System.getLogger(MemoryTopics.class.getName());

  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Map<String, MemoryTopic> byName = new HashMap<>();
  private List<Runnable> afterwards = new ArrayList<>();

  void lock() {
    lock.lock();
  }

  /** Runs {@code task} when the lock is free. Called with the lock. */
  void afterwards(Runnable task) {
    afterwards.add(task);
  }

  void unlock() {
    if (lock.getHoldCount() > 1 || afterwards.isEmpty()) {
      lock.unlock();
      return;
    }
    List<Runnable> tasks = afterwards;
    afterwards = new ArrayList<>();
    lock.unlock();
    for (Runnable task : tasks) {
      try {
        task.run();
      } catch (RejectedExecutionException gone) {
        LOG.log(Level.WARNING, "memory broker: the context of a subscriber is gone", gone);
      }
    }
  }

  /** Called with the lock. */
  void add(MemorySubscription subscription) {
    byName.computeIfAbsent(subscription.topic(), name -> new MemoryTopic()).add(subscription);
  }

  /** Called with the lock. */
  void remove(MemorySubscription subscription) {
    MemoryTopic topic = byName.get(subscription.topic());
    if (topic != null && topic.remove(subscription)) {
      byName.remove(subscription.topic());
    }
  }

  /** Gives the event to all, or to none and says why. Called with the lock. */
  @Nullable RpcException publish(String topic, Message message) {
    MemoryTopic found = byName.get(topic);
    if (found == null) {
      return null;
    }
    List<MemorySubscription> targets = found.targets();
    for (MemorySubscription target : targets) {
      if (target.refuses()) {
        return target.refusal();
      }
    }
    Parcel parcel = new Parcel(message, 1);
    for (MemorySubscription target : targets) {
      target.offer(parcel);
    }
    return null;
  }

  /**
   * Returns the member of the group whose turn it is among those with room, or null if there is
   * none. Called with the lock.
   */
  @Nullable MemorySubscription withRoom(String topic, @Nullable String queue) {
    MemoryTopic found = byName.get(topic);
    return found == null || queue == null ? null : found.withRoom(queue);
  }
}
