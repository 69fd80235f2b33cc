// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Plays the demo. */
@Command(
    name = "demo",
    description =
        "Runs three masters and three workers in this process, kills and stops some, and says what"
            + " happened.")
final class DemoCommand implements Callable<Integer> {

  @Option(names = "--log", description = "Print the log lines of masters and workers as well.")
  private boolean log;

  /** Made by the command line. */
  DemoCommand() {}

  @Override
  public Integer call() {
    return new CrawlerDemo(System.out, log).run();
  }
}
