// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.runtime.RpcCounters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Calls greeters that fail, stall and vanish, and says what happened: {@code ./micro demo Ada}.
 *
 * <p>One process: three servers on free ports of the loopback interface, a registry and a broker in
 * memory, and a verticle that calls and publishes. Start reading at {@link Greeter} for serving,
 * {@link Stage#hello} for calling, and {@link Scene} for the rest.
 */
public final class Demo {

  /** All scenes held. */
  static final int HELD = 0;

  /** A scene did not hold. */
  static final int FAILED = 1;

  /** The names cannot be greeted. */
  static final int USAGE = 2;

  private static final String HELP =
      """
      Usage: ./micro demo [name...]
      Greets up to %,d names of up to %,d characters, some names if none are given.
      Exit code: 0 if all of it worked, 1 if not, 2 for names that cannot be greeted."""
          .formatted(Names.MOST_NAMES, Names.MOST_CHARACTERS);

  private static final Duration SCENE_TIMEOUT = Duration.ofSeconds(10);

  private final List<Scene> scenes;
  private final Duration sceneTimeout;
  private final PrintStream out;

  /** Makes a demo that gives each scene so much time. */
  Demo(List<Scene> scenes, Duration sceneTimeout, PrintStream out) {
    this.scenes = List.copyOf(scenes);
    this.sceneTimeout = sceneTimeout;
    this.out = out;
  }

  /**
   * Plays the demo and exits: 0 if all of it worked, 1 if not, 2 for names that cannot be greeted.
   *
   * @param args the names to greet
   */
  public static void main(String[] args) {
    System.exit(new Demo(Scene.all(), SCENE_TIMEOUT, System.out).run(args));
  }

  /** Plays the demo and returns its exit code. */
  int run(String... args) {
    if (args.length > 0 && (args[0].equals("--help") || args[0].equals("-h"))) {
      out.println(HELP);
      return HELD;
    }
    List<String> names;
    try {
      names = Names.of(args);
    } catch (IllegalArgumentException unfit) {
      out.println("demo: " + unfit.getMessage());
      out.println(HELP);
      return USAGE;
    }
    Vertx vertx = Vertx.vertx();
    try {
      play(vertx, names).await();
      out.printf("%nAll of it worked.%n");
      return HELD;
    } catch (Exception failure) { // of any kind: await throws what the future fails with
      out.printf("%nNot all of it worked: %s%n", failure.getMessage());
      return FAILED;
    } finally {
      vertx.close().await();
    }
  }

  private Future<Void> play(Vertx vertx, List<String> names) {
    Registry registry = MemoryRegistry.create(vertx);
    List<Greeter> greeters =
        Stream.of("greeter-1", "greeter-2", "greeter-3")
            .map(id -> new Greeter(id, registry))
            .toList();
    DemoVerticle verticle = new DemoVerticle(registry, greeters, names, scenes, sceneTimeout, out);
    return Future.all(greeters.stream().map(vertx::deployVerticle).toList())
        .onSuccess(started -> introduce(greeters))
        .compose(started -> vertx.deployVerticle(verticle))
        .compose(id -> verticle.played().eventually(() -> vertx.undeploy(id)))
        .eventually(() -> end(greeters))
        .compose(ended -> checkNothingIsLeft(registry, verticle.counters()));
  }

  private void introduce(List<Greeter> greeters) {
    out.println(
        "Three nodes of the service \"" + Greeter.SERVICE + "\" listen and have registered:");
    greeters.forEach(
        greeter -> {
          var node = greeter.service().nodes().get(0);
          out.println("   " + node.id() + " on " + node.address());
        });
  }

  private Future<Void> end(List<Greeter> greeters) {
    return Future.join(greeters.stream().filter(Greeter::isAlive).map(Greeter::kill).toList())
        .mapEmpty();
  }

  private Future<Void> checkNothingIsLeft(Registry registry, RpcCounters counters) {
    out.printf("%nAt the end the client has closed:%n");
    out.printf(
        "   %,d calls, %,d failed as intended; %,d attempts on %,d connections%n",
        counters.calls(), counters.failedCalls(), counters.attempts(), counters.connections());
    out.printf(
        "   still open: %d calls, %d attempts, %d leases of nodes, %d timers, %d streams,"
            + " %d connections, %d queued%n",
        counters.openCalls(),
        counters.openAttempts(),
        counters.openLeases(),
        counters.openTimers(),
        counters.openStreams(),
        counters.openConnections(),
        counters.queued());
    long open =
        counters.openCalls()
            + counters.openAttempts()
            + counters.openLeases()
            + counters.openTimers()
            + counters.openStreams()
            + counters.openConnections()
            + counters.queued();
    return registry
        .list()
        .map(
            services -> {
              out.println("   still registered: " + (services.isEmpty() ? "nothing" : services));
              Check.that(open == 0, "nothing left open by the client", counters);
              Check.that(services.isEmpty(), "nothing left registered", services);
              return null;
            });
  }
}
