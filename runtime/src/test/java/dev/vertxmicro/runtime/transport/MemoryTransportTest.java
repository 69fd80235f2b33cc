// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

class MemoryTransportTest extends StreamContract {

  private MemoryTransport transport;

  @Override
  protected Transport transport(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits) {
    transport = MemoryTransport.create(MemoryTransport.PROTOCOL, time, observer);
    return transport;
  }

  @Override
  protected TransportPeer peer(Vertx vertx) {
    return new MemoryPeer();
  }

  @Override
  protected boolean hasSockets() {
    return false;
  }

  @Override
  protected boolean hasConnections() {
    return false;
  }

  @Override
  protected boolean losesConnections() {
    return false;
  }

  private final class MemoryPeer implements TransportPeer {

    @Override
    public Node node() {
      return Node.of("greeter-1", "greeter-1");
    }

    @Override
    public Node absentNode() {
      return Node.of("greeter-2", "greeter-2");
    }

    @Override
    public void serve(Consumer<Call> handler) {
      transport.serve(
          "greeter-1",
          incoming -> {
            MemoryCall call = new MemoryCall(incoming);
            handler.accept(call);
            return call.reply.future();
          });
    }

    @Override
    public void serveStreams(Consumer<Stream> handler) {
      transport.serveStreams(
          "greeter-1", incoming -> handler.accept(new MemoryPeerStream(incoming)));
    }

    @Override
    public void close() {
      transport.stop("greeter-1");
    }
  }

  private record MemoryPeerStream(IncomingStream incoming) implements TransportPeer.Stream {

    @Override
    public Metadata headers() {
      return incoming.head().headers();
    }

    @Override
    public @Nullable Duration remaining() {
      return incoming.deadline().isNone() ? null : incoming.deadline().remaining();
    }

    @Override
    public void requests(Consumer<Buffer> each, Runnable ended) {
      incoming.requests(each::accept, ended);
      resume();
    }

    @Override
    public void pause() {
      incoming.pause();
    }

    @Override
    public void resume() {
      incoming.fetch(Long.MAX_VALUE);
    }

    @Override
    public void head(Metadata headers) {
      incoming.head(headers);
    }

    @Override
    public void write(Buffer message) {
      incoming.write(message);
    }

    @Override
    public boolean isFull() {
      return incoming.isWriteQueueFull();
    }

    @Override
    public void drained(Runnable handler) {
      incoming.drainHandler(handler);
    }

    @Override
    public void end(Metadata trailers) {
      incoming.end(trailers);
    }

    @Override
    public void fail(RpcError error, GrpcStatus status) {
      incoming.fail(RpcException.of(error, status).processed(Processed.YES).build());
    }

    @Override
    public Future<Void> cancelled() {
      return incoming.cancelled();
    }
  }

  private static final class MemoryCall implements TransportPeer.Call {

    private final MemoryTransport.Incoming incoming;
    private final Promise<Message> reply = Promise.promise();

    MemoryCall(MemoryTransport.Incoming incoming) {
      this.incoming = incoming;
    }

    @Override
    public String endpoint() {
      return incoming.message().endpoint();
    }

    @Override
    public String contentType() {
      return incoming.message().contentType();
    }

    @Override
    public Metadata headers() {
      return incoming.message().headers();
    }

    @Override
    public Buffer body() {
      return incoming.message().body();
    }

    @Override
    public @Nullable Duration remaining() {
      return incoming.deadline().isNone() ? null : incoming.deadline().remaining();
    }

    @Override
    public void reply(Message message) {
      reply.tryComplete(message);
    }

    @Override
    public void fail(RpcError error, GrpcStatus status) {
      reply.tryFail(RpcException.of(error, status).processed(Processed.YES).build());
    }

    @Override
    public Future<Void> cancelled() {
      return incoming.cancelled();
    }
  }
}
