// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Timer;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One publish: a {@link Parcel} for each subscription without a queue and for each queue group. It
 * ends when all of them have, at its deadline at the latest. Touched on the broker's context only,
 * but for its final fields.
 */
final class OpenPublish {

  /** More failures of single subscriptions are only counted. */
  private static final int MOST_FAILURES = 16;

  private final String topic;
  private final Buffer payload;
  private final @Nullable String onlyQueue;
  private final boolean idempotent;
  private final long deadlineNanos;

  private final List<Parcel> parcels = new ArrayList<>();
  private final List<RpcException> failures = new ArrayList<>();
  private int open;
  private int taken;
  private int failed;
  private boolean over;
  private @Nullable GrpcStatus givenUp;
  private @Nullable Timer timer;
  private @Nullable Consumer<@Nullable RpcException> ended;

  /**
   * Makes a publish that has not begun.
   *
   * @param topic what subscriptions are found by
   * @param payload what is sent
   * @param onlyQueue the only group that is to get the event, and must; null: all subscriptions
   * @param idempotent whether a group may get the event twice
   * @param deadlineNanos when it ends at the latest
   */
  OpenPublish(
      String topic,
      Buffer payload,
      @Nullable String onlyQueue,
      boolean idempotent,
      long deadlineNanos) {
    this.topic = topic;
    this.payload = payload;
    this.onlyQueue = onlyQueue;
    this.idempotent = idempotent;
    this.deadlineNanos = deadlineNanos;
  }

  /**
   * Begins it.
   *
   * @param timer what ends it at its deadline
   * @param ended told once what has failed, null if nothing has
   */
  void start(Timer timer, Consumer<@Nullable RpcException> ended) {
    this.timer = timer;
    this.ended = ended;
  }

  String topic() {
    return topic;
  }

  Buffer payload() {
    return payload;
  }

  boolean isIdempotent() {
    return idempotent;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  boolean isOver() {
    return over;
  }

  /** Tells whether its time has ended, or the broker: nothing is tried again. */
  boolean isGivenUp() {
    return givenUp != null;
  }

  /** Goes to whom the registry lists. */
  void address(Outbox outbox, Subscribers subscribers) {
    Subscribers.Topic to = subscribers.topic(topic);
    if (onlyQueue == null) {
      to.broadcast().forEach(target -> parcels.add(new NodeParcel(outbox, this, target)));
    }
    to.queues()
        .forEach(
            (queue, members) -> {
              if (onlyQueue == null || onlyQueue.equals(queue)) {
                parcels.add(new GroupParcel(outbox, this, queue));
              }
            });
    open = parcels.size();
    if (open == 0) {
      end();
    } else {
      List.copyOf(parcels).forEach(Parcel::start);
    }
  }

  void onTaken() {
    taken++;
    onParcel();
  }

  void onGone() {
    onParcel();
  }

  void onFailed(RpcException failure) {
    failed++;
    if (failures.size() < MOST_FAILURES) {
      failures.add(failure);
    }
    onParcel();
  }

  private void onParcel() {
    open--;
    if (open == 0) {
      end();
    }
  }

  /** Ends all that is open. */
  void giveUp(GrpcStatus status, String why) {
    if (over) {
      return;
    }
    givenUp = status;
    if (parcels.isEmpty()) {
      failures.add(failure(status, why + " before the registry has answered").build());
      failed++;
      end();
    } else {
      List.copyOf(parcels).forEach(parcel -> parcel.giveUp(status, why));
    }
  }

  /** Ends with what failed before it was known who is to get the event. */
  void fail(RpcException failure) {
    failures.add(failure);
    failed++;
    end();
  }

  private void end() {
    if (over) {
      return;
    }
    over = true;
    if (timer != null) {
      timer.cancel();
    }
    if (ended != null) {
      ended.accept(outcome());
    }
  }

  private @Nullable RpcException outcome() {
    if (failures.isEmpty()) {
      return onlyQueue != null && taken == 0
          ? failure(GrpcStatus.UNAVAILABLE, "no other member of queue " + onlyQueue).build()
          : null;
    }
    RpcException first = failures.get(0);
    if (failed == 1 && parcels.size() <= 1) {
      return first;
    }
    boolean alike = failures.stream().allMatch(f -> f.grpcStatus() == first.grpcStatus());
    GrpcStatus status = alike ? first.grpcStatus() : GrpcStatus.UNAVAILABLE;
    String detail =
        "%d of %d subscriptions and queues have not taken the event, one of them: %s"
            .formatted(failed, parcels.size(), first.detail());
    return failure(status, detail).processed(processed()).cause(first).suppressed(rest()).build();
  }

  private List<RpcException> rest() {
    return List.copyOf(failures.subList(1, failures.size()));
  }

  /** Whether sending it again might give it to somebody twice. */
  private Processed processed() {
    if (taken > 0) {
      return Processed.UNKNOWN;
    }
    Processed worst = Processed.NOT_SENT;
    for (RpcException failure : failures) {
      worst = failure.processed().compareTo(worst) > 0 ? failure.processed() : worst;
    }
    return worst;
  }

  RpcException.Builder failure(GrpcStatus status, String why) {
    return RpcException.client(status, "http: " + why).target(topic, "");
  }
}
