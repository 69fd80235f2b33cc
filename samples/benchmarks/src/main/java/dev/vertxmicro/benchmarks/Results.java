// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The file of {@link Matrix}: comma-separated, one line for each client in each scenario. */
final class Results {

  private static final String HEADER =
      "scenario,client,calls/s,cpu us,bytes,p50 us,p99 us,p99.9 us"
          + ",cpu ratio,low,high,calls/s ratio,low,high,bytes ratio,low,high";

  /**
   * What a client has measured in a scenario.
   *
   * @param numbers as in the header of the file
   */
  record Row(Scenario scenario, Variant client, List<Double> numbers) {

    private static final int CPU_RATIO = 6;
    private static final int RATE_RATIO = 9;
    private static final int BYTES_RATIO = 12;

    Rounds.Ratio cpu() {
      return ratio(CPU_RATIO);
    }

    Rounds.Ratio rate() {
      return ratio(RATE_RATIO);
    }

    Rounds.Ratio bytes() {
      return ratio(BYTES_RATIO);
    }

    private Rounds.Ratio ratio(int at) {
      return new Rounds.Ratio(numbers.get(at), numbers.get(at + 1), numbers.get(at + 2));
    }

    String line() {
      StringBuilder line = new StringBuilder(scenario.word()).append(',').append(client.name());
      for (double number : numbers) {
        line.append(',').append(String.format(Locale.ROOT, number < 100 ? "%.3f" : "%.0f", number));
      }
      return line.toString();
    }
  }

  private final Map<Scenario, List<Row>> rows = new EnumMap<>(Scenario.class);

  /** Returns what is in a file, nothing if there is none. */
  static Results read(Path file) throws IOException {
    Results results = new Results();
    if (Files.exists(file)) {
      Files.readAllLines(file).stream().skip(1).map(Results::row).forEach(results::add);
    }
    return results;
  }

  private static Row row(String line) {
    List<String> words = List.of(line.split(",", -1));
    List<Double> numbers = words.subList(2, words.size()).stream().map(Double::valueOf).toList();
    return new Row(Scenario.named(words.get(0)), Variant.valueOf(words.get(1)), numbers);
  }

  private void add(Row row) {
    rows.computeIfAbsent(row.scenario(), none -> new ArrayList<>()).add(row);
  }

  /** Takes what was measured of a scenario in the place of what there was. */
  void put(Scenario scenario, Rounds measured) {
    rows.remove(scenario);
    for (Variant client : measured.variants()) {
      List<Double> numbers = new ArrayList<>();
      for (ToDoubleFunction<Figures> figure :
          List.<ToDoubleFunction<Figures>>of(
              Figures::callsPerSecond,
              Figures::cpuMicros,
              Figures::garbage,
              Figures::p50,
              Figures::p99,
              Figures::p999)) {
        numbers.add(measured.median(client, figure));
      }
      for (ToDoubleFunction<Figures> figure :
          List.<ToDoubleFunction<Figures>>of(
              Figures::cpuMicros, Figures::callsPerSecond, Figures::garbage)) {
        Rounds.Ratio ratio = measured.ratio(client, figure);
        numbers.addAll(List.of(ratio.median(), ratio.low(), ratio.high()));
      }
      add(new Row(scenario, client, List.copyOf(numbers)));
    }
  }

  List<Row> of(Scenario scenario) {
    return rows.getOrDefault(scenario, List.of());
  }

  void print(Scenario scenario) {
    System.out.printf(
        "%n%-28s %10s %9s %8s %7s %7s   %-22s %-22s %-22s%n",
        scenario.title(),
        "calls/s",
        "cpu us",
        "bytes",
        "p50 us",
        "p99 us",
        "cpu ratio",
        "calls/s ratio",
        "bytes ratio");
    for (Row row : of(scenario)) {
      List<Double> n = row.numbers();
      System.out.printf(
          Locale.ROOT,
          "%-28s %10.0f %9.2f %8.0f %7.0f %7.0f   %-22s %-22s %-22s%n",
          row.client().title(),
          n.get(0),
          n.get(1),
          n.get(2),
          n.get(3),
          n.get(4),
          row.cpu(),
          row.rate(),
          row.bytes());
    }
  }

  void write(Path file) throws IOException {
    List<String> lines = new ArrayList<>(List.of(HEADER));
    rows.values().forEach(list -> list.forEach(row -> lines.add(row.line())));
    Files.write(file, lines);
  }
}
