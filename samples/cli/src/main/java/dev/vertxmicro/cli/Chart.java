// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Draws latencies by percentile as SVG. The percentiles are drawn as HdrHistogram's own plots have
 * them, so that 99.9 is as far from 99 as 99 from 90; the latencies on a logarithmic scale.
 */
final class Chart {

  private static final double[] PERCENTILES = {
    0, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999
  };
  private static final int WIDTH = 860;
  private static final int HEIGHT = 420;
  private static final int LEFT = 70;
  private static final int BOTTOM = 50;
  private static final int TOP = 40;
  private static final int RIGHT = 20;

  private final String title;
  private final Histogram latencies;
  private final int last;
  private final double least;
  private final double most;

  Chart(String title, Histogram latencies) {
    this.title = title;
    this.latencies = latencies;
    int last = 1;
    while (last < PERCENTILES.length - 1
        && latencies.getTotalCount() * (1 - PERCENTILES[last] / 100) >= 1) {
      last++;
    }
    this.last = last;
    this.least =
        Math.pow(10, Math.floor(Math.log10(Math.max(1_000, (double) latencies.getMinValue()))));
    this.most =
        Math.pow(10, Math.ceil(Math.log10(Math.max(2 * least, (double) latencies.getMaxValue()))));
  }

  String svg() {
    StringBuilder svg = new StringBuilder();
    append(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
            + " font-family=\"sans-serif\" font-size=\"12\">%n",
        WIDTH,
        HEIGHT);
    append(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n");
    append(svg, "<text x=\"%d\" y=\"22\" font-size=\"15\">%s</text>%n", LEFT, escape(title));
    for (double value = least; value <= most * 1.001; value *= 10) {
      grid(svg, LEFT, y(value), WIDTH - RIGHT, y(value));
      append(
          svg,
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
          LEFT - 8,
          y(value) + 4,
          text(value));
    }
    StringBuilder points = new StringBuilder();
    for (int i = 0; i <= last; i++) {
      double x = x(PERCENTILES[i]);
      grid(svg, x, TOP, x, HEIGHT - BOTTOM);
      append(
          svg,
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
          x,
          HEIGHT - BOTTOM + 18,
          percentile(PERCENTILES[i]));
      double value = latencies.getValueAtPercentile(PERCENTILES[i]);
      append(points, "%.1f,%.1f ", x, y(Math.max(least, value)));
    }
    append(
        svg,
        "<polyline fill=\"none\" stroke=\"#1f6feb\" stroke-width=\"2\" points=\"%s\"/>%n",
        points.toString().strip());
    append(
        svg,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">percentile of calls</text>%n",
        (LEFT + WIDTH - RIGHT) / 2,
        HEIGHT - 10);
    return svg.append("</svg>\n").toString();
  }

  String html() {
    return "<!doctype html><meta charset=\"utf-8\"><title>" + escape(title) + "</title>\n" + svg();
  }

  private static void grid(StringBuilder svg, double x1, double y1, double x2, double y2) {
    append(
        svg,
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>%n",
        x1,
        y1,
        x2,
        y2);
  }

  private double x(double percentile) {
    double whole = Math.log10(100 / (100 - PERCENTILES[last]));
    return LEFT + (WIDTH - LEFT - RIGHT) * Math.log10(100 / (100 - percentile)) / whole;
  }

  private double y(double nanos) {
    double share = Math.log10(nanos / least) / Math.log10(most / least);
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share;
  }

  private static String percentile(double percentile) {
    return percentile == Math.rint(percentile)
        ? Integer.toString((int) percentile)
        : Double.toString(percentile);
  }

  /** Returns a time with three digits at most: 1.25 ms say. */
  static String text(double nanos) {
    String[] units = {"ns", "us", "ms", "s"};
    int unit = 0;
    double value = nanos;
    while (unit < units.length - 1 && value >= 999.5) {
      value /= 1_000;
      unit++;
    }
    String digits =
        value >= 100 || value == Math.rint(value)
            ? String.format(Locale.ROOT, "%.0f", value)
            : String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
    return digits + " " + units[unit];
  }

  private static void append(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format.replace("%n", "\n"), values));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
