// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares clients under the same load: one server, each client in a process of its own, and rounds
 * that go from client to client, so that whatever the machine does hits all of them alike. {@link
 * Matrix} does it for calls.
 *
 * <p>Arguments: {@code streams|publish|go|skynet|websocket|rest [rounds] [milliseconds per round]
 * [in flight]}, by default 8 and 3000. Where {@code taskset} is there and the machine has two
 * cores, the server runs on core 0 and the clients on core 1. Prints medians, and for each client
 * the ratio to the bare one within the same round: its median, and the interval that holds all but
 * the lowest and the highest round. The column of the server is the share of a core that it used:
 * where that is 1, calls a second are the server's and not the client's.
 *
 * <p>With {@code publish}, brokers are compared: a call is then an event from its publish to its
 * handler in the same process, and the servers a nats-server and, if there is one, a RabbitMQ; by
 * default 64 are in flight. With {@code streams}, a call is a message on a bidirectional stream and
 * its echo, small and large ones in one run, by default 16 in flight. With {@code go}, the server
 * is a greeter of real go-micro and the bare client go-micro's own, in Go; by default 64 calls are
 * in flight and then, with the same processes, 1. With {@code skynet}, calls of both sizes go to a
 * node that speaks skynet's protocol; with {@code websocket}, to a peer that speaks that of the
 * cluster; with {@code rest}, as POSTs to an HTTP server.
 */
public final class SideBySide {

  private static final int WARM_UP_ROUNDS = 3;
  private static final long WARM_UP_MILLIS = 4_000;

  private final int rounds;
  private final long millis;
  private final List<Integer> inFlight;
  private final Set<Variant> variants;
  private Rounds figures = new Rounds();
  private final Map<Variant, List<Double>> serverShares = new EnumMap<>(Variant.class);
  private @Nullable Child server;

  private SideBySide(Set<Variant> variants, int rounds, long millis, List<Integer> inFlight) {
    this.variants = EnumSet.copyOf(variants);
    this.rounds = rounds;
    this.millis = millis;
    this.inFlight = inFlight;
  }

  /** Runs the comparison; see the class. */
  public static void main(String[] args) throws IOException {
    String kind = args[0];
    List<String> numbers = List.of(args).subList(1, args.length);
    int rounds = !numbers.isEmpty() ? Integer.parseInt(numbers.get(0)) : 8;
    long millis = numbers.size() > 1 ? Long.parseLong(numbers.get(1)) : 3_000;
    List<Integer> inFlight =
        numbers.size() > 2
            ? List.of(Integer.valueOf(numbers.get(2)))
            : switch (kind) {
              case "streams" -> List.of(16);
              case "go" -> List.of(64, 1);
              default -> List.of(64);
            };
    Set<Variant> variants =
        switch (kind) {
          case "publish" -> Variant.ofPublishes();
          case "go" -> Variant.ofCallsToGo();
          case "skynet" -> Variant.ofSkynet();
          case "websocket" -> Variant.ofWebSockets();
          case "rest" -> Variant.ofRest();
          default -> Variant.ofStreams();
        };
    SideBySide comparison = new SideBySide(variants, rounds, millis, inFlight);
    switch (kind) {
      case "publish" -> comparison.runBrokers();
      case "go" -> comparison.runGo();
      case "skynet" -> comparison.run(SkynetEcho.class);
      case "websocket" -> comparison.run(WebSocketEcho.class);
      case "rest" -> comparison.run(HttpEcho.class);
      default -> comparison.run(EchoServer.class);
    }
  }

  private void runGo() throws IOException {
    announce();
    try (Child greeter =
        Child.program(0, Map.of(), List.of(peer("greeter-v5.30"), "-quiet", "-name", "greeter"))) {
      server = greeter;
      String address = new JsonObject(greeter.read()).getString("address");
      run(address.substring(address.lastIndexOf(':') + 1), "");
    }
  }

  private static String peer(String program) {
    String peers = System.getenv("MICRO_PEERS");
    if (peers == null) {
      throw new IllegalStateException(
          "MICRO_PEERS: null (expected: the folder of " + program + ")");
    }
    return Path.of(peers, program).toString();
  }

  private void runBrokers() throws IOException {
    announce();
    try (NatsServer nats = new NatsServer(Child.pins())) {
      if (!RabbitProcess.canStart()) {
        System.out.println("No RabbitMQ is there: without the clients of one.");
        variants.removeIf(Variant::isOnRabbit);
        run(nats.port(), "");
        return;
      }
      try (Child rabbit = Child.java(0, RabbitProcess.class)) {
        run(nats.port(), rabbit.read());
      }
    }
  }

  private void run(Class<?> main) throws IOException {
    announce();
    try (Child echo = Child.java(0, main)) {
      server = echo;
      run(echo.read(), "");
    }
  }

  private void announce() {
    System.out.printf(
        Locale.ROOT,
        "%d rounds of %d ms, %s in flight, %s, %s%n%n",
        rounds,
        millis,
        String.join(", then ", inFlight.stream().map(String::valueOf).toList()),
        variants.equals(Variant.ofStreams())
            ? "one stream each"
            : variants.equals(Variant.ofSkynet()) || variants.equals(Variant.ofWebSockets())
                ? "one connection each"
                : variants.equals(Variant.ofRest())
                    ? "at most 100 connections each"
                    : Load.PAYLOAD_BYTES + "-byte payload",
        Child.pins() ? "server on core 0, clients on core 1" : "no pinning");
  }

  private void run(String port, String rabbitPort) throws IOException {
    Map<Variant, Child> clients = new EnumMap<>(Variant.class);
    try {
      for (Variant variant : variants) {
        String server = variant.isOnRabbit() ? rabbitPort : port;
        Child client = start(variant, server);
        clients.put(variant, client);
        String options = new JsonObject(client.read()).getString("options");
        System.out.printf("%-28s %s%n", variant.title(), options);
      }
      int warmUps = WARM_UP_ROUNDS;
      for (int calls : inFlight) {
        System.out.printf("%n%d in flight%n", calls);
        measure(clients, calls, warmUps);
        report();
        figures = new Rounds();
        serverShares.clear();
        warmUps = 1;
      }
    } finally {
      clients.values().forEach(Child::close);
    }
  }

  private static Child start(Variant variant, String port) throws IOException {
    String program = variant.program();
    if (program == null) {
      return Child.java(1, ClientProcess.class, variant.name(), port);
    }
    List<String> command = new ArrayList<>(List.of(peer(program), "-mode", "load"));
    command.addAll(List.of("-target", "127.0.0.1:" + port, "-name", "greeter"));
    command.addAll(List.of("-timeout", Load.DEADLINE_SECONDS + "s", "-retries", "5"));
    return Child.program(1, variant.environment(), command);
  }

  private void measure(Map<Variant, Child> clients, int calls, int warmUps) {
    for (int round = -warmUps; round < rounds; round++) {
      for (Variant variant : clients.keySet()) {
        JsonObject command =
            new JsonObject()
                .put("millis", round < 0 ? WARM_UP_MILLIS : millis)
                .put("inFlight", calls)
                .put("bytes", Load.PAYLOAD_BYTES)
                .put("outside", false);
        Duration used = serverTime();
        long start = System.nanoTime();
        Child client = clients.get(variant);
        client.write(command.encode());
        Figures measured = Figures.of(new JsonObject(client.read()));
        double took = System.nanoTime() - start;
        if (round >= 0) {
          figures.add(variant, measured);
          serverShares
              .computeIfAbsent(variant, none -> new ArrayList<>())
              .add(serverTime().minus(used).toNanos() / took);
        }
      }
    }
  }

  private Duration serverTime() {
    return server == null ? Duration.ZERO : server.processTime();
  }

  private void report() {
    System.out.printf(
        "%-28s %10s %9s %8s %7s %7s %8s %7s   %-22s %-22s %-22s %-22s%n",
        "client",
        "calls/s",
        "cpu us",
        "bytes",
        "p50 us",
        "p99 us",
        "p99.9 us",
        "server",
        "cpu ratio",
        "calls/s ratio",
        "p99 ratio",
        "bytes ratio");
    for (Variant variant : figures.variants()) {
      System.out.printf(
          Locale.ROOT,
          "%-28s %10.0f %9.2f %8.0f %7.0f %7.0f %8.0f %7s   %-22s %-22s %-22s %-22s%n",
          variant.title(),
          figures.median(variant, Figures::callsPerSecond),
          figures.median(variant, Figures::cpuMicros),
          figures.median(variant, Figures::garbage),
          figures.median(variant, Figures::p50),
          figures.median(variant, Figures::p99),
          figures.median(variant, Figures::p999),
          server == null ? "-" : String.format(Locale.ROOT, "%.2f", serverShare(variant)),
          figures.ratio(variant, Figures::cpuMicros),
          figures.ratio(variant, Figures::callsPerSecond),
          figures.ratio(variant, Figures::p99),
          figures.ratio(variant, Figures::garbage));
    }
  }

  private double serverShare(Variant variant) {
    return Rounds.median(
        serverShares.getOrDefault(variant, List.of()).stream()
            .mapToDouble(Double::doubleValue)
            .sorted()
            .toArray());
  }
}
