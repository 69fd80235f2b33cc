// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the registry says of all subscriptions, by topic. Immutable once it is made. */
final class Subscribers {

  /** Nobody subscribes to anything. */
  static final Subscribers NONE = new Subscribers();

  private static final Topic NOBODY = new Topic();

  /** The subscriptions to one topic. */
  static final class Topic {
    private final List<Target> broadcast = new ArrayList<>();
    private final Map<String, List<Target>> queues = new LinkedHashMap<>();

    /** Returns those without a queue, not to be changed. */
    List<Target> broadcast() {
      return broadcast;
    }

    /** Returns the members of each queue group, not to be changed. */
    Map<String, List<Target>> queues() {
      return queues;
    }
  }

  private final Map<String, Topic> topics = new HashMap<>();
  private final Map<String, Target> targets = new HashMap<>();

  private Subscribers() {}

  /**
   * Reads an answer of a registry. Nodes of other brokers are passed over, and so are those without
   * a usable address, which a person is told of.
   *
   * @param listed what the registry has answered
   * @param own what it may not know yet
   */
  static Subscribers of(List<Service> listed, Collection<Service> own, Complaints complaints) {
    Subscribers subscribers = new Subscribers();
    subscribers.addAll(listed, complaints);
    subscribers.addAll(own, complaints);
    return subscribers;
  }

  private void addAll(Collection<Service> services, Complaints complaints) {
    for (Service service : services) {
      for (Node node : service.nodes()) {
        String topic = GoMicroNode.topic(node);
        if (topic != null && !targets.containsKey(node.id())) {
          add(topic, service.version(), node, complaints);
        }
      }
    }
  }

  private void add(String name, String version, Node node, Complaints complaints) {
    Target target;
    try {
      target = Target.of(node);
    } catch (IllegalArgumentException unusable) {
      complaints.about("subscription " + node.id(), unusable.getMessage() + ", passed over");
      return;
    }
    targets.put(target.id(), target);
    Topic topic = topics.computeIfAbsent(name, key -> new Topic());
    List<Target> among =
        version.equals(GoMicroNode.BROADCAST)
            ? topic.broadcast
            : topic.queues.computeIfAbsent(version, key -> new ArrayList<>());
    among.add(target);
  }

  Topic topic(String name) {
    return topics.getOrDefault(name, NOBODY);
  }

  /** Returns where a node is now; null if it is not listed. */
  @Nullable Target target(String id) {
    return targets.get(id);
  }
}
