// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.PercentEncoding;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.StatusDetails;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.TransportPeer;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC server on Vert.x' HTTP/2 server with framing of its own, so that it shares no code with
 * the transport under test but the error encoding.
 */
final class Http2Peer implements TransportPeer {

  private final HttpServer server;
  private volatile Consumer<Call> handler = call -> {};
  private volatile @Nullable Consumer<Stream> streams;

  private Http2Peer(Vertx vertx) {
    HttpServerOptions options = new HttpServerOptions().setHttp2RstFloodMaxRstFramePerWindow(5_000);
    server = vertx.createHttpServer(options).requestHandler(this::arrived);
  }

  /** Starts to listen on a free port of loopback. */
  static Http2Peer start(Vertx vertx) {
    Http2Peer peer = new Http2Peer(vertx);
    wait(peer.server.listen(0, "127.0.0.1"));
    return peer;
  }

  @Override
  public Node node() {
    return Node.builder("peer", "127.0.0.1:" + server.actualPort()).protocol("grpc").build();
  }

  @Override
  public Node absentNode() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return Node.of("absent", "127.0.0.1:" + socket.getLocalPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void serve(Consumer<Call> handler) {
    this.handler = handler;
  }

  @Override
  public void serveStreams(Consumer<Stream> handler) {
    this.streams = handler;
  }

  @Override
  public void close() {
    wait(server.close());
  }

  private void arrived(HttpServerRequest request) {
    Promise<Void> cancelled = Promise.promise();
    request.exceptionHandler(reset -> cancelled.tryComplete());
    request.response().exceptionHandler(reset -> cancelled.tryComplete());
    Consumer<Stream> serving = streams;
    if (serving != null) {
      serving.accept(new Http2PeerStream(request, cancelled));
      return;
    }
    request.body().onSuccess(body -> handler.accept(new Http2Call(request, body, cancelled)));
  }

  private static void wait(Future<?> future) {
    try {
      future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private record Http2Call(HttpServerRequest request, Buffer frame, Promise<Void> cancel)
      implements Call {

    @Override
    public String endpoint() {
      return request.path();
    }

    @Override
    public String contentType() {
      return request.getHeader("content-type");
    }

    @Override
    public Metadata headers() {
      return metadata(request);
    }

    @Override
    public Buffer body() {
      if (frame.getByte(0) != 0 || frame.getUnsignedInt(1) != frame.length() - 5) {
        throw new AssertionError("not one whole message: " + frame.length() + " bytes");
      }
      return frame.getBuffer(5, frame.length());
    }

    @Override
    public @Nullable Duration remaining() {
      return Http2Peer.remaining(request);
    }

    @Override
    public void reply(Message reply) {
      HttpServerResponse response = request.response();
      String contentType = reply.contentType();
      response.putHeader("content-type", contentType.isEmpty() ? contentType() : contentType);
      add(reply.headers(), response.headers());
      add(reply.trailers(), response.trailers());
      response.trailers().add("grpc-status", "0");
      Buffer prefix = Buffer.buffer().appendByte((byte) 0).appendInt(reply.body().length());
      response.setChunked(true).end(prefix.appendBuffer(reply.body()));
    }

    @Override
    public void fail(RpcError error, GrpcStatus status) {
      request.response().putHeader("content-type", contentType());
      Http2Peer.write(error, status, request.response().headers());
      request.response().end();
    }

    @Override
    public Future<Void> cancelled() {
      return cancel.future();
    }
  }

  private static @Nullable Duration remaining(HttpServerRequest request) {
    String timeout = request.getHeader("grpc-timeout");
    if (timeout == null) {
      return null;
    }
    long value = Long.parseLong(timeout.substring(0, timeout.length() - 1));
    return switch (timeout.charAt(timeout.length() - 1)) {
      case 'n' -> Duration.ofNanos(value);
      case 'u' -> Duration.ofNanos(value * 1_000);
      case 'm' -> Duration.ofMillis(value);
      case 'S' -> Duration.ofSeconds(value);
      default -> throw new AssertionError(timeout);
    };
  }

  private static void write(RpcError error, GrpcStatus status, MultiMap headers) {
    headers
        .set("grpc-status", String.valueOf(status.code()))
        .set("grpc-message", PercentEncoding.encode(error.toJson()))
        .set(StatusDetails.HEADER, StatusDetails.toHeader(StatusDetails.encode(status, error)));
  }

  private static Metadata metadata(HttpServerRequest request) {
    Metadata.Builder metadata = Metadata.builder();
    for (Map.Entry<String, String> header : request.headers()) {
      metadata.addReceived(header.getKey(), header.getValue());
    }
    return metadata.build();
  }

  private static void add(Metadata metadata, MultiMap headers) {
    metadata.forEach((name, value) -> headers.add(name, value));
  }

  /** A stream with framing of its own: of the plainest kind, one copy for every chunk. */
  private static final class Http2PeerStream implements Stream {

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Promise<Void> cancel;
    private Buffer held = Buffer.buffer();
    private boolean begun;

    Http2PeerStream(HttpServerRequest request, Promise<Void> cancel) {
      this.request = request;
      this.response = request.response();
      this.cancel = cancel;
    }

    @Override
    public Metadata headers() {
      return metadata(request);
    }

    @Override
    public @Nullable Duration remaining() {
      return Http2Peer.remaining(request);
    }

    @Override
    public void requests(Consumer<Buffer> each, Runnable ended) {
      request.handler(
          chunk -> {
            held.appendBuffer(chunk);
            while (held.length() >= 5 && held.length() - 5 >= held.getInt(1)) {
              int end = 5 + held.getInt(1);
              Buffer message = held.getBuffer(5, end);
              held = held.getBuffer(end, held.length());
              each.accept(message);
            }
          });
      request.endHandler(end -> ended.run());
    }

    @Override
    public void pause() {
      request.pause();
    }

    @Override
    public void resume() {
      request.resume();
    }

    @Override
    public void head(Metadata headers) {
      begun = true;
      response.putHeader("content-type", request.getHeader("content-type")).setChunked(true);
      add(headers, response.headers());
      response.writeHead();
    }

    @Override
    public void write(Buffer message) {
      if (!begun) {
        head(Metadata.empty());
      }
      response.write(
          Buffer.buffer().appendByte((byte) 0).appendInt(message.length()).appendBuffer(message));
    }

    @Override
    public boolean isFull() {
      return response.writeQueueFull();
    }

    @Override
    public void drained(Runnable handler) {
      response.drainHandler(now -> handler.run());
    }

    @Override
    public void end(Metadata trailers) {
      if (!begun) {
        head(Metadata.empty());
      }
      add(trailers, response.trailers());
      response.trailers().set("grpc-status", "0");
      response.end();
    }

    @Override
    public void fail(RpcError error, GrpcStatus status) {
      if (begun) {
        Http2Peer.write(error, status, response.trailers());
      } else {
        response.putHeader("content-type", request.getHeader("content-type"));
        Http2Peer.write(error, status, response.headers());
      }
      response.end();
    }

    @Override
    public Future<Void> cancelled() {
      return cancel.future();
    }
  }
}
