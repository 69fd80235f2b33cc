// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * For one member of a queue group: one at random, as go-micro does, then the others as long as none
 * can have it; then all of them again, after a wait.
 */
final class GroupParcel extends Parcel {

  private final String queue;
  private final Set<String> tried = new HashSet<>();
  private @Nullable Answer refusal;
  private boolean hopeless = true;
  private int rounds;

  GroupParcel(Outbox outbox, OpenPublish publish, String queue) {
    super(outbox, publish);
    this.queue = queue;
  }

  @Override
  void start() {
    next();
  }

  private void next() {
    List<Target> members =
        outbox().subscribers().topic(publish().topic()).queues().getOrDefault(queue, List.of());
    List<Target> left = new ArrayList<>(members.size());
    for (Target member : members) {
      if (tried.contains(member.id())) {
        continue;
      }
      Lane lane = outbox().lane(member);
      Answer standing = lane.standing();
      if (standing == null) {
        left.add(member);
      } else {
        note(lane, standing);
      }
    }
    if (!left.isEmpty()) {
      outbox().lane(left.get(outbox().random(left.size()))).add(this);
    } else if (refusal == null) {
      gone(); // Nobody is there any more.
    } else if (!hopeless && reserve()) {
      rest();
    } else {
      failed(refusal.why());
    }
  }

  /** Remembers why a member has not got it, and whether it may later. */
  private void note(Lane lane, Answer answer) {
    refusal = answer;
    hopeless &= lane.isGivenUp();
  }

  private void rest() {
    outbox().after(rounds++, this::again);
  }

  private void again() {
    if (!isOver()) {
      tried.clear();
      refusal = null;
      hopeless = true;
      next();
    }
  }

  @Override
  void onGone(Lane lane) {
    tried.add(lane.id());
    next();
  }

  @Override
  void onRefusal(Lane lane, Answer answer) {
    tried.add(lane.id());
    note(lane, answer);
    next();
  }

  @Override
  void onUnknown(Lane lane, Answer answer) {
    if (!publish().isIdempotent() || publish().isGivenUp()) {
      failed(answer.why());
      return;
    }
    tried.add(lane.id());
    refusal = answer;
    next();
  }
}
