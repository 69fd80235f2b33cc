// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws the file of {@link Matrix}: the CPU time of a call for each scenario and client, as the
 * ratio to raw vertx-grpc-client, with the interval of the rounds. Arguments: the file, and the
 * file of the chart.
 */
public final class Chart {

  private static final Map<Variant, String> COLOURS =
      Map.of(
          Variant.VERTX_MICRO, "#0b6e4f",
          Variant.VERTX_MICRO_HTTP_CLIENT, "#6bbf9c",
          Variant.GRPC_JAVA_DIRECT, "#3b6ea5",
          Variant.ARMERIA, "#c8703a",
          Variant.BARE_NETTY, "#9a9a9a");

  private static final int LEFT = 190;
  private static final int WIDTH = 900;
  private static final int TOP = 50;
  private static final int BAR = 11;
  private static final int GAP = 14;
  private static final double MOST = 3.0;

  private final StringBuilder svg = new StringBuilder();

  private Chart() {}

  /** Draws; see the class. */
  public static void main(String[] args) throws IOException {
    Files.writeString(Path.of(args[1]), new Chart().draw(Results.read(Path.of(args[0]))));
    System.out.println("written to " + args[1]);
  }

  private String draw(Results results) {
    List<Variant> shown = new ArrayList<>(Variant.ofCalls());
    shown.remove(Variant.VERTX_GRPC);
    int y = TOP;
    for (Scenario scenario : Scenario.values()) {
      List<Results.Row> rows = results.of(scenario);
      if (!rows.isEmpty()) {
        text(LEFT - 8, y + BAR * shown.size() / 2 + 4, "end", scenario.title());
        for (Results.Row row : rows) {
          if (row.client() != Variant.VERTX_GRPC) {
            bar(y, row);
            y += BAR;
          }
        }
        y += GAP;
      }
    }
    grid(y);
    legend(shown);
    return String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"11\" fill=\"#222\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n",
            WIDTH,
            y + 30)
        + svg
        + "</svg>\n";
  }

  private static double x(double ratio) {
    return LEFT + Math.min(ratio, MOST) * (WIDTH - LEFT - 70) / MOST;
  }

  private void bar(int y, Results.Row row) {
    Rounds.Ratio ratio = row.cpu();
    add(
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
        LEFT, y, x(ratio.median()) - LEFT, BAR - 1, COLOURS.getOrDefault(row.client(), "#000"));
    double middle = y + (BAR - 1) / 2.0;
    add(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#222\"/>",
        x(ratio.low()), middle, x(ratio.high()), middle);
    text(
        x(Math.max(ratio.median(), ratio.high())) + 4,
        y + BAR - 2,
        "start",
        String.format(Locale.ROOT, "%.2f", ratio.median()));
  }

  private void grid(int bottom) {
    for (double ratio = 0; ratio <= MOST; ratio += 0.5) {
      add(
          "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\"/>",
          x(ratio), TOP - 6, x(ratio), bottom, ratio == 1 ? "#c00" : "#ddd");
      text(x(ratio), bottom + 14, "middle", String.format(Locale.ROOT, "%.1f", ratio));
    }
    text(
        LEFT,
        16,
        "start",
        "CPU time of a call, ratio to raw vertx-grpc-client (red line); less is better");
  }

  private void legend(List<Variant> shown) {
    int x = 60; // Left of the bars: all names have to fit beside each other.
    for (Variant variant : shown) {
      add(
          "<rect x=\"%d\" y=\"24\" width=\"10\" height=\"10\" fill=\"%s\"/>",
          x, COLOURS.getOrDefault(variant, "#000"));
      text(x + 14, 33, "start", variant.title());
      x += 30 + 6 * variant.title().length();
    }
  }

  private void text(double x, double y, String anchor, String words) {
    add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, words);
  }

  private void add(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
