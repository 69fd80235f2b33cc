// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.runtime.Reply;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Calls an endpoint. */
@Command(
    name = "call",
    sortOptions = false,
    description = {
      "Calls an endpoint and prints the reply as JSON.",
      "The JSON is sent as protobuf to services that describe their messages, else as it is."
    })
final class CallCommand extends CallingCommand {

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "JSON",
      defaultValue = "{}",
      description = "The request; - reads it from standard input. Default: ${DEFAULT-VALUE}")
  private String body = "{}";

  /** Made by the command line. */
  CallCommand() {}

  @Override
  int run(Vertx vertx, Terminal terminal) {
    RpcClient client = openClient(vertx);
    Wire wire = wire(client);
    Buffer request = wire.encode(body.equals("-") ? standardInput() : body);
    Reply<Buffer> reply =
        await(
            client
                .start(Request.of(service, wire.endpoint(), request, Buffer.class), options(wire))
                .response(),
            flags.timeout);
    String text = wire.decode(reply.body());
    if (json) {
      terminal.line(
          new JsonObject()
              .put("reply", parsed(text))
              .put("node", reply.node().id())
              .put("address", reply.node().address())
              .put("attempts", reply.attempts())
              .encode());
    } else {
      terminal.line(shown(terminal, text));
    }
    return MicroCommand.OK;
  }

  static String standardInput() {
    try {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
