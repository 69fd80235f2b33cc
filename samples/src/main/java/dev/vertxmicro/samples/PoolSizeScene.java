// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.runtime.ClientOption;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;

/** Changes the pool size of the client while 400 calls at a time are under way. */
final class PoolSizeScene implements Scene {

  private static final int AT_A_TIME = 400;
  private static final int MORE = 4;

  @Override
  public String title() {
    return "The pool size changes while calls run, and no call fails";
  }

  @Override
  public Future<Void> play(Stage stage) {
    List<Greeter> greeters = stage.alive();
    long nodes = greeters.size();
    // A little time for each answer: with 100 streams a connection, one a node is not enough.
    greeters.forEach(greeter -> greeter.slowDown(Duration.ofMillis(5)));
    Load load = new Load(stage, AT_A_TIME);
    load.start();
    return load.until(() -> load.answers() >= AT_A_TIME)
        .compose(warm -> change(stage, 1, MORE))
        .compose(changed -> load.until(() -> stage.counters().openConnections() >= 2 * nodes))
        .compose(grown -> change(stage, MORE, 1))
        .compose(changed -> load.until(() -> stage.counters().openConnections() == nodes))
        .onSuccess(shrunk -> say(stage, 1))
        .eventually(load::stop)
        .eventually(() -> Future.all(greeters.stream().map(Greeter::speedUp).toList()))
        .map(
            done -> {
              Check.that(load.failures() == 0, "no failed call", load.failures());
              stage.say("%,d calls answered, %d failed".formatted(load.answers(), load.failures()));
              return null;
            });
  }

  private Future<Void> change(Stage stage, int from, int to) {
    say(stage, from);
    return stage.client().init(ClientOption.poolSize(to));
  }

  private void say(Stage stage, int poolSize) {
    stage.say(
        "Pool size %d a node: %d calls at a time to %d nodes on %d connections"
            .formatted(
                poolSize, AT_A_TIME, stage.alive().size(), stage.counters().openConnections()));
  }
}
