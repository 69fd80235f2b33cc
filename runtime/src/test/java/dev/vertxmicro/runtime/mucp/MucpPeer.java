// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.TestCertificate;
import dev.vertxmicro.runtime.transport.TransportPeer;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server of mucp on plain sockets, read by Netty's decoder. Like go-micro's it begins each answer
 * with the headers of the first request on its connection; unlike go-micro's it ends a stream of
 * which the client has said that it has ended.
 */
public final class MucpPeer implements TransportPeer {

  private static final int LARGEST = 16 << 20;

  private final NetServer server;
  private volatile @Nullable Consumer<Call> calls;
  private volatile @Nullable Consumer<Stream> streams;

  private MucpPeer(NetServer server) {
    this.server = server;
  }

  /** Starts one on a free port of this machine. */
  public static MucpPeer start(Vertx vertx) {
    return start(vertx, new NetServerOptions());
  }

  /** Starts one that speaks TLS and shows that certificate. */
  static MucpPeer startTls(Vertx vertx, TestCertificate certificate) {
    return start(
        vertx, new NetServerOptions().setSsl(true).setKeyCertOptions(certificate.identity()));
  }

  private static MucpPeer start(Vertx vertx, NetServerOptions options) {
    NetServer server = vertx.createNetServer(options);
    MucpPeer peer = new MucpPeer(server);
    server.connectHandler(socket -> peer.new Connection(socket).start());
    await(server.listen(0, "127.0.0.1"));
    return peer;
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public Node node() {
    return at(server.actualPort());
  }

  /** Nobody listens on port 1 of this machine. */
  @Override
  public Node absentNode() {
    return at(1);
  }

  private static Node at(int port) {
    return Node.builder("mucp-" + port, "127.0.0.1:" + port).protocol("mucp").build();
  }

  @Override
  public void serve(Consumer<Call> handler) {
    calls = handler;
    streams = null;
  }

  @Override
  public void serveStreams(Consumer<Stream> handler) {
    streams = handler;
  }

  @Override
  public void close() {
    await(server.close());
  }

  /** One request, read whole. */
  private record Post(Map<String, String> headers, Buffer body) {

    static Post of(FullHttpRequest request) {
      Map<String, String> headers = new LinkedHashMap<>();
      request.headers().forEach(h -> headers.putIfAbsent(h.getKey(), utf8(h.getValue())));
      return new Post(headers, Buffer.buffer(ByteBufUtil.getBytes(request.content())));
    }

    private static String utf8(String latin1) {
      return new String(latin1.getBytes(ISO_8859_1), UTF_8);
    }

    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    Metadata metadata() {
      return Metadata.of(headers);
    }

    @Nullable Duration remaining() {
      String timeout = header("Timeout");
      return timeout.isEmpty() ? null : Duration.ofNanos(Long.parseLong(timeout));
    }
  }

  private final class Connection {
    private final NetSocket socket;
    private final Context context = Vertx.currentContext();
    private final EmbeddedChannel decoder =
        new EmbeddedChannel(new HttpRequestDecoder(), new HttpObjectAggregator(LARGEST));
    private final Promise<Void> gone = Promise.promise();
    private @Nullable Map<String, String> first;
    private @Nullable ServedStream stream;

    Connection(NetSocket socket) {
      this.socket = socket;
    }

    void start() {
      socket.exceptionHandler(reset -> {});
      socket.closeHandler(v -> gone.tryComplete());
      socket.handler(this::received);
    }

    private void received(Buffer bytes) {
      decoder.writeInbound(Unpooled.wrappedBuffer(bytes.getBytes()));
      for (FullHttpRequest request = decoder.readInbound();
          request != null;
          request = decoder.readInbound()) {
        Post post = Post.of(request);
        request.release();
        took(post);
      }
    }

    private void took(Post post) {
      Map<String, String> begun = first == null ? post.headers : first;
      first = begun;
      ServedStream open = stream;
      if (open != null) {
        open.took(post);
      } else if (streams == null) {
        Consumer<Call> handler = calls;
        if (handler != null) {
          handler.accept(new ServedCall(this, post));
        }
      } else {
        ServedStream opened = new ServedStream(this, post);
        stream = opened;
        Consumer<Stream> handler = streams;
        if (handler != null) {
          handler.accept(opened);
        }
      }
    }

    /** Writes one answer: what the first request said, then what this one says. */
    Future<Void> answer(Map<String, String> own, Metadata more, Metadata trailers, Buffer body) {
      Map<String, String> headers = new LinkedHashMap<>(first == null ? Map.of() : first);
      headers.remove("Content-Length");
      headers.remove("Host");
      headers.putAll(own);
      StringBuilder head = new StringBuilder("HTTP/1.1 200 OK\r\n");
      headers.forEach((name, value) -> line(head, name, value));
      more.forEach((name, value) -> line(head, name, value));
      if (trailers.isEmpty()) {
        line(head, "Content-Length", Integer.toString(body.length()));
        head.append("\r\n");
        return socket.write(Buffer.buffer(head.toString()).appendBuffer(body));
      }
      line(head, "Transfer-Encoding", "chunked");
      head.append("\r\n");
      Buffer answer = Buffer.buffer(head.toString());
      if (body.length() > 0) {
        answer.appendString(Integer.toHexString(body.length()) + "\r\n").appendBuffer(body);
        answer.appendString("\r\n");
      }
      StringBuilder tail = new StringBuilder("0\r\n");
      trailers.forEach((name, value) -> line(tail, name, value));
      return socket.write(answer.appendString(tail.append("\r\n").toString()));
    }

    private static void line(StringBuilder head, String name, String value) {
      head.append(name).append(": ").append(value).append("\r\n");
    }

    void here(Runnable task) {
      context.runOnContext(v -> task.run());
    }
  }

  private static Map<String, String> error(String text) {
    return Map.of("Micro-Error", text, "X-Micro-Error", text);
  }

  private record ServedCall(Connection on, Post post) implements Call {

    @Override
    public String endpoint() {
      return post.header("Micro-Endpoint");
    }

    @Override
    public String contentType() {
      return post.header("Content-Type");
    }

    @Override
    public Metadata headers() {
      return post.metadata();
    }

    @Override
    public Buffer body() {
      return switch (contentType()) {
        case "application/json-rpc" ->
            new JsonObject(post.body).getJsonArray("params").getValue(0) == null
                ? Buffer.buffer()
                : new JsonObject(post.body).getJsonArray("params").getJsonObject(0).toBuffer();
        case "application/proto-rpc" -> {
          int value = 4 + post.body.getInt(0);
          yield post.body.getBuffer(value + 4, value + 4 + post.body.getInt(value));
        }
        default -> post.body;
      };
    }

    @Override
    public @Nullable Duration remaining() {
      return post.remaining();
    }

    @Override
    public void reply(Message reply) {
      Buffer body = wrapped(reply.body());
      Map<String, String> own =
          body.length() == 0 ? Map.of() : Map.of("Content-Type", contentType());
      on.here(() -> on.answer(own, reply.headers(), reply.trailers(), body));
    }

    private Buffer wrapped(Buffer value) {
      return switch (contentType()) {
        case "application/json-rpc" ->
            Buffer.buffer("{\"id\":\"0\",\"result\":")
                .appendString(value.length() == 0 ? "null" : value.toString())
                .appendString(",\"error\":null}\n");
        case "application/proto-rpc" ->
            Buffer.buffer().appendInt(0).appendInt(value.length()).appendBuffer(value);
        default -> value;
      };
    }

    @Override
    public void fail(RpcError error, GrpcStatus status) {
      on.here(
          () ->
              on.answer(
                  error(error.toJson()), Metadata.empty(), Metadata.empty(), Buffer.buffer()));
    }

    @Override
    public Future<Void> cancelled() {
      return on.gone.future();
    }
  }

  /** A stream: the first request only opens it. */
  private static final class ServedStream implements Stream {
    private final Connection on;
    private final Post first;
    private final Queue<Post> waiting = new ArrayDeque<>();
    private final Promise<Void> cancelled = Promise.promise();
    private Consumer<Buffer> each = request -> {};
    private Runnable ended = () -> {};
    private Metadata head = Metadata.empty();
    private boolean listening;
    private boolean paused;
    private boolean over;

    ServedStream(Connection on, Post first) {
      this.on = on;
      this.first = first;
      on.gone.future().onSuccess(v -> lost());
    }

    private void lost() {
      if (!over) {
        cancelled.tryComplete();
      }
    }

    void took(Post post) {
      waiting.add(post);
      handOver();
    }

    private void handOver() {
      while (listening && !paused && !waiting.isEmpty()) {
        Post next = waiting.remove();
        if (next.header("Micro-Error").equals("EOS")) {
          ended.run();
        } else {
          each.accept(next.body);
        }
      }
    }

    @Override
    public Metadata headers() {
      return first.metadata();
    }

    @Override
    public @Nullable Duration remaining() {
      return first.remaining();
    }

    @Override
    public void requests(Consumer<Buffer> each, Runnable ended) {
      this.each = each;
      this.ended = ended;
      listening = true;
      handOver();
    }

    @Override
    public void pause() {
      paused = true;
      on.socket.pause();
    }

    @Override
    public void resume() {
      paused = false;
      on.socket.resume();
      handOver();
    }

    /** There is no head without a message: it goes out with the next answer. */
    @Override
    public void head(Metadata headers) {
      head = headers;
    }

    @Override
    public void write(Buffer message) {
      answer(Map.of("Content-Type", first.header("Content-Type")), Metadata.empty(), message);
    }

    private void answer(Map<String, String> own, Metadata more, Buffer body) {
      Metadata headers = more.mergedOver(head);
      head = Metadata.empty();
      on.answer(own, headers, Metadata.empty(), body);
    }

    @Override
    public boolean isFull() {
      return on.socket.writeQueueFull();
    }

    @Override
    public void drained(Runnable handler) {
      on.socket.drainHandler(v -> handler.run());
    }

    @Override
    public void end(Metadata trailers) {
      over = true;
      answer(error("EOS"), trailers, Buffer.buffer());
    }

    @Override
    public void fail(RpcError error, GrpcStatus status) {
      over = true;
      answer(error(error.toJson()), Metadata.empty(), Buffer.buffer());
    }

    @Override
    public Future<Void> cancelled() {
      return cancelled.future();
    }
  }
}
