// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.Transport;
import io.vertx.core.buffer.Buffer;

/**
 * From a request to its message, once per call or per request of a stream, and from the message of
 * a reply back. Codecs may be the user's: whatever they throw becomes the failure of the call.
 *
 * <p>Called by {@link AttemptLoop}; calls the codec of the call's content type.
 */
final class CallBody {

  private CallBody() {}

  /**
   * Makes the message of a request with its body, if there is one; retries send the same bytes
   * again.
   *
   * @throws RpcException if there is no codec for it, the codec fails, or it is too large
   */
  static Message encode(ClientCore core, CallPlan plan, Request<?, ?> request, Metadata metadata) {
    String contentType = plan.contentType();
    Codec codec;
    try {
      if (contentType == null) {
        contentType = core.contentTypes().of(plan.protocol(), request.requestType());
      }
      codec = core.codecs().find(contentType);
    } catch (IllegalArgumentException unfit) {
      throw unfit(unfit);
    } catch (Throwable thrown) {
      throw AttemptLoop.broken("codec", thrown);
    }
    if (codec == null) {
      throw unknown(contentType, core.codecs());
    }
    Object body = request.body();
    Buffer bytes = body == null ? Buffer.buffer(0) : bytes(codec, body, plan);
    try {
      return Message.request(request.service(), request.endpoint())
          .headers(metadata)
          .contentType(contentType)
          .body(bytes)
          .build();
    } catch (IllegalArgumentException unfit) {
      throw unfit(unfit);
    }
  }

  /**
   * Returns the message of a request under the content type that a protocol has for its codec.
   *
   * @throws RpcException if it has none
   */
  static Message carried(ClientCore core, Transport by, Request<?, ?> request, Message message) {
    if (by.contentTypes().contains(message.contentType())) {
      return message;
    }
    try {
      String contentType = core.contentTypes().of(by.protocol(), request.requestType());
      if (core.codecs().get(contentType) == core.codecs().get(message.contentType())) {
        return message.toBuilder().contentType(contentType).build();
      }
    } catch (IllegalArgumentException unfit) {
      throw unfit(unfit);
    }
    throw RpcException.client(
            GrpcStatus.INTERNAL,
            "%s does not carry %s (expected: a content type of the call that it carries)"
                .formatted(by.protocol(), message.contentType()))
        .build();
  }

  /**
   * Encodes one request.
   *
   * @throws RpcException if the codec fails, or it is too large
   */
  static Buffer bytes(Codec codec, Object request, CallPlan plan) {
    Buffer body;
    try {
      body = codec.encode(request);
    } catch (IllegalArgumentException | CodecException unfit) {
      throw unfit(unfit);
    } catch (Throwable thrown) {
      throw AttemptLoop.broken("codec", thrown);
    }
    if (body.length() > plan.maxRequestBytes()) {
      throw tooLarge(body.length(), plan.maxRequestBytes());
    }
    return body;
  }

  private static RpcException unfit(RuntimeException why) {
    return RpcException.client(GrpcStatus.INTERNAL, "request " + why.getMessage())
        .cause(why)
        .build();
  }

  private static RpcException unknown(String contentType, Codecs codecs) {
    return RpcException.client(
            GrpcStatus.INTERNAL,
            "unsupported Content-Type: " + contentType + " (known: " + codecs.contentTypes() + ")")
        .build();
  }

  /** Returns the failure of a body that exceeds {@code maxRequestBytes}. */
  static RpcException tooLarge(int bytes, int most) {
    return RpcException.client(
            GrpcStatus.RESOURCE_EXHAUSTED,
            "request body: " + bytes + " bytes (expected: at most " + most + ")")
        .build();
  }

  /**
   * Decodes a reply.
   *
   * @throws RpcException if that fails: as the server's doing, since it has acted
   */
  static <R> Reply<R> decode(
      Codecs codecs, String contentType, Request<?, R> request, Message answer, Node node) {
    R body = value(codecs.get(contentType), answer.body(), request.replyType());
    return Reply.of(body, answer.headers(), answer.trailers(), node);
  }

  /**
   * Decodes one reply.
   *
   * @throws RpcException if that fails: as the server's doing, since it has acted
   */
  static <R> R value(Codec codec, Buffer body, TypeRef<R> type) {
    try {
      return codec.decode(body, type);
    } catch (Throwable unfit) {
      String what = unfit instanceof CodecException ? unfit.getMessage() : unfit.toString();
      throw RpcException.client(GrpcStatus.INTERNAL, "reply " + what)
          .processed(Processed.YES)
          .cause(unfit)
          .build();
    }
  }
}
