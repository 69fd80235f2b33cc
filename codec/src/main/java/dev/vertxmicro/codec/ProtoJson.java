// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;

/** Protobuf's own JSON, read with a tolerance for Go, see {@link GoStructJson}. */
final class ProtoJson {

  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

  private ProtoJson() {}

  static String write(Message message) throws IOException {
    return PRINTER.print(message);
  }

  static Message read(JsonNode json, Message empty) throws IOException {
    Message.Builder builder = empty.newBuilderForType();
    PARSER.merge(GoStructJson.toProtoJson(json, empty.getDescriptorForType()).toString(), builder);
    return builder.build();
  }
}
