// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** The payload as Jackson writes and reads it: what ours is compared with. */
final class JacksonPayload {

  private static final JsonFactory JSON = new JsonFactory();

  private JacksonPayload() {}

  static byte[] encode(Metadata headers, byte[] body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart("Header");
      for (var header : headers) {
        json.writeStringField(header.getKey(), header.getValue());
      }
      json.writeEndObject();
      json.writeBinaryField("Body", body);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /** Fails with an IOException if the bytes are no such payload. */
  static Message decode(String topic, byte[] payload) throws IOException {
    Metadata.Builder headers = Metadata.builder();
    byte[] body = {};
    try (JsonParser json = JSON.createParser(payload)) {
      expect(json.nextToken() == JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equalsIgnoreCase("Header")) {
          headers = value == JsonToken.VALUE_NULL ? Metadata.builder() : read(json, headers);
        } else if (name.equalsIgnoreCase("Body")) {
          expect(value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NULL);
          body = value == JsonToken.VALUE_NULL ? new byte[0] : json.getBinaryValue();
        } else {
          json.skipChildren();
        }
      }
      expect(json.currentToken() == JsonToken.END_OBJECT);
      expect(json.nextToken() == null);
    }
    return Message.received(topic, headers.build()).body(Buffer.buffer(body)).build();
  }

  private static Metadata.Builder read(JsonParser json, Metadata.Builder headers)
      throws IOException {
    expect(json.currentToken() == JsonToken.START_OBJECT);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      expect(value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NULL);
      headers.addReceived(name, value == JsonToken.VALUE_NULL ? "" : json.getText());
    }
    return headers;
  }

  private static void expect(boolean holds) throws IOException {
    if (!holds) {
      throw new IOException("not a payload");
    }
  }
}
