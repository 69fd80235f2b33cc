// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.runtime.ClientOption;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcCounters;
import dev.vertxmicro.selector.Strategy;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A verticle with a client of its own, which plays the scenes one after another. */
final class DemoVerticle extends VerticleBase {

  private final Registry registry;
  private final List<Greeter> greeters;
  private final List<String> names;
  private final List<Scene> scenes;
  private final Duration sceneTimeout;
  private final PrintStream out;
  private final RpcCounters counters = new RpcCounters();
  private final Promise<Void> played = Promise.promise();
  private @Nullable RpcClient client;

  DemoVerticle(
      Registry registry,
      List<Greeter> greeters,
      List<String> names,
      List<Scene> scenes,
      Duration sceneTimeout,
      PrintStream out) {
    this.registry = registry;
    this.greeters = greeters;
    this.names = names;
    this.scenes = scenes;
    this.sceneTimeout = sceneTimeout;
    this.out = out;
  }

  @Override
  public Future<?> start() {
    RpcClient client =
        RpcClient.builder(vertx)
            .withRegistry(registry)
            .withObserver(counters)
            // In turn, so that each node surely gets some of the calls; the default is to pick by
            // latency.
            .withStrategy(Strategy.roundRobin())
            .with(
                ClientOption.poolSize(1), options -> options.setDrainTimeout(Duration.ofSeconds(2)))
            .build();
    this.client = client;
    Stage stage = new Stage(client, counters, registry, greeters, names, out);
    context.runOnContext(deployed -> play(stage, 0).onComplete(played));
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    return Objects.requireNonNull(client, "client").close();
  }

  /** Completes after the last scene, or fails with the first that does not hold. */
  Future<Void> played() {
    return played.future();
  }

  /** Returns what the client did; to be read when the verticle has ended. */
  RpcCounters counters() {
    return counters;
  }

  private Future<Void> play(Stage stage, int number) {
    if (number == scenes.size()) {
      return Future.succeededFuture();
    }
    Scene scene = scenes.get(number);
    out.printf("%n%d. %s%n", number + 1, scene.title());
    return started(scene, stage)
        .timeout(sceneTimeout.toMillis(), TimeUnit.MILLISECONDS)
        .onSuccess(held -> out.println("   OK"))
        .onFailure(failure -> out.println("   FAILED: " + reason(failure)))
        .compose(held -> play(stage, number + 1));
  }

  /** A check may throw before the scene has a future to fail. */
  private Future<Void> started(Scene scene, Stage stage) {
    return Future.succeededFuture().compose(now -> scene.play(stage));
  }

  private String reason(Throwable failure) {
    return failure instanceof TimeoutException
        ? "expected an end within " + sceneTimeout.toMillis() + " ms; seen: none"
        : String.valueOf(failure.getMessage());
  }
}
