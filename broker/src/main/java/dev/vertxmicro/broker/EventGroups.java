// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which queue groups a topic has, and their members: what a publisher on the event bus must know,
 * since each member is an address of its own. May be used from any thread.
 */
interface EventGroups {

  /**
   * A member of a queue group.
   *
   * @param queue the queue
   * @param id tells it from all others of the cluster, for good
   */
  record Member(String queue, String id) {}

  /** The groups of a topic at some instant. */
  interface Found {

    /** Returns the members of each group. */
    Collection<List<Member>> groups();

    /** Tells that nobody listens for this member any more, as far as the event bus knows. */
    void gone(Member member);
  }

  /** Returns the groups if they are known at once, or null. */
  @Nullable Found known(String topic);

  /** Looks the groups up. */
  Future<Found> look(String topic);

  /**
   * Says that there is one more member. Completes when every publisher of the cluster knows of it.
   * Called when it listens.
   */
  Future<Void> join(String topic, Member member);

  /** Completes when the publishers of the cluster have had time to hear who listens to a topic. */
  Future<Void> outlastReads();

  /**
   * Says that a member leaves. Completes when no publisher of the cluster counts on it any more; it
   * listens until then.
   */
  Future<Void> leave(String topic, Member member);
}
