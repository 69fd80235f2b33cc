// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * What a selector knows about one service, as of one moment, for people to read. {@link #toString}
 * prints a table. Immutable.
 */
public final class ServiceDescription {

  private static final String GAP = "  ";

  private static final List<Column> COLUMNS =
      List.of(
          new Column("id", NodeDescription::id),
          new Column("address", NodeDescription::address),
          new Column("version", NodeDescription::version),
          new Column("zone", node -> node.zone().isEmpty() ? "-" : node.zone()),
          new Column("tier", node -> String.valueOf(node.tier())),
          new Column("subset", node -> node.isInSubset() ? "in" : "out"),
          new Column("share", node -> number(node.share())),
          new Column("weight", node -> number(node.weight())),
          new Column("in effect", node -> number(node.weightInEffect())),
          new Column("in flight", node -> String.valueOf(node.inFlight())),
          new Column("load", node -> number(node.load())),
          new Column("succeeded", ServiceDescription::rate),
          new Column("failed in a row", node -> String.valueOf(node.failuresInARow())),
          new Column("probes", node -> String.valueOf(node.probes())),
          new Column("health", NodeDescription::verdict));

  private final String service;
  private final boolean isPanic;
  private final List<NodeDescription> nodes;

  ServiceDescription(String service, boolean isPanic, List<NodeDescription> nodes) {
    this.service = service;
    this.isPanic = isPanic;
    this.nodes = List.copyOf(nodes);
  }

  /** Returns the name of the service. */
  public String service() {
    return service;
  }

  /**
   * Tells whether so few of all nodes are healthy that ejections are overlooked. Calls with filters
   * may be in another situation.
   */
  public boolean isPanic() {
    return isPanic;
  }

  /** Returns the nodes in the order of the registry; none if no call has asked for the service. */
  public List<NodeDescription> nodes() {
    return nodes;
  }

  private static String number(double value) {
    boolean isWhole = value == Math.rint(value) || Math.abs(value) >= 1_000;
    return String.format(Locale.ROOT, isWhole ? "%,.0f" : "%.3f", value);
  }

  private static String rate(NodeDescription node) {
    return node.attempts() == 0
        ? "-"
        : String.format(Locale.ROOT, "%.1f %% of %,d", 100 * node.successRate(), node.attempts());
  }

  @Override
  public String toString() {
    long healthy = nodes.stream().filter(node -> node.health() == Health.HEALTHY).count();
    StringBuilder text =
        new StringBuilder("service " + service + ": ")
            .append(healthy + " of " + nodes.size() + " nodes healthy")
            .append(isPanic ? ", panic: ejections are overlooked" : "");
    if (nodes.isEmpty()) {
      return text.toString();
    }
    List<List<String>> columns = new ArrayList<>();
    for (Column column : COLUMNS) {
      columns.add(column.cells(nodes));
    }
    for (int row = 0; row <= nodes.size(); row++) {
      text.append('\n').append(row(columns, row));
    }
    return text.toString();
  }

  private static String row(List<List<String>> columns, int row) {
    StringBuilder line = new StringBuilder();
    for (List<String> column : columns) {
      int width = column.stream().mapToInt(String::length).max().orElse(0);
      String cell = column.get(row);
      line.append(cell).append(" ".repeat(width - cell.length())).append(GAP);
    }
    return line.toString().stripTrailing();
  }

  private record Column(String title, Function<NodeDescription, String> cell) {
    List<String> cells(List<NodeDescription> nodes) {
      List<String> cells = new ArrayList<>();
      cells.add(title);
      nodes.forEach(node -> cells.add(cell.apply(node)));
      return cells;
    }
  }
}
