// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The crawler's command line: {@code ./micro crawler demo|master|worker}. */
@Command(
    name = "crawler",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    version = "vertx-micro 0.1.0",
    description = "Masters that elect a leader, and workers that run what it assigns.",
    subcommands = {DemoCommand.class, MasterCommand.class, WorkerCommand.class},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it did what it was told",
      "1:it could not start, or a check of the demo failed",
      "2:the command line or the configuration is wrong",
      "143:it was ended by a signal, and has deregistered"
    })
public final class CrawlerCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Makes the command. */
  public CrawlerCommand() {}

  /** Runs a command of the crawler and exits. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new CrawlerCommand())
        .setCommandName("micro crawler")
        .setParameterExceptionHandler(CrawlerCommand::wrong);
  }

  /** Says what is wrong, and how it is used in short. */
  private static int wrong(ParameterException unfit, String[] args) {
    CommandLine line = unfit.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("crawler: " + unfit.getMessage());
    UnmatchedArgumentException.printSuggestions(unfit, err);
    err.print(line.getHelp().fullSynopsis());
    err.println("Try ./" + line.getCommandSpec().qualifiedName() + " --help");
    err.flush();
    return line.getCommandSpec().exitCodeOnInvalidInput();
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command (demo, master, worker)");
  }
}
