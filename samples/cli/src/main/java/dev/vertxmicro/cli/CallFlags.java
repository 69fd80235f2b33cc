// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.selector.Strategy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a service is called. */
final class CallFlags {

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      split = ",",
      description = "Call these addresses instead of asking the registry.")
  List<String> addresses = new ArrayList<>();

  @Option(
      names = {"-m", "--metadata"},
      paramLabel = "NAME=VALUE",
      description = "Send this along; several times for several.")
  Map<String, String> metadata = new LinkedHashMap<>();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "30s",
      description = "Bounds the whole call, retries included. Default: ${DEFAULT-VALUE}")
  Duration timeout = Duration.ofSeconds(30);

  @Option(
      names = "--retries",
      paramLabel = "N",
      defaultValue = "2",
      description = "Most attempts after the first. Default: ${DEFAULT-VALUE}")
  int retries = 2;

  @Option(
      names = "--idempotent",
      description = "The request may be executed more than once, and so be tried again.")
  boolean idempotent;

  @Option(
      names = "--strategy",
      paramLabel = "NAME",
      description =
          "How nodes are chosen: random, roundRobin, first, leastRequests ... Default: by load.")
  @Nullable String strategy;

  @Option(
      names = "--protocol",
      paramLabel = "NAME",
      description = "grpc or mucp, of nodes and addresses that name none. Default: grpc.")
  @Nullable String protocol;

  @Option(
      names = "--content-type",
      paramLabel = "TYPE",
      description =
          "Send the JSON as it is, as this. Default: as protobuf if the service or --descriptor-set"
              + " describes its messages, else as JSON.")
  @Nullable String contentType;

  @Option(
      names = "--descriptor-set",
      paramLabel = "FILE",
      description =
          "What protoc writes with --descriptor_set_out and --include_imports: the messages of"
              + " services that do not describe them (gRPC reflection).")
  @Nullable Path descriptorSet;

  /** Made by the command line. */
  CallFlags() {}

  CallOption options() {
    List<CallOption> options = new ArrayList<>();
    options.add(CallOption.timeout(timeout));
    options.add(CallOption.retries(retries));
    if (idempotent) {
      options.add(CallOption.idempotent());
    }
    if (!addresses.isEmpty()) {
      options.add(CallOption.address(addresses.toArray(new String[0])));
    }
    metadata.forEach((name, value) -> options.add(CallOption.metadata(name, value)));
    return CallOption.of(options.toArray(new CallOption[0]));
  }

  Strategy chosenStrategy() {
    return strategy == null ? Strategy.powerOfTwo() : Strategy.named(strategy);
  }
}
