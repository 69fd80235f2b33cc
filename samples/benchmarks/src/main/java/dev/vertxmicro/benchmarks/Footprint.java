// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.selector.Strategy;
import java.lang.ref.Reference;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The memory that a selector keeps for the nodes of one service, beside what the registry keeps: as
 * the heap grows by it after garbage collection, in bytes for each node and in relation to a plain
 * array of the nodes. Prints a Markdown table. No argument.
 */
public final class Footprint {

  private static final int[] SIZES = {10_000, 100_000};
  private static final int NODES_KEPT = 400_000;
  private static final int COLLECTIONS = 4;

  private Footprint() {}

  /** Measures and prints; see the class. */
  public static void main(String[] args) {
    System.out.println("| strategy | bytes a node of 10,000 | to array | of 100,000 | to array |");
    System.out.println("|---|---|---|---|---|");
    for (String strategy : Strategy.names()) {
      System.out.print("| " + strategy);
      for (int nodes : SIZES) {
        Service service = ManyNodes.service(nodes);
        double array = bytesPerNode(nodes, () -> service.nodes().toArray(Node[]::new));
        double bytes =
            bytesPerNode(nodes, () -> ManyNodes.open(service, strategy, new VirtualTime()));
        System.out.printf(Locale.ROOT, " | %.0f | %.0f", bytes, bytes / array);
      }
      System.out.println(" |");
    }
  }

  private static double bytesPerNode(int nodes, Supplier<Object> maker) {
    Object[] kept = new Object[1 + NODES_KEPT / nodes];
    try {
      kept[0] = maker.get(); // Classes and constants are loaded before anything is measured.
      long before = used();
      for (int i = 1; i < kept.length; i++) {
        kept[i] = maker.get();
      }
      return (used() - before) / (double) NODES_KEPT;
    } finally {
      Reference.reachabilityFence(kept);
    }
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
