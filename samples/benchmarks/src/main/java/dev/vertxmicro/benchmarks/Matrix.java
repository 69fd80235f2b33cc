// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Compares clients by their calls: one light server on a core of its own, each client in a JVM of
 * its own on the other, and rounds that go from client to client, so that whatever the machine does
 * hits all of them alike. {@link Scenario} has the loads.
 *
 * <p>Arguments: {@code <file> [rounds] [milliseconds per round] [scenario...]}, by default 8, 3000
 * and all. Prints medians, and for each client the ratios to the bare one within the same round:
 * median, and the interval that holds all but the lowest and the highest round. Puts them into the
 * file, in the place of what it has of the same scenarios; {@link Chart} draws it.
 */
public final class Matrix {

  private static final int WARM_UP_ROUNDS = 4;
  private static final long WARM_UP_MILLIS = 2_500;

  private final Set<Variant> variants = Variant.ofCalls();
  private final List<Scenario> scenarios;
  private final int rounds;
  private final long millis;

  private Matrix(List<Scenario> scenarios, int rounds, long millis) {
    this.scenarios = scenarios;
    this.rounds = rounds;
    this.millis = millis;
  }

  /** Runs the comparison; see the class. */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 8;
    long millis = args.length > 2 ? Long.parseLong(args[2]) : 3_000;
    List<Scenario> scenarios =
        args.length > 3
            ? Arrays.stream(args).skip(3).map(Scenario::named).toList()
            : List.of(Scenario.values());
    Results results = Results.read(file);
    new Matrix(scenarios, rounds, millis).run(results);
    results.write(file);
    System.out.println("written to " + file);
  }

  private void run(Results results) throws IOException {
    System.out.printf(
        Locale.ROOT,
        "%d rounds of %d ms, %s%n%n",
        rounds,
        millis,
        Child.pins() ? "server on core 0, clients on core 1" : "no pinning");
    Map<Variant, Child> clients = new EnumMap<>(Variant.class);
    try (Child server = Child.java(0, LightServer.class)) {
      String[] ports = server.read().split(" ", -1);
      int port = Integer.parseInt(ports[0]);
      int tlsPort = Integer.parseInt(ports[1]);
      for (Variant variant : variants) {
        Child client = Child.java(1, ClientProcess.class, variant.name(), ports[0]);
        clients.put(variant, client);
        String options = new JsonObject(client.read()).getString("options");
        System.out.printf("%-28s %s%n", variant.title(), options);
      }
      warmUp(clients, port, tlsPort);
      for (Scenario scenario : scenarios) {
        Rounds measured = measure(clients, scenario, scenario.setup(port, tlsPort));
        results.put(scenario, measured);
        results.print(scenario);
      }
    } finally {
      clients.values().forEach(Child::close);
    }
  }

  private void warmUp(Map<Variant, Child> clients, int port, int tlsPort) {
    for (int round = 0; round < WARM_UP_ROUNDS; round++) {
      Scenario scenario = round % 2 == 0 ? Scenario.BASE : Scenario.OUTSIDE;
      for (Child client : clients.values()) {
        run(client, Math.min(WARM_UP_MILLIS, millis), scenario, scenario.setup(port, tlsPort));
      }
    }
  }

  /** The first round of a scenario, in which clients connect, does not count. */
  private Rounds measure(Map<Variant, Child> clients, Scenario scenario, Setup setup) {
    Rounds measured = new Rounds();
    for (int round = -1; round < rounds; round++) {
      for (Map.Entry<Variant, Child> client : clients.entrySet()) {
        Figures figures = run(client.getValue(), millis, scenario, setup);
        if (round >= 0) {
          measured.add(client.getKey(), figures);
        }
      }
    }
    return measured;
  }

  private static Figures run(Child client, long millis, Scenario scenario, Setup setup) {
    client.write(
        new JsonObject()
            .put("millis", millis)
            .put("inFlight", scenario.inFlight())
            .put("outside", scenario.isOutside())
            .put("setup", setup.toJson())
            .encode());
    return Figures.of(new JsonObject(client.read()));
  }
}
