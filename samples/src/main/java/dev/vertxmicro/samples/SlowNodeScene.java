// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.runtime.CallOption;
import io.vertx.core.Future;
import java.time.Duration;

/** Makes greeter-3 slow; calls that meet it ask another node as well. */
final class SlowNodeScene implements Scene {

  private static final int CALLS = 24;
  private static final Duration PACE = Duration.ofSeconds(30);
  private static final Duration HEDGE = Duration.ofMillis(50);

  @Override
  public String title() {
    return "A node is slow, and no call waits for it: a hedge beats it";
  }

  @Override
  public Future<Void> play(Stage stage) {
    Greeter slow = stage.greeters().get(2);
    Future<Void> busy = slow.slowDown(PACE);
    stage.say("%s takes %d s for an answer from now on".formatted(slow.id(), PACE.toSeconds()));
    return stage
        .hellos(CALLS, CallOption.idempotent(), CallOption.hedge(HEDGE))
        .compose(
            all -> {
              all.checkAllAnswered(CALLS);
              Check.that(all.by(slow) == 0, "no answer of " + slow.id(), all.by(slow));
              Check.that(all.sentAgain() > 0, "calls that hedged", all.sentAgain());
              stage.say(
                  "%d of %d calls answered, all by others; %d had asked a second node after %d ms"
                      .formatted(all.replies().size(), CALLS, all.sentAgain(), HEDGE.toMillis()));
              return busy;
            })
        // Nothing but the client's cancel ends the work of the slow node in time.
        .compose(called -> slow.speedUp())
        .onSuccess(
            idle ->
                stage.say("%s was told to stop, and works on none of them".formatted(slow.id())));
  }
}
