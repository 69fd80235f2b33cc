// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The script {@code micro} and this program know the same commands. */
class ScriptTest {

  private static final Path SCRIPT = Path.of("../../micro");

  /** Returns the names that its last {@code case} dispatches. */
  private static Set<String> dispatched() throws IOException {
    return branches("\ncase $command in\n", "\nesac");
  }

  private static Set<String> branches(String start, String end) throws IOException {
    String script = Files.readString(SCRIPT);
    int from = script.lastIndexOf(start);
    Set<String> names = new TreeSet<>();
    script
        .substring(from, script.indexOf(end, from))
        .lines()
        .filter(line -> line.matches(" +[a-z-]+( \\| [a-z-]+)*\\).*"))
        .map(line -> line.substring(0, line.indexOf(')')).strip())
        .forEach(line -> names.addAll(Arrays.asList(line.split(" \\| "))));
    names.removeIf(name -> name.startsWith("-"));
    return names;
  }

  @Test
  void everyCommandIsStartedAndCompleted() throws IOException {
    Set<String> known = new TreeSet<>(MicroCommand.commandLine().getSubcommands().keySet());
    known.addAll(CompletionCommand.OTHERS.keySet());

    assertEquals(known, dispatched());
  }

  @Test
  void everyBenchmarkIsCompleted() throws IOException {
    assertEquals(
        branches("\n  case $kind in\n", "\n  esac"),
        new TreeSet<>(CompletionCommand.OTHERS.get("benchmarks")));
  }

  @Test
  void everyCommandIsInItsHelp() throws IOException {
    String script = Files.readString(SCRIPT);
    String help = script.substring(script.indexOf("cmd_help()"), script.indexOf("command=${1"));

    for (String name : dispatched()) {
      assertTrue(help.matches("(?s).*\\b" + name + "\\b.*"), name);
    }
  }
}
