// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.broker.Event;
import dev.vertxmicro.broker.SubscribeOption;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints events. */
@Command(
    name = "subscribe",
    description = "Prints the events of a topic, until --count events, --for, or an interrupt.")
final class SubscribeCommand extends BaseCommand {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Parameters(index = "0", paramLabel = "TOPIC", description = "What to subscribe to.")
  private String topic = "";

  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description = "Share the events with the others of this queue group.")
  private @Nullable String queue;

  @Mixin private FollowFlags follow = new FollowFlags();

  @Mixin private BrokerFlags brokerFlags = new BrokerFlags();

  /** Made by the command line. */
  SubscribeCommand() {}

  @Override
  int run(Vertx vertx, Terminal terminal) {
    Follower<Event> follower = new Follower<>(follow, TimeSource.of(vertx));
    Broker broker = brokerFlags.open(vertx, Codecs.standard().with(new RawCodec()), registryFlags);
    atEnd(broker::close);
    await(broker.connect(), PATIENCE);
    SubscribeOption[] options =
        queue == null
            ? new SubscribeOption[0]
            : new SubscribeOption[] {SubscribeOption.queue(queue)};
    await(
        broker.subscribe(
            topic,
            event -> {
              follower.take(event);
              return Future.succeededFuture();
            },
            options),
        PATIENCE);
    if (!json) {
      spec.commandLine().getErr().println("micro: subscribed to " + topic);
    }
    int code = follower.forEach(event -> print(terminal, event));
    if (follower.dropped() > 0) {
      spec.commandLine().getErr().println("micro: " + follower.dropped() + " events came too fast");
      return MicroCommand.FAILED;
    }
    return code;
  }

  private void print(Terminal terminal, Event event) {
    String body = event.message().body().toString();
    if (!json) {
      terminal.line(CallingCommand.shown(terminal, body));
      return;
    }
    Metadata headers = event.message().headers();
    JsonObject metadata = new JsonObject();
    headers.names().forEach(name -> metadata.put(name, headers.get(name)));
    terminal.line(
        new JsonObject()
            .put("topic", event.topic())
            .put("metadata", metadata)
            .put("body", CallingCommand.parsed(body))
            .encode());
  }
}
