// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.broker.Broker;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.runtime.Publication;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Publishes an event. */
@Command(name = "publish", description = "Publishes an event, and ends when the broker has it.")
final class PublishCommand extends BaseCommand {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Parameters(index = "0", paramLabel = "TOPIC", description = "Where subscribers get it from.")
  private String topic = "";

  @Parameters(
      index = "1",
      paramLabel = "JSON",
      description = "The body; - reads it from standard input.")
  private String body = "";

  @Option(
      names = {"-m", "--metadata"},
      paramLabel = "NAME=VALUE",
      description = "Send this along; several times for several.")
  private Map<String, String> metadata = new LinkedHashMap<>();

  @Mixin private BrokerFlags brokerFlags = new BrokerFlags();

  /** Made by the command line. */
  PublishCommand() {}

  @Override
  int run(Vertx vertx, Terminal terminal) {
    String text = body.equals("-") ? CallCommand.standardInput() : body;
    Buffer bytes = Wire.plain(topic, "application/json").encode(text);
    Broker broker = brokerFlags.open(vertx, Codecs.standard().with(new RawCodec()), registryFlags);
    atEnd(broker::close);
    await(broker.connect(), PATIENCE);
    RpcClient client =
        RpcClient.builder(vertx).withBroker(broker).withCodec(new RawCodec()).build();
    atEnd(client::close);
    Publication<Buffer> publication =
        Publication.of(topic, bytes).withContentType("application/json");
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      publication = publication.withMetadata(entry.getKey(), entry.getValue());
    }
    await(client.publish(publication), PATIENCE);
    if (json) {
      terminal.line(new JsonObject().put("topic", topic).put("published", true).encode());
    }
    return MicroCommand.OK;
  }
}
