// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.vertx.core.buffer.Buffer;

/** JSON of the gateway: unset fields are written, unknown ones are passed over. */
final class ProtoText {

  private static final JsonFormat.Printer WHOLE =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace();
  private static final JsonFormat.Printer SHORT =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

  private ProtoText() {}

  /** Returns the JSON of an answer. */
  static String whole(Message message) {
    return print(WHOLE, message);
  }

  /** Returns the JSON of a log line: what is not set is left out. */
  static String brief(Message message) {
    return print(SHORT, message);
  }

  private static String print(JsonFormat.Printer printer, Message message) {
    try {
      return printer.print(message);
    } catch (InvalidProtocolBufferException unprintable) {
      // Only messages of type Any are unprintable, and these have none.
      throw new IllegalStateException(unprintable);
    }
  }

  /**
   * Reads a message into {@code builder}; an empty body is an empty message.
   *
   * @throws IllegalArgumentException if the body is no JSON of it
   */
  static <B extends Message.Builder> B read(Buffer body, B builder) {
    try {
      if (body.length() > 0) {
        PARSER.merge(body.toString(), builder);
      }
      return builder;
    } catch (InvalidProtocolBufferException malformed) {
      throw new IllegalArgumentException("body: " + malformed.getMessage(), malformed);
    }
  }
}
