// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.Service;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.Command;

/** Lists the services of the registry. */
@Command(
    name = "services",
    description = "Lists the services of the registry with their versions and nodes.")
final class ServicesCommand extends BaseCommand {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Made by the command line. */
  ServicesCommand() {}

  @Override
  int run(Vertx vertx, Terminal terminal) {
    Registry registry = openRegistry(vertx);
    List<List<String>> rows = new ArrayList<>();
    for (String name : new TreeSet<>(await(registry.list(), PATIENCE))) {
      List<Service> versions = await(registry.get(name), PATIENCE);
      List<String> named = versions.stream().map(Service::version).sorted().toList();
      int nodes = versions.stream().mapToInt(version -> version.nodes().size()).sum();
      if (json) {
        terminal.line(
            new JsonObject()
                .put("name", name)
                .put("versions", new JsonArray(named))
                .put("nodes", nodes)
                .encode());
      } else {
        rows.add(List.of(name, String.join(",", named), Integer.toString(nodes)));
      }
    }
    if (!json && rows.isEmpty()) {
      spec.commandLine().getErr().println("micro: no services in the registry");
    } else if (!json) {
      terminal.table(List.of("SERVICE", "VERSIONS", "NODES"), rows);
    }
    return MicroCommand.OK;
  }
}
