// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.TransportPeer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A {@link SkynetServer} for the contract of transports: every name is served. */
final class SkynetPeer implements TransportPeer {

  private final SkynetServer server;
  private final int port;
  private volatile @Nullable Consumer<Call> calls;

  private SkynetPeer(SkynetServer server, int port) {
    this.server = server;
    this.port = port;
  }

  static SkynetPeer start(Vertx vertx) {
    SkynetServer server = SkynetServer.create(vertx);
    SkynetPeer peer = new SkynetPeer(server, Waiting.await(server.open(0)));
    server.others(peer::take);
    return peer;
  }

  private @Nullable Future<Buffer> take(
      String address, Buffer arguments, boolean push, @Nullable String trace) {
    Promise<Buffer> replied = Promise.promise();
    Consumer<Call> handler = calls;
    if (handler != null) {
      handler.accept(new Served(address, arguments, replied));
    }
    return replied.future();
  }

  @Override
  public Node node() {
    return at("skynet", port);
  }

  /** Nobody listens on port 1 of this machine. */
  @Override
  public Node absentNode() {
    return at("absent", 1);
  }

  private static Node at(String name, int port) {
    return Node.builder(name, "127.0.0.1:" + port).protocol("skynet").build();
  }

  @Override
  public void serve(Consumer<Call> handler) {
    calls = handler;
  }

  @Override
  public void serveStreams(Consumer<Stream> handler) {
    throw new UnsupportedOperationException("skynet has no streams");
  }

  @Override
  public void close() {
    Waiting.await(server.close());
  }

  private record Served(String endpoint, Buffer body, Promise<Buffer> replied) implements Call {

    @Override
    public String contentType() {
      return "";
    }

    @Override
    public Metadata headers() {
      return Metadata.empty();
    }

    @Override
    public @Nullable Duration remaining() {
      return null;
    }

    @Override
    public void reply(Message reply) {
      replied.tryComplete(reply.body());
    }

    @Override
    public void fail(RpcError error, GrpcStatus status) {
      replied.tryFail(error.detail());
    }

    @Override
    public Future<Void> cancelled() {
      return Future.failedFuture("skynet does not tell");
    }
  }
}
