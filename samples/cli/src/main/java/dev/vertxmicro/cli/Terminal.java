// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help.Ansi;

/** What people read: tables and colours on a terminal, plain columns of tabs elsewhere. */
final class Terminal {

  private final PrintWriter out;
  private final boolean terminal;
  private final boolean colours;

  Terminal(PrintWriter out) {
    this(out, isTerminal(), isColourful());
  }

  Terminal(PrintWriter out, boolean terminal, boolean colours) {
    this.out = out;
    this.terminal = terminal;
    this.colours = colours;
  }

  /**
   * Tells whether standard output is a terminal, by what the script that starts this has found out:
   * later JDKs have a console that is none.
   */
  static boolean isTerminal() {
    return Boolean.getBoolean("micro.terminal");
  }

  /** As https://no-color.org wants it. */
  static boolean isColourful() {
    String no = System.getenv("NO_COLOR");
    return isTerminal() && (no == null || no.isEmpty()) && !"dumb".equals(System.getenv("TERM"));
  }

  boolean isHere() {
    return terminal;
  }

  /** Writes text with picocli's markup, {@code @|bold text|@}; without colours as plain text. */
  String styled(String style, String text) {
    // Markup within the text is not ours.
    return colours ? Ansi.ON.new Text("@|" + style + " x|@").toString().replace("x", text) : text;
  }

  void line(String text) {
    out.println(text);
    out.flush();
  }

  /** Writes over the line before it, on a terminal only. */
  void progress(String text) {
    if (terminal) {
      out.print("\r" + text + "\u001b[K");
      out.flush();
    }
  }

  void endProgress() {
    if (terminal) {
      out.print("\r\u001b[K");
      out.flush();
    }
  }

  /** Writes columns: aligned under a heading on a terminal, with tabs and no heading elsewhere. */
  void table(List<String> heading, List<List<String>> rows) {
    if (!terminal) {
      rows.forEach(row -> line(String.join("\t", row)));
      return;
    }
    int[] widths = new int[heading.size()];
    List<List<String>> all = new ArrayList<>(rows);
    all.add(0, heading);
    for (List<String> row : all) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (int r = 0; r < all.size(); r++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < all.get(r).size(); i++) {
        String cell = all.get(r).get(i);
        boolean last = i == all.get(r).size() - 1;
        text.append(cell).append(last ? "" : " ".repeat(widths[i] - cell.length() + 2));
      }
      line(r == 0 ? styled("bold", text.toString()) : text.toString());
    }
  }
}
