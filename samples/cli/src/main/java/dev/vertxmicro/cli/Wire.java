// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import org.jspecify.annotations.Nullable;

/**
 * What the JSON of people becomes on the wire, and back: protobuf messages if the method is
 * described, else JSON as it is.
 *
 * @param endpoint what is called
 * @param contentType what the bytes are
 * @param method the description; null for JSON as it is
 */
record Wire(String endpoint, String contentType, @Nullable MethodDescriptor method) {

  /** The path that plain gRPC servers know is that of the full name. */
  static Wire described(MethodDescriptor method) {
    return new Wire(
        "/" + method.getService().getFullName() + "/" + method.getName(),
        "application/grpc+proto",
        method);
  }

  /** A method as go-micro's own protocol calls it, which has names in place of paths. */
  static Wire named(MethodDescriptor method) {
    return new Wire(
        method.getService().getName() + "." + method.getName(), "application/protobuf", method);
  }

  static Wire plain(String endpoint, String contentType) {
    return new Wire(endpoint, contentType, null);
  }

  /**
   * Returns the bytes of a request.
   *
   * @throws IllegalArgumentException if the text is no JSON, or not of that message
   */
  Buffer encode(String json) {
    MethodDescriptor described = method;
    if (described == null) {
      try {
        return Json.encodeToBuffer(Json.decodeValue(json));
      } catch (DecodeException malformed) {
        throw new IllegalArgumentException("request: " + text(malformed), malformed);
      }
    }
    DynamicMessage.Builder message = DynamicMessage.newBuilder(described.getInputType());
    try {
      JsonFormat.parser().usingTypeRegistry(types(described.getInputType())).merge(json, message);
    } catch (InvalidProtocolBufferException malformed) {
      throw new IllegalArgumentException(
          "request: "
              + malformed.getMessage()
              + " (expected: "
              + described.getInputType().getFullName()
              + ")",
          malformed);
    }
    return Buffer.buffer(message.build().toByteArray());
  }

  /** Returns what is wrong and where, in one line. */
  private static String text(DecodeException malformed) {
    return String.valueOf(malformed.getMessage())
        .replace("Failed to decode:", "")
        .replaceAll("(?s)\\s*at \\[Source: .*(line: \\d+, column: \\d+)]", " ($1)");
  }

  /** Returns the JSON of a reply in one line; bytes that are no JSON as text. */
  String decode(Buffer reply) {
    MethodDescriptor described = method;
    if (described == null) {
      return reply.length() == 0 ? "null" : reply.toString().strip();
    }
    try {
      DynamicMessage message =
          DynamicMessage.parseFrom(described.getOutputType(), reply.getBytes());
      return JsonFormat.printer()
          .usingTypeRegistry(types(described.getOutputType()))
          .omittingInsignificantWhitespace()
          .alwaysPrintFieldsWithNoPresence()
          .print(message);
    } catch (InvalidProtocolBufferException malformed) {
      throw new CodecException(
          "reply: not a " + described.getOutputType().getFullName(), malformed);
    }
  }

  private static TypeRegistry types(Descriptor type) {
    return TypeRegistry.newBuilder().add(type.getFile().getMessageTypes()).build();
  }
}
