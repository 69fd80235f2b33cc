// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a worker. */
@Command(
    name = "worker",
    sortOptions = false,
    description = {
      "Runs a worker: runs the tasks that are assigned to it, lists them on GET /tasks, and greets"
          + " on POST /greeter/hello?name=..."
    })
final class WorkerCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private ProcessFlags flags = new ProcessFlags();

  @Option(
      names = "--http",
      paramLabel = "ADDRESS",
      defaultValue = ":8080",
      description = "Where to speak HTTP. Default: ${DEFAULT-VALUE}")
  private String http = ":8080";

  @Option(
      names = "--grpc",
      paramLabel = "ADDRESS",
      defaultValue = ":9090",
      description = "Where to speak gRPC. Default: ${DEFAULT-VALUE}")
  private String grpc = ":9090";

  @Option(
      names = "--cluster",
      paramLabel = "true|false",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Whether masters assign its tasks; if not it runs those of the file. Default:"
              + " ${DEFAULT-VALUE}")
  private boolean cluster = true;

  /** Made by the command line. */
  WorkerCommand() {}

  @Override
  public Integer call() {
    Worker worker;
    try {
      CrawlerConfig config = flags.readConfig();
      ProcessOptions options = flags.options(config, "GRPCServer", Greeter.SERVICE, http, grpc);
      worker =
          new Worker(
              options, cluster ? flags.backend(config, "GRPCServer") : null, System.out::println);
    } catch (IllegalArgumentException unfit) {
      throw new ParameterException(spec.commandLine(), String.valueOf(unfit.getMessage()), unfit);
    }
    return CrawlerProcess.run(worker, System.err);
  }
}
