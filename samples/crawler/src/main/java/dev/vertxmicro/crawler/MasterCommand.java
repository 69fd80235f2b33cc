// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a master. */
@Command(
    name = "master",
    sortOptions = false,
    description = {
      "Runs a master: takes part in the election, and adds and deletes resources on POST and DELETE"
          + " of /crawler/resource, or has the leader do it."
    })
final class MasterCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private ProcessFlags flags = new ProcessFlags();

  @Option(
      names = "--http",
      paramLabel = "ADDRESS",
      defaultValue = ":8081",
      description = "Where to speak HTTP. Default: ${DEFAULT-VALUE}")
  private String http = ":8081";

  @Option(
      names = "--grpc",
      paramLabel = "ADDRESS",
      defaultValue = ":9091",
      description = "Where to speak gRPC. Default: ${DEFAULT-VALUE}")
  private String grpc = ":9091";

  /** Made by the command line. */
  MasterCommand() {}

  @Override
  public Integer call() {
    Master master;
    try {
      CrawlerConfig config = flags.readConfig();
      ProcessOptions options =
          flags.options(config, "MasterServer", CrawlerMaster.SERVICE, http, grpc);
      master = new Master(options, flags.backend(config, "MasterServer"), System.out::println);
    } catch (IllegalArgumentException unfit) {
      throw new ParameterException(spec.commandLine(), String.valueOf(unfit.getMessage()), unfit);
    }
    return CrawlerProcess.run(master, System.err);
  }
}
