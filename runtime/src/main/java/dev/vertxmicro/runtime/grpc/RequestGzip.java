// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.framing.Gzip;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Compresses the requests of one transport where that is wanted and worth it, and knows the nodes
 * that do not take it: a server without gzip answers 12 (UNIMPLEMENTED) and that it has no
 * decompressor, as go-micro's do, and has not acted.
 *
 * <p>May be used from any thread.
 */
final class RequestGzip {

  /** A node may be replaced by one that takes it. */
  static final long MEMORY_NANOS = 600_000_000_000L;

  /** Nodes that are remembered; beyond that all are forgotten, which costs a round trip each. */
  static final int MOST_NODES = 10_000;

  private final TimeSource time;
  private final boolean wanted;
  private final int least;
  private final Map<String, Long> refusals = new ConcurrentHashMap<>();

  RequestGzip(GrpcOptions options, TimeSource time) {
    this.time = time;
    this.wanted = options.isGzipRequests();
    this.least = options.getGzipMinBytes();
  }

  /** One way to send: as it is, or compressed. */
  @FunctionalInterface
  interface Sender {
    Exchange send(Message request, SendOptions options);
  }

  /** Tells whether any request is to be compressed. */
  boolean isWanted() {
    return wanted;
  }

  /** Sends a request, compressed first if that is worth it. */
  Exchange send(Node node, Message request, SendOptions options, Sender sender) {
    Buffer packed = packed(node, request.body(), options);
    return packed == null
        ? sender.send(request, options)
        : new GzipExchange(
            this,
            node,
            sender.send(
                request.toBuilder().body(packed).build(),
                options.withRequestEncoding(Gzip.ENCODING)),
            () -> sender.send(request, options));
  }

  /** Returns null for what is to be sent as it is; what is too large, too, to be refused. */
  private @Nullable Buffer packed(Node node, Buffer body, SendOptions options) {
    if (body.length() < least || body.length() > options.maxRequestBytes() || isRefusedBy(node)) {
      return null;
    }
    Buffer packed = Gzip.deflate(body);
    return packed.length() < body.length() ? packed : null;
  }

  private boolean isRefusedBy(Node node) {
    Long until = refusals.get(key(node));
    if (until == null) {
      return false;
    }
    if (time.nanoTime() - until < 0) {
      return true;
    }
    refusals.remove(key(node), until);
    return false;
  }

  /** Remembers that a node does not take it. */
  void refusedBy(Node node) {
    if (refusals.size() >= MOST_NODES) {
      refusals.clear();
    }
    refusals.put(key(node), time.nanoTime() + MEMORY_NANOS);
  }

  private static String key(Node node) {
    return node.id() + " " + node.address();
  }

  /** Tells whether a server has refused to inflate a request: the words are the server's own. */
  static boolean isRefusal(Throwable failure) {
    RpcException told = RpcException.from(failure);
    String detail = told.detail().toLowerCase(Locale.ROOT);
    return told.grpcStatus() == GrpcStatus.UNIMPLEMENTED
        && (detail.contains("decompressor") || detail.contains("compression"));
  }
}
