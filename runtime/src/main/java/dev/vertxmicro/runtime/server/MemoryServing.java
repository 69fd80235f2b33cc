// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.transport.IncomingStream;
import dev.vertxmicro.runtime.transport.MemoryTransport;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** The endpoints of a server for callers in the same process: no port, no wire, the same errors. */
final class MemoryServing {

  private final Endpoints endpoints;
  private final Codecs codecs;
  private final ServerOptions options;

  MemoryServing(Endpoints endpoints, Codecs codecs, ServerOptions options) {
    this.endpoints = endpoints;
    this.codecs = codecs;
    this.options = options;
  }

  void serve(MemoryTransport transport, String address) {
    transport.serve(address, this::answer);
    transport.serveStreams(address, this::open);
  }

  private Future<Message> answer(MemoryTransport.Incoming incoming) {
    ServedEndpoint<?, ?> endpoint = find(incoming.message());
    return endpoint.handler() == null
        ? Future.failedFuture(misused(endpoint, "a call", "streams"))
        : answer(endpoint, incoming);
  }

  private <Q, R> Future<Message> answer(
      ServedEndpoint<Q, R> endpoint, MemoryTransport.Incoming incoming) {
    Message request = incoming.message();
    Codec codec = codec(request);
    checkSize(request.body());
    MemoryCall call =
        new MemoryCall(endpoint.name(), request, incoming.deadline(), incoming.cancelled());
    Q value = decode(codec, request.body(), endpoint);
    return call.call(() -> endpoint.handle(value, call))
        .map(reply -> encode(codec, reply))
        .map(
            body ->
                Message.reply()
                    .headers(call.replyHeaders())
                    .trailers(call.replyTrailers())
                    .contentType(request.contentType())
                    .body(body)
                    .build())
        .recover(failure -> Future.failedFuture(Served.statusOf(failure).toException()));
  }

  private void open(IncomingStream incoming) {
    ServedEndpoint<?, ?> endpoint = find(incoming.head());
    if (endpoint.streams() == null) {
      throw misused(endpoint, "a stream", "calls");
    }
    new MemoryServerStream<>(this, endpoint, incoming, codec(incoming.head())).start();
  }

  private ServedEndpoint<?, ?> find(Message request) {
    CallPath path = path(request.endpoint());
    ServedEndpoint<?, ?> endpoint = path == null ? null : endpoints.find(path);
    if (endpoint == null) {
      String text = path == null ? "malformed method name" : endpoints.unknown(path);
      throw WireStatus.plain(GrpcStatus.UNIMPLEMENTED, text).toException();
    }
    return endpoint;
  }

  private static @Nullable CallPath path(String endpoint) {
    int dot = endpoint.lastIndexOf('.');
    return endpoint.startsWith("/")
        ? CallPath.parse(endpoint)
        : CallPath.parse(
            "/" + endpoint.substring(0, Math.max(dot, 0)) + "/" + endpoint.substring(dot + 1));
  }

  private static RpcException misused(ServedEndpoint<?, ?> endpoint, String was, String expected) {
    return WireStatus.plain(
            GrpcStatus.INTERNAL,
            "endpoint " + endpoint.name() + ": " + was + " (expected: " + expected + ")")
        .toException();
  }

  private Codec codec(Message request) {
    Codec codec = codecs.find(request.contentType());
    if (codec == null) {
      String detail = "unsupported Content-Type: " + request.contentType();
      throw WireStatus.server(GrpcStatus.UNKNOWN, 500, detail).toException();
    }
    return codec;
  }

  void checkSize(Buffer request) {
    int most = options.getMaxRequestBytes();
    if (request.length() > most) {
      throw WireStatus.plain(
              GrpcStatus.RESOURCE_EXHAUSTED,
              "grpc: received message larger than max (" + request.length() + " vs. " + most + ")")
          .toException();
    }
  }

  <Q> Q decode(Codec codec, Buffer body, ServedEndpoint<Q, ?> endpoint) {
    try {
      return Served.decode(codec, body, endpoint.requestType());
    } catch (CodecException unfit) {
      throw Served.unreadable(unfit).toException();
    }
  }

  Buffer encode(Codec codec, @Nullable Object reply) {
    Buffer body;
    try {
      body = Served.encode(codec, reply);
    } catch (CodecException unfit) {
      throw Served.unwritable(unfit).toException();
    }
    int most = options.getMaxReplyBytes();
    if (body.length() > most) {
      throw Served.tooLarge(body.length(), most).toException();
    }
    return body;
  }
}
