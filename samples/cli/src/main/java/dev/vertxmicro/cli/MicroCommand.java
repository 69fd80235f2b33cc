// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line. */
@Command(
    name = "micro",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    version = "vertx-micro 0.1.0",
    description = "Looks services up, calls them, and publishes to them.",
    subcommands = {
      ServicesCommand.class,
      DescribeCommand.class,
      CallCommand.class,
      StreamCommand.class,
      PublishCommand.class,
      SubscribeCommand.class,
      WatchCommand.class,
      BenchCommand.class,
      CompletionCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it worked",
      "1:the service answered with an error, or the event was refused",
      "2:the command line is wrong",
      "3:there is no such service, endpoint or node",
      "4:registry, broker or node cannot be reached",
      "5:it took longer than it may (--timeout)",
      "130:it was interrupted"
    },
    footer = {
      "",
      "Registry and broker: --registry and --broker, else MICRO_REGISTRY and MICRO_BROKER, else"
          + " mdns and http, as in go-micro; their addresses likewise.",
      "Completion: source <(./micro generate-completion)"
    })
public final class MicroCommand implements Runnable {

  static final int OK = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int NOT_FOUND = 3;
  static final int UNREACHABLE = 4;
  static final int TIMED_OUT = 5;

  /** It warns of network cards, which are not this program's subject. Held, or it is forgotten. */
  private static final Logger NETTY = Logger.getLogger("io.netty");

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Made by the command line. */
  MicroCommand() {}

  /** Runs a command and exits with its code. */
  public static void main(String[] args) {
    // What libraries have to say looks like what this program says.
    System.setProperty("java.util.logging.SimpleFormatter.format", "micro: %5$s%n");
    NETTY.setLevel(Level.SEVERE);
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new MicroCommand());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(false);
    line.setParameterExceptionHandler(MicroCommand::wrong);
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(Terminal.isColourful() ? Ansi.ON : Ansi.OFF));
    line.setOut(new PrintWriter(System.out, true, UTF_8));
    line.setErr(new PrintWriter(System.err, true, UTF_8));
    return line;
  }

  /** Says what is wrong, and how it is used in short. */
  private static int wrong(ParameterException unfit, String[] args) {
    CommandLine line = unfit.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("micro: " + unfit.getMessage());
    UnmatchedArgumentException.printSuggestions(unfit, err);
    err.print(line.getHelp().fullSynopsis());
    err.println("Try ./" + line.getCommandSpec().qualifiedName() + " --help");
    err.flush();
    return USAGE;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command");
  }
}
