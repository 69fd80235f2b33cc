// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.TransportPeer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A {@link RawCluster} for the contract of transports: every action is served. */
final class WebSocketPeer implements TransportPeer {

  private final RawCluster cluster;

  private WebSocketPeer(RawCluster cluster) {
    this.cluster = cluster;
  }

  static WebSocketPeer start(Vertx vertx) {
    return new WebSocketPeer(RawCluster.start(vertx));
  }

  @Override
  public Node node() {
    return cluster.node();
  }

  /** Nobody listens on port 1 of this machine. */
  @Override
  public Node absentNode() {
    return RawCluster.at("absent", "ws://127.0.0.1:1/");
  }

  @Override
  public void serve(Consumer<Call> handler) {
    cluster.answer((connection, asked) -> handler.accept(new Served(asked)));
  }

  @Override
  public void serveStreams(Consumer<Stream> handler) {
    throw new UnsupportedOperationException("streams have one request, and no end");
  }

  @Override
  public void close() {
    cluster.close();
  }

  private record Served(RawCluster.Asked asked) implements Call {

    @Override
    public String endpoint() {
      return asked.action();
    }

    @Override
    public String contentType() {
      return "";
    }

    @Override
    public Metadata headers() {
      return Metadata.empty();
    }

    @Override
    public Buffer body() {
      JsonObject parameters = asked.request().copy();
      parameters.remove("op_id");
      parameters.remove("action");
      return parameters.toBuffer();
    }

    @Override
    public @Nullable Duration remaining() {
      return null;
    }

    /** To the byte, but for the id in front. */
    @Override
    public void reply(Message reply) {
      String body = reply.body().toString();
      String rest = body.length() <= 2 ? "}" : "," + body.substring(1);
      asked.on().say("{\"op_id\":\"" + asked.id() + "\"" + rest);
    }

    @Override
    public void fail(RpcError error, GrpcStatus status) {
      asked.reply(new JsonObject().put("err", error.detail()));
    }

    @Override
    public Future<Void> cancelled() {
      return Future.failedFuture("the protocol does not tell");
    }
  }
}
