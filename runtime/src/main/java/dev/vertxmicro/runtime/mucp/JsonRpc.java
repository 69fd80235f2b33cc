// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.mucp.Envelope.Content;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * JSON-RPC 1.0 as go-micro's codec/jsonrpc has it: one parameter, the id as a string. The value is
 * passed on byte by byte, so that no number changes on the way.
 */
final class JsonRpc {

  private static final JsonFactory JSON = new JsonFactory();
  private static final Buffer NOTHING = Buffer.buffer("null");

  private JsonRpc() {}

  static Buffer request(long id, String method, Buffer value) {
    Buffer quoted = Buffer.buffer(JsonStringEncoder.getInstance().quoteAsUTF8(method));
    return Buffer.buffer(value.length() + quoted.length() + 64)
        .appendString("{\"params\":[")
        .appendBuffer(value.length() == 0 ? NOTHING : value)
        .appendString("],\"id\":\"" + id + "\",\"method\":\"")
        .appendBuffer(quoted)
        .appendString("\"}\n");
  }

  /**
   * Reads a reply; names that it does not know are passed over.
   *
   * @throws FramingException if it is no JSON object
   */
  static Content reply(Buffer body) {
    byte[] bytes = body.getBytes();
    Buffer value = Buffer.buffer();
    String error = null;
    try (JsonParser json = JSON.createParser(bytes)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw malformed();
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken first = json.nextToken();
        Buffer raw = raw(json, bytes);
        if (name.equals("result")) {
          value = raw;
        } else if (name.equals("error")) {
          error = error(first, json, raw);
        }
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw malformed();
      }
    } catch (IOException notJson) {
      // Without the parser's text, which may quote the body.
      throw malformed();
    }
    return error == null ? new Content(value, null) : new Content(Buffer.buffer(), error);
  }

  /** Reads the value at which the parser stands to its end. */
  private static Buffer raw(JsonParser json, byte[] bytes) throws IOException {
    int start = (int) json.currentTokenLocation().getByteOffset();
    json.skipChildren();
    json.finishToken();
    int end = (int) json.currentLocation().getByteOffset();
    return Buffer.buffer(end - start).appendBytes(bytes, start, end - start);
  }

  /** Errors are strings; what another server sends in their place is told as it is. */
  private static @Nullable String error(JsonToken first, JsonParser json, Buffer raw)
      throws IOException {
    return switch (first) {
      case VALUE_NULL -> null;
      case VALUE_STRING -> json.getText().isEmpty() ? null : json.getText();
      default -> raw.toString();
    };
  }

  private static FramingException malformed() {
    return FramingException.broken("the reply is no JSON-RPC");
  }
}
