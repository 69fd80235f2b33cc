// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** How times, tables and charts are written. */
class FormsTest {

  @ParameterizedTest
  @CsvSource({"500ms, PT0.5S", "2s, PT2S", "1.5s, PT1.5S", "5m, PT5M", "24h, PT24H", "0s, PT0S"})
  void readsTimes(String text, Duration time) {
    assertEquals(time, new DurationConverter().convert(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "s", "-1s", "1d", "1 s", "1e3s", "8761h"})
  void refusesWhatIsNoTime(String text) {
    assertThrows(TypeConversionException.class, () -> new DurationConverter().convert(text));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 ns",
    "999, 999 ns",
    "1500, 1.50 us",
    "12345, 12.3 us",
    "999999, 1.00 ms",
    "2500000000, 2.50 s"
  })
  void writesTimesForPeople(double nanos, String text) {
    assertEquals(text, Chart.text(nanos));
  }

  @Test
  void whatIsNoJsonIsSaidInOneLineWithItsPlace() {
    IllegalArgumentException malformed =
        assertThrows(
            IllegalArgumentException.class,
            () -> Wire.plain("A.B", "application/json").encode("{nope"));

    String said = malformed.getMessage();
    assertTrue(said.startsWith("request: Unexpected character"), said);
    assertTrue(said.endsWith(" (line: 1, column: 2)") && said.lines().count() == 1, said);
  }

  private final StringWriter out = new StringWriter();

  @Test
  void aTableHasAHeadingOnATerminalAndTabsElsewhere() {
    List<List<String>> rows = List.of(List.of("a", "1"), List.of("longer", "22"));

    new Terminal(new PrintWriter(out), true, false).table(List.of("NAME", "N"), rows);
    assertEquals("NAME    N\na       1\nlonger  22\n", out.toString());
    out.getBuffer().setLength(0);
    new Terminal(new PrintWriter(out), false, false).table(List.of("NAME", "N"), rows);
    assertEquals("a\t1\nlonger\t22\n", out.toString());
  }

  @Test
  void textOfOthersIsNoMarkup() {
    Terminal terminal = new Terminal(new PrintWriter(out), true, true);

    String styled = terminal.styled("bold", "x @|red boo|@ x");

    assertTrue(styled.contains("x @|red boo|@ x"), styled);
    assertTrue(styled.startsWith("\u001b[1m"), styled);
  }

  @Test
  void aChartOfFewAndOfManyCallsIsDrawn() {
    Histogram latencies = new Histogram(3);
    latencies.recordValue(1_000_000);
    assertTrue(new Chart("one < two", latencies).svg().contains("one &lt; two"));
    for (int i = 1; i <= 100_000; i++) {
      latencies.recordValue(i * 1_000L);
    }

    String svg = new Chart("many", latencies).svg();

    assertTrue(svg.contains(">99.99<"), svg);
    assertTrue(svg.contains(">100 ms<") && !svg.contains("NaN"), svg);
  }
}
