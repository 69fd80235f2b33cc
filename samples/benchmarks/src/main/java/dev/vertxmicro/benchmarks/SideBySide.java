// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Compares clients under the same load: one echo server, each client in a JVM of its own, and
 * rounds that go from client to client, so that whatever the machine does hits all of them alike.
 *
 * <p>Arguments: {@code [rounds] [milliseconds per round] [calls in flight] [outside]}, by default
 * 8, 3000 and 64; see {@link ClientProcess} for the last. Where {@code taskset} is there and the
 * machine has two cores, the server runs on core 0 and the clients on core 1. Prints medians, and
 * for each client the ratio to the bare one within the same round: its median, and the interval
 * that holds all but the lowest and the highest round.
 *
 * <p>With {@code publish} as the first argument, brokers are compared: a call is then an event from
 * its publish to its handler in the same process, and the servers a nats-server and, if there is
 * one, a RabbitMQ. With {@code streams}, a call is a message on a bidirectional stream and its
 * echo, small and large ones in one run, by default 16 in flight.
 */
public final class SideBySide {

  private static final int WARM_UP_ROUNDS = 3;
  private static final long WARM_UP_MILLIS = 4_000;

  private final int rounds;
  private final long millis;
  private final int inFlight;
  private final boolean outside;
  private final Set<Variant> variants;
  private final Map<Variant, List<Figures>> figures = new EnumMap<>(Variant.class);

  private SideBySide(
      Set<Variant> variants, int rounds, long millis, int inFlight, boolean outside) {
    this.outside = outside;
    this.variants = EnumSet.copyOf(variants);
    this.rounds = rounds;
    this.millis = millis;
    this.inFlight = inFlight;
  }

  /** Runs the comparison; see the class. */
  public static void main(String[] args) throws IOException {
    String kind = args.length > 0 ? args[0] : "";
    boolean publish = kind.equals("publish");
    boolean streams = kind.equals("streams");
    List<String> numbers = List.of(args).subList(publish || streams ? 1 : 0, args.length);
    int rounds = !numbers.isEmpty() ? Integer.parseInt(numbers.get(0)) : 8;
    long millis = numbers.size() > 1 ? Long.parseLong(numbers.get(1)) : 3_000;
    int inFlight = numbers.size() > 2 ? Integer.parseInt(numbers.get(2)) : streams ? 16 : 64;
    Set<Variant> variants =
        publish ? Variant.ofPublishes() : streams ? Variant.ofStreams() : Variant.ofCalls();
    SideBySide comparison = new SideBySide(variants, rounds, millis, inFlight, numbers.size() > 3);
    if (publish) {
      comparison.runBrokers();
    } else {
      comparison.run();
    }
  }

  private void runBrokers() throws IOException {
    announce();
    try (NatsServer nats = new NatsServer(pins())) {
      if (!RabbitProcess.canStart()) {
        System.out.println("No RabbitMQ is there: without the clients of one.");
        variants.removeIf(Variant::isOnRabbit);
        run(nats.port(), "");
        return;
      }
      try (Child rabbit = new Child(0, RabbitProcess.class)) {
        run(nats.port(), rabbit.read());
      }
    }
  }

  private void run() throws IOException {
    announce();
    try (Child server = new Child(0, EchoServer.class)) {
      run(server.read(), "");
    }
  }

  private void announce() {
    System.out.printf(
        Locale.ROOT,
        "%d rounds of %d ms, %d in flight%s, %s, %s%n%n",
        rounds,
        millis,
        inFlight,
        outside ? " made outside of reads" : "",
        variants.equals(Variant.ofStreams())
            ? "one stream each"
            : Load.PAYLOAD_BYTES + "-byte payload",
        pins() ? "server on core 0, clients on core 1" : "no pinning");
  }

  private void run(String port, String rabbitPort) throws IOException {
    Map<Variant, Child> clients = new EnumMap<>(Variant.class);
    try {
      for (Variant variant : variants) {
        String server = variant.isOnRabbit() ? rabbitPort : port;
        Child client = new Child(1, ClientProcess.class, variant.name(), server);
        clients.put(variant, client);
        System.out.printf("%-28s %s%n", variant.title(), client.read());
      }
      System.out.println();
      measure(clients);
    } finally {
      clients.values().forEach(Child::close);
    }
    report();
  }

  private void measure(Map<Variant, Child> clients) {
    for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
      for (Variant variant : clients.keySet()) {
        Child client = clients.get(variant);
        client.write(
            (round < 0 ? WARM_UP_MILLIS : millis) + " " + inFlight + (outside ? " outside" : ""));
        Figures measured = Figures.parse(client.read());
        if (round >= 0) {
          figures.computeIfAbsent(variant, none -> new ArrayList<>()).add(measured);
        }
      }
    }
  }

  private void report() {
    System.out.printf(
        "%-28s %10s %9s %8s %7s %7s %8s   %-22s %-22s %-22s%n",
        "client",
        "calls/s",
        "cpu us",
        "bytes",
        "p50 us",
        "p99 us",
        "p99.9 us",
        "cpu ratio",
        "calls/s ratio",
        "bytes ratio");
    for (Variant variant : figures.keySet()) {
      List<Figures> own = figures.get(variant);
      System.out.printf(
          Locale.ROOT,
          "%-28s %10.0f %9.2f %8.0f %7.0f %7.0f %8.0f   %-22s %-22s %-22s%n",
          variant.title(),
          median(own, Figures::callsPerSecond),
          median(own, Figures::cpuMicros),
          median(own, Figures::garbage),
          median(own, Figures::p50),
          median(own, Figures::p99),
          median(own, Figures::p999),
          ratio(variant, Figures::cpuMicros),
          ratio(variant, Figures::callsPerSecond),
          ratio(variant, Figures::garbage));
    }
  }

  /** The ratio to the bare client within the same round. */
  private String ratio(Variant variant, ToDoubleFunction<Figures> figure) {
    List<Figures> own = figures.getOrDefault(variant, List.of());
    List<Figures> first = figures.getOrDefault(variant.baseline(), List.of());
    double[] ratios = new double[own.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = figure.applyAsDouble(own.get(i)) / figure.applyAsDouble(first.get(i));
    }
    Arrays.sort(ratios);
    int trim = ratios.length > 4 ? 1 : 0;
    return String.format(
        Locale.ROOT,
        "%.2f (%.2f to %.2f)",
        median(ratios),
        ratios[trim],
        ratios[ratios.length - 1 - trim]);
  }

  private static double median(List<Figures> own, ToDoubleFunction<Figures> figure) {
    double[] sorted = own.stream().mapToDouble(figure).toArray();
    Arrays.sort(sorted);
    return median(sorted);
  }

  private static double median(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  private static boolean pins() {
    return Runtime.getRuntime().availableProcessors() >= 2
        && Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(folder -> new File(folder, "taskset").canExecute());
  }

  /** A JVM that this one started; talks by lines, and goes when its input ends. */
  private static final class Child implements AutoCloseable {

    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter in;

    Child(int core, Class<?> main, String... args) throws IOException {
      List<String> command = new ArrayList<>();
      if (pins()) {
        command.addAll(List.of("taskset", "-c", String.valueOf(core)));
      }
      command.add(ProcessHandle.current().info().command().orElse("java"));
      command.addAll(List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-XX:+UseParallelGC"));
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
      command.addAll(List.of(args));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      in =
          new BufferedWriter(
              new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    String read() {
      try {
        String line = out.readLine();
        if (line == null) {
          throw new IllegalStateException("a child process has ended; see above");
        }
        return line;
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }

    void write(String line) {
      try {
        in.write(line);
        in.newLine();
        in.flush();
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }

    @Override
    public void close() {
      try {
        in.close();
        process.waitFor();
      } catch (IOException broken) {
        process.destroy();
      } catch (InterruptedException interrupted) {
        process.destroy();
        Thread.currentThread().interrupt();
      }
    }
  }
}
