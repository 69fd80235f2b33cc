// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.BytesValue;
import com.google.protobuf.InvalidProtocolBufferException;
import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.Clients;
import com.linecorp.armeria.client.grpc.protocol.UnaryGrpcClient;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Armeria's unary gRPC client on one event loop, with its response timeout as the deadline. */
final class ArmeriaLoad implements Load {

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<ClientFactory> factories = new ArrayList<>();
  private final List<UnaryGrpcClient> clients = new ArrayList<>();
  private final BytesValue payload;
  private int turn;

  ArmeriaLoad(Setup setup) {
    payload = Load.payload(setup.payloadBytes());
    String scheme = setup.tls() ? "gproto+h2" : "gproto+h2c";
    for (int i = 0; i < setup.connections(); i++) {
      ClientFactory factory =
          ClientFactory.builder().workerGroup(loop, false).tlsNoVerify().build();
      factories.add(factory);
      clients.add(
          Clients.builder(scheme + "://127.0.0.1:" + setup.serverPort())
              .factory(factory)
              .responseTimeout(Duration.ofSeconds(DEADLINE_SECONDS))
              .build(UnaryGrpcClient.class));
    }
  }

  /** With more than one connection, each in its turn. */
  private UnaryGrpcClient next() {
    turn = turn + 1 < clients.size() ? turn + 1 : 0;
    return clients.get(turn);
  }

  @Override
  public String options() {
    return "one endpoint, response timeout, one event loop";
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    next()
        .execute(PATH, payload.toByteArray())
        .whenComplete(
            (bytes, failure) -> {
              if (failure != null) {
                done.accept(failure);
                return;
              }
              try {
                Load.check(BytesValue.parseFrom(bytes), payload, done);
              } catch (InvalidProtocolBufferException broken) {
                done.accept(broken);
              }
            });
  }

  @Override
  public void close() {
    factories.forEach(ClientFactory::closeAsync);
    loop.shutdownGracefully();
  }
}
