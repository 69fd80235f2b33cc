// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.framing.FramingException;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads whole answers: what go-micro's servers say in them, always with status 200, and what others
 * on the way say.
 */
final class Replies {

  private static final String TRANSPORT_ID = "go.micro.client.transport";
  private static final int INTERNAL = 500;
  private static final int MOST_DETAIL = 4_096;

  private Replies() {}

  /** Returns what {@code Micro-Error} says, or null. */
  static @Nullable String errorText(Metadata headers) {
    String text = headers.get(MucpHeaders.ERROR, "");
    if (text.isEmpty()) {
      text = headers.get("X-" + MucpHeaders.ERROR, "");
    }
    return text.isEmpty() ? null : text;
  }

  /**
   * Returns the message of an answer.
   *
   * @param echoed the headers of the first request on the connection
   * @throws RpcException if the answer is an error, or none of a go-micro server
   */
  static Message read(HttpAnswer answer, WireType type, Metadata echoed) {
    Metadata metadata = MucpHeaders.read(answer.headers(), echoed);
    if (answer.status() != 200) {
      throw foreign(answer, metadata);
    }
    String error = errorText(answer.headers());
    if (error != null) {
      throw failed(error, metadata);
    }
    String contentType = answer.headers().get(MucpHeaders.CONTENT_TYPE, "");
    if (contentType.toLowerCase(Locale.ROOT).startsWith("text/")) {
      // No codec writes text: a server that does not know the content type of the request.
      throw failed(detail(answer.body()), metadata);
    }
    return Message.reply()
        .contentType(type.accept())
        .headers(metadata)
        .trailers(MucpHeaders.read(answer.trailers(), Metadata.empty()))
        .body(value(answer.body(), type, metadata))
        .build();
  }

  /** A reply may be empty whatever its envelope: then the value is. */
  private static Buffer value(Buffer body, WireType type, Metadata metadata) {
    if (body.length() == 0) {
      return body;
    }
    Envelope.Content content;
    try {
      content = type.envelope().unwrap(body);
    } catch (FramingException misfit) {
      throw RpcException.client(misfit.status(), misfit.getMessage())
          .processed(Processed.YES)
          .metadata(metadata)
          .build();
    }
    if (content.error() != null) {
      throw failed(content.error(), metadata);
    }
    return content.value();
  }

  /** The error that a server sent as text: go-micro's JSON, or what a handler returned. */
  static RpcException failed(String text, Metadata metadata) {
    RpcError parsed = RpcError.parse(text);
    RpcError error = parsed.code() > 0 ? parsed : RpcError.of(RpcError.CLIENT_ID, INTERNAL, text);
    GrpcStatus status = GrpcStatus.ofMicroCode(error.code());
    return RpcException.of(error, status == GrpcStatus.OK ? GrpcStatus.UNKNOWN : status)
        .processed(Processed.YES)
        .metadata(metadata)
        .build();
  }

  /**
   * The answer of something else, a proxy for example, which may or may not have passed the request
   * on. Id and code are those of go-micro's client.
   */
  private static RpcException foreign(HttpAnswer answer, Metadata metadata) {
    String body = detail(answer.body());
    String detail = body.isEmpty() ? answer.statusLine() : answer.statusLine() + ": " + body;
    return RpcException.of(
            RpcError.of(TRANSPORT_ID, INTERNAL, detail), GrpcStatus.ofHttpStatus(answer.status()))
        .processed(Processed.UNKNOWN)
        .metadata(metadata)
        .build();
  }

  private static String detail(Buffer body) {
    return body.getString(0, Math.min(body.length(), MOST_DETAIL)).strip();
  }
}
