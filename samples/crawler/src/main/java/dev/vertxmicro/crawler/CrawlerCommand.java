// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The crawler's command line: {@code ./micro crawler demo|master|worker}. */
@Command(
    name = "crawler",
    mixinStandardHelpOptions = true,
    description = "Masters that elect a leader, and workers that run what it assigns.",
    subcommands = {DemoCommand.class, MasterCommand.class, WorkerCommand.class},
    exitCodeListHeading = "Exit codes:%n",
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
    return new CommandLine(new CrawlerCommand()).setCommandName("micro crawler");
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "crawler: no command (demo, master, worker)");
  }
}
