// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.BytesValue;
import com.google.protobuf.InvalidProtocolBufferException;
import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.Clients;
import com.linecorp.armeria.client.grpc.protocol.UnaryGrpcClient;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Armeria's unary gRPC client on one event loop, with its response timeout as the deadline. */
final class ArmeriaLoad implements Load {

  private final ClientFactory factory = ClientFactory.builder().workerGroup(1).build();
  private final UnaryGrpcClient client;
  private final BytesValue payload = Load.payload();

  ArmeriaLoad(int port) {
    client =
        Clients.builder("gproto+h2c://127.0.0.1:" + port)
            .factory(factory)
            .responseTimeout(Duration.ofSeconds(DEADLINE_SECONDS))
            .build(UnaryGrpcClient.class);
  }

  @Override
  public String options() {
    return "one endpoint, response timeout, one event loop";
  }

  @Override
  public void execute(Runnable task) {
    factory.eventLoopGroup().next().execute(task);
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    client
        .execute(PATH, payload.toByteArray())
        .whenComplete(
            (bytes, failure) -> {
              if (failure != null) {
                done.accept(failure);
                return;
              }
              try {
                Load.check(BytesValue.parseFrom(bytes), done);
              } catch (InvalidProtocolBufferException broken) {
                done.accept(broken);
              }
            });
  }

  @Override
  public void close() {
    factory.closeAsync();
  }
}
