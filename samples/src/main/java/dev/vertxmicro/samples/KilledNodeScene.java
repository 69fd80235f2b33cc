// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.runtime.CallOption;
import io.vertx.core.Future;
import java.time.Duration;

/** Kills greeter-2 while it has calls in its hands, and lets the registry name it still. */
final class KilledNodeScene implements Scene {

  private static final int CALLS = 60;

  @Override
  public String title() {
    return "A node is killed with calls in its hands, and no call fails";
  }

  @Override
  public Future<Void> play(Stage stage) {
    Greeter victim = stage.greeters().get(1);
    // A second registration keeps the node listed when the dying server takes back its own: that
    // is all the registry knows after a power cut.
    return stage
        .registry()
        .register(victim.service(), RegisterOptions.FOR_EVER)
        .compose(
            listed ->
                killWhileCalled(stage, victim)
                    .compose(killed -> callWhileListed(stage, victim))
                    .eventually(() -> forget(stage, victim, listed)));
  }

  private Future<Void> killWhileCalled(Stage stage, Greeter victim) {
    Future<Void> busy = victim.slowDown(Duration.ofSeconds(30));
    Future<Answers> answers = stage.hellos(CALLS, CallOption.idempotent());
    return busy.compose(
            called -> {
              stage.say(
                  "%d idempotent calls are under way; %s, which takes its time, is killed"
                      .formatted(CALLS, victim.id()));
              return victim.kill();
            })
        .compose(killed -> answers)
        .map(
            all -> {
              all.checkAllAnswered(CALLS);
              Check.that(all.by(victim) == 0, "no answer of " + victim.id(), all.by(victim));
              Check.that(all.sentAgain() > 0, "calls that were sent again", all.sentAgain());
              stage.say(
                  "%d of %d calls answered; %d had been with %s and were sent again to other nodes"
                      .formatted(all.replies().size(), CALLS, all.sentAgain(), victim.id()));
              return null;
            });
  }

  private Future<Void> callWhileListed(Stage stage, Greeter victim) {
    // Not idempotent: a request that no server has seen may be sent again all the same.
    return stage
        .hellos(CALLS)
        .map(
            all -> {
              all.checkAllAnswered(CALLS);
              stage.say(
                  "The registry still lists %s: of %d more calls, not idempotent, %d were answered;"
                      .formatted(victim.id(), CALLS, all.replies().size()));
              stage.say(
                  "%d of them could not connect and went on at once".formatted(all.sentAgain()));
              return null;
            });
  }

  private Future<Void> forget(Stage stage, Greeter victim, Registration listed) {
    return listed
        .close()
        .onSuccess(
            gone ->
                stage.say("The registry forgets %s: two nodes are left".formatted(victim.id())));
  }
}
