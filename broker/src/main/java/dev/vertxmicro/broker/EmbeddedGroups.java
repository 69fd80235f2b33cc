// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import io.vertx.core.Future;
import io.vertx.core.shareddata.Shareable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The groups of one Vert.x instance that is not clustered: always known, and exact. */
final class EmbeddedGroups implements EventGroups, Shareable {

  /** An immutable snapshot, so that {@link #known} takes no lock. */
  private record Members(Map<String, List<Member>> byQueue) implements Found {

    static final Members NONE = new Members(Map.of());

    @Override
    public Collection<List<Member>> groups() {
      return byQueue.values();
    }

    /** Whoever stops listening has left before. */
    @Override
    public void gone(Member member) {}
  }

  private final Map<String, Members> byTopic = new ConcurrentHashMap<>();

  @Override
  public Found known(String topic) {
    return byTopic.getOrDefault(topic, Members.NONE);
  }

  @Override
  public Future<Found> look(String topic) {
    return Future.succeededFuture(known(topic));
  }

  @Override
  public Future<Void> join(String topic, Member member) {
    return change(topic, member.queue(), members -> members.add(member));
  }

  @Override
  public Future<Void> leave(String topic, Member member) {
    return change(topic, member.queue(), members -> members.remove(member));
  }

  @Override
  public Future<Void> outlastReads() {
    return Future.succeededFuture();
  }

  private Future<Void> change(String topic, String queue, Consumer<List<Member>> change) {
    byTopic.compute(
        topic,
        (name, before) -> {
          Map<String, List<Member>> byQueue =
              new TreeMap<>(before == null ? Map.of() : before.byQueue);
          List<Member> members = new ArrayList<>(byQueue.getOrDefault(queue, List.of()));
          change.accept(members);
          if (members.isEmpty()) {
            byQueue.remove(queue);
          } else {
            byQueue.put(queue, List.copyOf(members));
          }
          return byQueue.isEmpty() ? null : new Members(byQueue);
        });
    return Future.succeededFuture();
  }
}
