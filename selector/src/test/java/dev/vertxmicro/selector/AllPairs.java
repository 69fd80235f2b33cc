// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Rows of settings in which each two values of different factors meet at least once: far fewer than
 * the product of all. Greedy: of some random rows that have a missing pair, the one with the most.
 */
final class AllPairs {

  private static final int TRIES = 50;

  private AllPairs() {}

  /** Returns rows of one value index for each factor, given how many values each has. */
  static List<int[]> of(int... sizes) {
    Set<List<Integer>> missing = pairs(sizes);
    SplittableRandom random = new SplittableRandom(1);
    List<int[]> rows = new ArrayList<>();
    while (!missing.isEmpty()) {
      List<Integer> wanted = missing.iterator().next();
      int[] best = {};
      int most = 0;
      for (int i = 0; i < TRIES; i++) {
        int[] row = new int[sizes.length];
        for (int factor = 0; factor < row.length; factor++) {
          row[factor] = random.nextInt(sizes[factor]);
        }
        row[wanted.get(0)] = wanted.get(1);
        row[wanted.get(2)] = wanted.get(3);
        Set<List<Integer>> met = met(row);
        met.retainAll(missing);
        if (met.size() > most) {
          most = met.size();
          best = row;
        }
      }
      missing.removeAll(met(best));
      rows.add(best);
    }
    return rows;
  }

  /** Returns all pairs of values, each as factor, value, factor, value. */
  static Set<List<Integer>> pairs(int... sizes) {
    Set<List<Integer>> pairs = new HashSet<>();
    for (int a = 0; a < sizes.length; a++) {
      for (int b = a + 1; b < sizes.length; b++) {
        for (int i = 0; i < sizes[a] * sizes[b]; i++) {
          pairs.add(List.of(a, i / sizes[b], b, i % sizes[b]));
        }
      }
    }
    return pairs;
  }

  /** Returns the pairs that meet in a row. */
  static Set<List<Integer>> met(int[] row) {
    Set<List<Integer>> met = new HashSet<>();
    for (int a = 0; a < row.length; a++) {
      for (int b = a + 1; b < row.length; b++) {
        met.add(List.of(a, row[a], b, row[b]));
      }
    }
    return met;
  }
}
