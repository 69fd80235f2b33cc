// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker.http;

/** For a subscription without a queue: stays in its lane, so that the order is kept. */
final class NodeParcel extends Parcel {

  private final Target target;

  NodeParcel(Outbox outbox, OpenPublish publish, Target target) {
    super(outbox, publish);
    this.target = target;
  }

  @Override
  void start() {
    outbox().lane(target).add(this);
  }

  @Override
  void onGone(Lane lane) {
    gone();
  }

  @Override
  void onRefusal(Lane lane, Answer answer) {
    if (lane.isGivenUp() || !reserve()) {
      failed(answer.why());
    } else {
      lane.putBack(this);
    }
  }
}
