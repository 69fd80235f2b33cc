// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.Request;
import dev.vertxmicro.runtime.RpcClient;
import dev.vertxmicro.runtime.RpcStream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Opens a stream. */
@Command(
    name = "stream",
    sortOptions = false,
    description = "Opens a stream, sends the requests, and prints each reply as a line of JSON.")
final class StreamCommand extends CallingCommand {

  @Parameters(
      index = "2..*",
      paramLabel = "JSON",
      description =
          "The requests, sent in order; - reads them from standard input, one a line. Default: {}")
  private List<String> bodies = new ArrayList<>();

  /** Made by the command line. */
  StreamCommand() {}

  @Override
  int run(Vertx vertx, Terminal terminal) {
    RpcClient client = openClient(vertx);
    Wire wire = wire(client);
    List<String> texts =
        bodies.equals(List.of("-"))
            ? Arrays.stream(CallCommand.standardInput().split("\n"))
                .filter(line -> !line.isBlank())
                .toList()
            : orEmptyObject(bodies);
    List<Buffer> requests = texts.stream().map(wire::encode).toList();
    CallOption options = CallOption.of(options(wire), CallOption.streamTimeout(flags.timeout));
    Promise<Void> ended = Promise.promise();
    client.stream(Request.stream(service, wire.endpoint(), Buffer.class, Buffer.class), options)
        .onFailure(ended::tryFail)
        .onSuccess(stream -> run(stream, wire, terminal, requests, ended));
    await(ended.future(), flags.timeout);
    return MicroCommand.OK;
  }

  /** On the context of the stream. */
  private void run(
      RpcStream<Buffer, Buffer> stream,
      Wire wire,
      Terminal terminal,
      List<Buffer> requests,
      Promise<Void> ended) {
    stream
        .handler(
            reply -> {
              try {
                terminal.line(json ? wire.decode(reply) : shown(terminal, wire.decode(reply)));
              } catch (RuntimeException unreadable) {
                ended.tryFail(unreadable);
                stream.cancel("unreadable");
              }
            })
        .exceptionHandler(ended::tryFail)
        .endHandler(end -> ended.tryComplete())
        .resume();
    Future<Void> sent = Future.succeededFuture();
    for (Buffer request : requests) {
      sent = sent.compose(before -> stream.write(request));
    }
    sent.compose(all -> stream.end())
        .onFailure(
            failure -> {
              // The server may have ended first, and how is what counts.
              if (RpcException.from(failure).grpcStatus() == GrpcStatus.INVALID_ARGUMENT) {
                ended.tryFail(failure);
                stream.cancel("not sent");
              }
            });
  }
}
