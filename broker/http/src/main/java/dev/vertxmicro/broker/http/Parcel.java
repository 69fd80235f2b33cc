// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import org.jspecify.annotations.Nullable;

/**
 * The event of one {@link OpenPublish} on its way to one subscription or queue group. It is in one
 * {@link Lane} at a time, or waits to be tried again. Touched on the broker's context only.
 */
abstract class Parcel {

  private final Outbox outbox;
  private final OpenPublish publish;
  private boolean over;
  private boolean left;
  private int reserved;
  private Poster.@Nullable Sent underWay;
  private @Nullable Answer refusal;

  Parcel(Outbox outbox, OpenPublish publish) {
    this.outbox = outbox;
    this.publish = publish;
  }

  final Outbox outbox() {
    return outbox;
  }

  final OpenPublish publish() {
    return publish;
  }

  final boolean isOver() {
    return over;
  }

  /** Puts it into its first lane. */
  abstract void start();

  /** Takes what became of it in {@code lane}, which does not have it any more. */
  final void onAnswer(Lane lane, Answer answer) {
    underWay = null;
    if (over) {
      return;
    }
    switch (answer.kind()) {
      case TAKEN -> taken();
      case GONE -> onGone(lane);
      case FULL, UNREACHED -> {
        refusal = answer;
        if (publish.isGivenUp()) {
          failed(answer.why());
        } else {
          onRefusal(lane, answer);
        }
      }
      case REFUSED -> failed(answer.why());
      case UNKNOWN -> {
        left = true;
        onUnknown(lane, answer);
      }
    }
  }

  /** The subscription has gone. */
  abstract void onGone(Lane lane);

  /** The subscription has not got it, but may later. */
  abstract void onRefusal(Lane lane, Answer answer);

  /** The subscription may have got it. */
  void onUnknown(Lane lane, Answer answer) {
    failed(answer.why());
  }

  final void sent(Poster.Sent sent) {
    underWay = sent;
  }

  /** Makes sure that there is room for it to wait; tells whether there is. */
  final boolean reserve() {
    if (reserved == 0) {
      int size = Math.max(1, publish.payload().length());
      reserved = outbox.reserve(size) ? size : 0;
    }
    return reserved > 0;
  }

  /** Ends it where it is. */
  final void giveUp(GrpcStatus status, String why) {
    if (over) {
      return;
    }
    if (underWay != null) {
      underWay.cancel(status, why);
    }
    if (!over) {
      Answer last = refusal;
      RpcException.Builder failure =
          publish.failure(status, last == null ? why : why + ": " + last.why().detail());
      failed(failure.processed(last == null ? Processed.NOT_SENT : last.why().processed()).build());
    }
  }

  final void taken() {
    end();
    publish.onTaken();
  }

  final void gone() {
    end();
    publish.onGone();
  }

  final void failed(RpcException failure) {
    end();
    boolean says = failure.processed().compareTo(Processed.UNKNOWN) >= 0;
    publish.onFailed(
        left && !says ? failure.toBuilder().processed(Processed.UNKNOWN).build() : failure);
  }

  private void end() {
    over = true;
    if (reserved > 0) {
      outbox.unreserve(reserved);
      reserved = 0;
    }
  }
}
