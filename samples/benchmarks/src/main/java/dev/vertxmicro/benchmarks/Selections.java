// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Compares how this selector and others choose nodes, in the same {@link Simulation}, and prints
 * Markdown tables. No argument. Everything is on virtual time, so that only the randomness that
 * Vert.x and grpc-java draw by themselves differs from run to run.
 */
public final class Selections {

  private static final long SEED = 20_261;
  private static final int CALLS = 200_000;
  private static final int WARM_UP = 50;
  private static final int KEYS = 100_000;
  private static final double NO_KEY = -1;
  private static final int[] SIZES = {20, 1_000};

  private Selections() {}

  /** Runs the comparison; see the class. */
  public static void main(String[] args) {
    for (int nodes : SIZES) {
      print(nodes + " nodes", "calls", "p99", "failing", "slow");
      for (Contestant contestant : Contestant.keyless()) {
        print(
            contestant.title(),
            evenness(contestant, nodes),
            tail(contestant, nodes),
            failing(contestant, nodes),
            slow(contestant, nodes));
      }
      System.out.println();
    }
    for (int nodes : SIZES) {
      print(nodes + " nodes", "keys", "moved", "hot key");
      for (Contestant contestant : Contestant.keyed()) {
        print(
            contestant.title(),
            keys(contestant, nodes),
            moved(contestant, nodes),
            hotKey(contestant, nodes));
      }
      System.out.println();
    }
  }

  private static void print(String first, String... cells) {
    System.out.println("| " + first + " | " + String.join(" | ", cells) + " |");
    if (first.endsWith(" nodes")) {
      System.out.println("|---|" + "---|".repeat(cells.length));
    }
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.0f", value);
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, value < 0.1 ? "%.2f %%" : "%.0f %%", 100 * value);
  }

  /** Calls that hardly ever overlap: how many times the mean the busiest node was asked. */
  private static String evenness(Contestant contestant, int nodes) {
    Simulation simulation = new Simulation(contestant, nodes, SEED);
    simulation.run(CALLS, 0.05 / (nodes * Simulation.WORKERS), NO_KEY);
    return number(simulation.mostCallsToMean());
  }

  /** The 99th percentile at 90 % of what the nodes can do, in means of a call's work. */
  private static String tail(Contestant contestant, int nodes) {
    Simulation simulation = new Simulation(contestant, nodes, SEED);
    simulation.run(CALLS, 0.9, NO_KEY);
    return number(simulation.quantile(0.99));
  }

  /** A fifth of the nodes fails each call at once: the share of calls that fail from then on. */
  private static String failing(Contestant contestant, int nodes) {
    Simulation simulation = new Simulation(contestant, nodes, SEED);
    simulation.run(WARM_UP * nodes, 0.5, NO_KEY);
    simulation.forget();
    for (int node = 0; node < nodes / 5; node++) {
      simulation.fail(node * 5);
    }
    simulation.run(CALLS, 0.5, NO_KEY);
    return percent(simulation.failures() / (double) CALLS);
  }

  /** One of ten nodes becomes 100 times as slow: how much of their share these still get. */
  private static String slow(Contestant contestant, int nodes) {
    Simulation simulation = new Simulation(contestant, nodes, SEED);
    simulation.run(WARM_UP * nodes, 0.5, NO_KEY);
    simulation.forget();
    int slow = nodes / 10;
    for (int node = 0; node < slow; node++) {
      simulation.slow(node * 10, 100);
    }
    simulation.run(CALLS, 0.5, NO_KEY);
    double calls = 0;
    for (int node = 0; node < slow; node++) {
      calls += simulation.calls(node * 10);
    }
    return percent(calls / slow * nodes / CALLS);
  }

  private static List<String> owners(Contestant contestant, List<String> ids) {
    Balanced balanced = contestant.maker().make(ids, new VirtualTime(), SEED);
    List<String> owners = new ArrayList<>();
    for (int key = 0; key < KEYS; key++) {
      Balanced.Taken taken = balanced.take("user-" + key);
      owners.add(ids.get(taken.node()));
      taken.end(true);
    }
    return owners;
  }

  /** How many times the mean of all nodes has the node with the most keys. */
  private static String keys(Contestant contestant, int nodes) {
    List<String> ids = Simulation.ids(nodes);
    int[] keys = new int[nodes];
    owners(contestant, ids).forEach(id -> keys[ids.indexOf(id)]++);
    return number(Arrays.stream(keys).max().orElseThrow() * (double) nodes / KEYS);
  }

  /** How many keys move when a node leaves, in relation to those that must. */
  private static String moved(Contestant contestant, int nodes) {
    List<String> ids = Simulation.ids(nodes);
    List<String> before = owners(contestant, ids);
    double moved = 0;
    double must = 0;
    for (int gone : new int[] {0, nodes / 2, nodes - 1}) {
      List<String> left = new ArrayList<>(ids);
      left.remove(gone);
      List<String> after = owners(contestant, left);
      for (int key = 0; key < KEYS; key++) {
        moved += before.get(key).equals(after.get(key)) ? 0 : 1;
        must += before.get(key).equals(ids.get(gone)) ? 1 : 0;
      }
    }
    return number(moved / must);
  }

  /** A tenth of all calls has one key, at half load: the most open on a node, to its workers. */
  private static String hotKey(Contestant contestant, int nodes) {
    Simulation simulation = new Simulation(contestant, nodes, SEED);
    simulation.run(20_000, 0.5, 0.1);
    return number(simulation.mostOpenToWorkers());
  }
}
