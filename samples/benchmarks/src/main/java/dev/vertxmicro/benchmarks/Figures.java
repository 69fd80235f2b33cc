// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import java.util.Locale;

/**
 * What one round measured.
 *
 * @param callsPerSecond calls that were answered per second
 * @param cpuMicros CPU time of the client's process per call, JIT and GC included, in microseconds
 * @param garbage bytes allocated per call
 * @param p50 median latency in microseconds
 * @param p99 99th percentile in microseconds
 * @param p999 99.9th percentile in microseconds
 */
record Figures(
    double callsPerSecond, double cpuMicros, double garbage, double p50, double p99, double p999) {

  String line() {
    return String.format(
        Locale.ROOT,
        "figures %.1f %.4f %.1f %.1f %.1f %.1f",
        callsPerSecond,
        cpuMicros,
        garbage,
        p50,
        p99,
        p999);
  }

  static Figures parse(String line) {
    String[] words = line.split(" ", -1);
    if (words.length != 7 || !words[0].equals("figures")) {
      throw new IllegalArgumentException("line: " + line + " (expected: figures and six numbers)");
    }
    double[] numbers = new double[6];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Double.parseDouble(words[i + 1]);
    }
    return new Figures(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
  }
}
