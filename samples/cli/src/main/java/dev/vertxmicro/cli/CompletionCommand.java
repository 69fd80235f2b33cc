// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what shells complete the commands of the script {@code micro} with. */
@Command(
    name = "generate-completion",
    description = {
      "Prints completion for bash and zsh, of all commands of ./micro:",
      "source <(./micro generate-completion)"
    })
final class CompletionCommand implements Runnable {

  /** What the script does without this program, and what may follow each. */
  static final Map<String, List<String>> OTHERS = others();

  private static Map<String, List<String>> others() {
    Map<String, List<String>> others = new TreeMap<>();
    for (String alone : List.of("demo", "format", "help", "peers", "setup", "soak", "test")) {
      others.put(alone, List.of());
    }
    for (String wire : List.of("ipfs", "requester", "skynet")) {
      others.put(wire, List.of("demo"));
    }
    others.put("crawler", List.of("demo", "master", "worker"));
    others.put(
        "benchmarks",
        List.of(
            "calls",
            "chart",
            "go",
            "memory",
            "picks",
            "publish",
            "rest",
            "selection",
            "skynet",
            "streams",
            "stubs",
            "try",
            "websocket"));
    return others;
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Made by the command line. */
  CompletionCommand() {}

  @Override
  public void run() {
    CommandLine all = MicroCommand.commandLine();
    OTHERS.forEach(
        (name, next) -> {
          CommandSpec other = CommandSpec.create();
          next.forEach(one -> other.addSubcommand(one, CommandSpec.create()));
          all.addSubcommand(name, other);
        });
    spec.commandLine().getOut().print(AutoComplete.bash("micro", all));
    spec.commandLine().getOut().flush();
  }
}
