// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One script as it is played on one stream. Event loop only. */
final class Playback {
  private final ScriptedStream stream;
  private final Deque<Step> rest = new ArrayDeque<>();
  private final CompletableFuture<Void> end;

  /**
   * Starts at the first step.
   *
   * @param end completed when the last step has been played, failed when it never will be
   */
  Playback(ScriptedStream stream, Step script, CompletableFuture<Void> end) {
    this.stream = stream;
    this.end = end;
    rest.add(script);
  }

  /** Plays as far as possible now; returns whether the script is at its end. */
  boolean advance() {
    while (stream.flushed()) {
      Step step = rest.peekFirst();
      if (step == null) {
        end.complete(null);
        return true;
      }
      if (step instanceof Step.Until wait && !wait.condition().test(stream)) {
        return false;
      }
      rest.removeFirst();
      if (step instanceof Step.Act now) {
        now.act().accept(stream);
      } else if (step instanceof Step.All several) {
        prepend(several.steps());
      }
    }
    return false;
  }

  private void prepend(List<Step> steps) {
    for (int i = steps.size() - 1; i >= 0; i--) {
      rest.addFirst(steps.get(i));
    }
  }

  void abandon(String why) {
    end.completeExceptionally(new IllegalStateException(why + "; not played: " + rest));
  }
}
