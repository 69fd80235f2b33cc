// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.BooleanSupplier;

/**
 * Keeps a number of calls under way until it is stopped or a call fails. Used on one context only.
 */
final class Load {

  private final Stage stage;
  private final int width;
  private final Promise<Void> ended = Promise.promise();
  private Promise<Void> reached = Promise.promise();
  private BooleanSupplier goal = () -> false;
  private boolean stopped;
  private int open;
  private long answered;
  private long failed;

  Load(Stage stage, int width) {
    this.stage = stage;
    this.width = width;
  }

  void start() {
    for (int i = 0; i < width; i++) {
      next();
    }
  }

  /** Looks after each reply whether {@code goal} is reached; fails if a call does. */
  Future<Void> until(BooleanSupplier goal) {
    this.goal = goal;
    this.reached = Promise.promise();
    return reached.future();
  }

  /** Starts no further call; completes when the last one has ended. */
  Future<Void> stop() {
    stopped = true;
    endIfIdle();
    return ended.future();
  }

  private void next() {
    open++;
    stage.hello("crowd").onSuccess(reply -> answered()).onFailure(this::failed);
  }

  private void answered() {
    open--;
    answered++;
    if (goal.getAsBoolean()) {
      reached.tryComplete();
    }
    if (!stopped) {
      next();
    }
    endIfIdle();
  }

  private void failed(Throwable failure) {
    open--;
    failed++;
    stopped = true;
    reached.tryFail(failure);
    endIfIdle();
  }

  private void endIfIdle() {
    if (stopped && open == 0) {
      ended.tryComplete();
    }
  }

  long answers() {
    return answered;
  }

  long failures() {
    return failed;
  }
}
