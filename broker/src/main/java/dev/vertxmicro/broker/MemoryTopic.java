// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The subscribers of one topic. All methods are called with the lock of the {@link Monitor}. */
final class MemoryTopic {

  private final List<LocalSubscription> singles = new ArrayList<>();
  private final Map<String, Group> groups = new LinkedHashMap<>();

  void add(LocalSubscription subscription) {
    String queue = subscription.queue();
    if (queue == null) {
      singles.add(subscription);
    } else {
      groups.computeIfAbsent(queue, name -> new Group()).members.add(subscription);
    }
  }

  /** Removes a subscription; tells whether nobody is left. */
  boolean remove(LocalSubscription subscription) {
    String queue = subscription.queue();
    Group group = queue == null ? null : groups.get(queue);
    if (group == null) {
      singles.remove(subscription);
    } else {
      group.members.remove(subscription);
      if (group.members.isEmpty()) {
        groups.remove(queue);
      }
    }
    return singles.isEmpty() && groups.isEmpty();
  }

  /** Returns who gets the next event: every single subscription and one of each group. */
  List<LocalSubscription> targets() {
    List<LocalSubscription> targets = new ArrayList<>(singles.size() + groups.size());
    targets.addAll(singles);
    for (Group group : groups.values()) {
      LocalSubscription next = group.withRoom();
      // All are full: the one whose turn it is applies its own rule.
      targets.add(next != null ? next : group.next());
    }
    return targets;
  }

  @Nullable LocalSubscription withRoom(String queue) {
    Group group = groups.get(queue);
    return group == null ? null : group.withRoom();
  }

  private static final class Group {
    private final List<LocalSubscription> members = new ArrayList<>();
    private int turns;

    /** Returns the member whose turn it is, whatever came and went. */
    private LocalSubscription next() {
      return members.get(Math.floorMod(turns++, members.size()));
    }

    /** Round robin over the members with room. */
    private @Nullable LocalSubscription withRoom() {
      for (int tried = 0; tried < members.size(); tried++) {
        LocalSubscription member = next();
        if (member.hasRoom()) {
          return member;
        }
      }
      return null;
    }
  }
}
