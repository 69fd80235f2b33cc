// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** What several clients have measured, round by round. */
final class Rounds {

  /**
   * A ratio to the bare client within the same round.
   *
   * @param median of all rounds
   * @param low the lowest, but for one if there are more than four rounds
   * @param high the highest, likewise
   */
  record Ratio(double median, double low, double high) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", median, low, high);
    }
  }

  private final Map<Variant, List<Figures>> figures = new EnumMap<>(Variant.class);

  void add(Variant variant, Figures measured) {
    figures.computeIfAbsent(variant, none -> new ArrayList<>()).add(measured);
  }

  Set<Variant> variants() {
    return figures.keySet();
  }

  double median(Variant variant, ToDoubleFunction<Figures> figure) {
    return median(
        figures.getOrDefault(variant, List.of()).stream().mapToDouble(figure).sorted().toArray());
  }

  Ratio ratio(Variant variant, ToDoubleFunction<Figures> figure) {
    List<Figures> own = figures.getOrDefault(variant, List.of());
    List<Figures> bare = figures.getOrDefault(variant.baseline(), List.of());
    double[] ratios = new double[own.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = figure.applyAsDouble(own.get(i)) / figure.applyAsDouble(bare.get(i));
    }
    Arrays.sort(ratios);
    int trim = ratios.length > 4 ? 1 : 0;
    return new Ratio(median(ratios), ratios[trim], ratios[ratios.length - 1 - trim]);
  }

  /** Returns the median of numbers in order. */
  static double median(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
