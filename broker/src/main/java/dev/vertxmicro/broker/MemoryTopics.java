// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import io.vertx.core.shareddata.Shareable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the memory brokers of one process, or of one test, share: the topics and who subscribes.
 *
 * <p>Publishers and subscribers live on different contexts, and a publish that refuses must see the
 * queues of all its subscribers at one instant. So one {@link Monitor} guards everything that is
 * mutable here, in {@link MemoryBroker} and in the {@link LocalSubscription}s made by it.
 */
final class MemoryTopics implements Shareable {

  private final Monitor monitor = new Monitor();

  // Guarded by the monitor.
  private final Map<String, MemoryTopic> byName = new HashMap<>();

  Monitor monitor() {
    return monitor;
  }

  /** Called with the lock. */
  void add(LocalSubscription subscription) {
    byName.computeIfAbsent(subscription.topic(), name -> new MemoryTopic()).add(subscription);
  }

  /** Called with the lock. */
  void remove(LocalSubscription subscription) {
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
    List<LocalSubscription> targets = found.targets();
    for (LocalSubscription target : targets) {
      if (target.refuses()) {
        return target.refusal();
      }
    }
    Delivery delivery = new Delivery(message, 1);
    for (LocalSubscription target : targets) {
      target.offer(delivery);
    }
    return null;
  }

  /**
   * Returns the member of the group whose turn it is among those with room, or null if there is
   * none. Called with the lock.
   */
  @Nullable LocalSubscription withRoom(String topic, @Nullable String queue) {
    MemoryTopic found = byName.get(topic);
    return found == null || queue == null ? null : found.withRoom(queue);
  }
}
