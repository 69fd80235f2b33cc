// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.ServiceJson;
import dev.vertxmicro.registry.Value;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Says what the registry knows of a service. */
@Command(name = "describe", description = "Shows the versions, nodes and endpoints of a service.")
final class DescribeCommand extends BaseCommand {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Parameters(index = "0", paramLabel = "SERVICE", description = "The name in the registry.")
  private String service = "";

  /** Made by the command line. */
  DescribeCommand() {}

  @Override
  int run(Vertx vertx, Terminal terminal) {
    List<Service> versions = await(openRegistry(vertx).get(service), PATIENCE);
    if (versions.isEmpty()) {
      throw RpcException.client(GrpcStatus.NOT_FOUND, "no service " + service + " in the registry")
          .build();
    }
    for (Service version : versions) {
      if (json) {
        terminal.line(new JsonObject(ServiceJson.write(version)).encode());
      } else {
        print(terminal, version);
      }
    }
    return MicroCommand.OK;
  }

  private static void print(Terminal terminal, Service version) {
    terminal.line(terminal.styled("bold", version.name()) + "  version " + version.version());
    terminal.table(
        List.of("NODE", "ADDRESS", "METADATA"),
        version.nodes().stream().map(DescribeCommand::row).toList());
    terminal.table(
        List.of("ENDPOINT", "REQUEST", "RESPONSE"),
        version.endpoints().stream().map(DescribeCommand::row).toList());
  }

  private static List<String> row(Node node) {
    return List.of(node.id(), node.address(), text(node.metadata()));
  }

  private static String text(Map<String, String> metadata) {
    return new TreeMap<>(metadata)
        .entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(" "));
  }

  private static List<String> row(Endpoint endpoint) {
    return List.of(endpoint.name(), shape(endpoint.request()), shape(endpoint.response()));
  }

  /** Returns {@code Name {field type, ...}}. */
  private static String shape(@Nullable Value value) {
    if (value == null) {
      return "?";
    }
    String fields =
        value.values().stream()
            .map(field -> (field.name() + " " + field.type()).strip())
            .collect(Collectors.joining(", "));
    return fields.isEmpty() ? value.type() : value.type() + " {" + fields + "}";
  }
}
