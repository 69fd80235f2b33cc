// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.ServiceJson;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Follows a service. */
@Command(
    name = "watch",
    description =
        "Prints what changes of a service, until --count changes, --for, or an interrupt.")
final class WatchCommand extends BaseCommand {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Parameters(index = "0", paramLabel = "SERVICE", description = "The name in the registry.")
  private String service = "";

  @Mixin private FollowFlags follow = new FollowFlags();

  /** Made by the command line. */
  WatchCommand() {}

  @Override
  int run(Vertx vertx, Terminal terminal) {
    Registry registry = openRegistry(vertx);
    // A watch is tried again for ever: whether there is a registry at all is said at once.
    await(registry.get(service), PATIENCE);
    Follower<RegistryEvent> follower = new Follower<>(follow, TimeSource.of(vertx));
    Watch watch = registry.watch(service, follower::take);
    atEnd(
        () -> {
          watch.close();
          return Future.succeededFuture();
        });
    await(watch.ready(), PATIENCE);
    if (!json) {
      spec.commandLine().getErr().println("micro: watching " + service);
    }
    return follower.forEach(event -> print(terminal, event));
  }

  private void print(Terminal terminal, RegistryEvent event) {
    String action = event.action().name().toLowerCase(Locale.ROOT);
    if (json) {
      JsonObject changed = new JsonObject(ServiceJson.write(event.service()));
      terminal.line(new JsonObject().put("action", action).put("service", changed).encode());
      return;
    }
    String colour =
        switch (event.action()) {
          case CREATE -> "green";
          case UPDATE -> "yellow";
          case DELETE -> "red";
        };
    terminal.line(
        terminal.styled(colour, action)
            + "\t"
            + event.service().version()
            + "\t"
            + event.service().nodes().stream()
                .map(WatchCommand::text)
                .collect(Collectors.joining(", ")));
  }

  private static String text(Node node) {
    return node.id() + " " + node.address();
  }
}
