// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What go-micro's brokers put on wires that have no headers of their own (NATS, HTTP, Redis, MQTT,
 * Kafka): {@code {"Header":{"Micro-Topic":"news"},"Body":"aGVsbG8="}}, the body in Base64 with
 * padding. Header names keep their case, which matters to go-micro. Null stands for no header and
 * no body, as Go writes it.
 *
 * <p>A go-micro publisher of the mucp kind puts the 5-byte frame of gRPC before a body whose
 * content type is {@code application/grpc}, {@code +proto} or {@code +json}; one of the gRPC kind
 * does not. Both are understood, see {@link #unframed}; we never write the frame.
 */
public final class GoMicroPayload {

  private static final JsonFactory JSON = new JsonFactory();

  private static final String FRAMED = "application/grpc";

  private static final int FRAME = 5;

  private GoMicroPayload() {}

  /**
   * Returns the bytes that carry an event. Of headers with the same name, which go-micro cannot
   * have, the values are joined by {@code ", "}.
   */
  public static byte[] encode(Message event) {
    byte[] body = event.body().getBytes();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256 + body.length / 3 * 4);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart("Header");
      writeHeaders(json, event.wireHeaders());
      json.writeEndObject();
      if (body.length == 0) {
        json.writeNullField("Body");
      } else {
        json.writeBinaryField("Body", body);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new CodecException("payload: " + e.getMessage(), e);
    }
    return bytes.toByteArray();
  }

  private static void writeHeaders(JsonGenerator json, Metadata headers) throws IOException {
    if (headers.names().size() == headers.size()) {
      for (Map.Entry<String, String> header : headers) {
        json.writeStringField(header.getKey(), header.getValue());
      }
      return;
    }
    Map<String, String> joined = new LinkedHashMap<>();
    for (Map.Entry<String, String> header : headers) {
      joined.putIfAbsent(
          header.getKey().toLowerCase(Locale.ROOT),
          String.join(", ", headers.getAll(header.getKey())));
    }
    for (Map.Entry<String, String> header : headers) {
      String value = joined.remove(header.getKey().toLowerCase(Locale.ROOT));
      if (value != null) {
        json.writeStringField(header.getKey(), value);
      }
    }
  }

  /**
   * Returns the event in {@code payload}, its body without a frame. Names are read without case and
   * unknown ones passed over, as Go does.
   *
   * @param topic the topic it came on, unless {@code Micro-Topic} names another
   * @throws CodecException if the bytes are not such a payload
   */
  public static Message decode(String topic, byte[] payload) {
    Metadata.Builder headers = Metadata.builder();
    byte[] body = new byte[0];
    try (JsonParser json = JSON.createParser(payload)) {
      expect(json.nextToken() == JsonToken.START_OBJECT, "an object", json);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equalsIgnoreCase("Header")) {
          readHeaders(json, headers);
        } else if (name.equalsIgnoreCase("Body")) {
          expect(
              value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NULL,
              "a Body in Base64",
              json);
          body = value == JsonToken.VALUE_NULL ? body : json.getBinaryValue();
        } else {
          json.skipChildren();
        }
      }
      expect(json.currentToken() == JsonToken.END_OBJECT, "the end of the object", json);
      expect(json.nextToken() == null, "nothing behind it", json);
    } catch (IOException malformed) {
      throw new CodecException("payload: not go-micro's JSON: " + reason(malformed), malformed);
    }
    Message event = Message.received(topic, headers.build()).body(Buffer.buffer(body)).build();
    return unframed(event);
  }

  private static void readHeaders(JsonParser json, Metadata.Builder headers) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    expect(json.currentToken() == JsonToken.START_OBJECT, "a Header object", json);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      expect(json.nextToken() == JsonToken.VALUE_STRING, "strings in the Header", json);
      headers.addReceived(name, json.getText());
    }
  }

  private static void expect(boolean holds, String expected, JsonParser json) {
    if (!holds) {
      throw new CodecException(
          "payload: " + json.currentToken() + " (expected: " + expected + ")", null);
    }
  }

  /** Without the excerpt of the source that Jackson adds: bodies are nobody's to log. */
  private static String reason(IOException malformed) {
    return malformed instanceof JacksonException json
        ? json.getOriginalMessage()
        : malformed.toString();
  }

  /**
   * Returns the event with the 5-byte frame of gRPC taken off its body, if it has one and its
   * content type says that it may. That cannot be mistaken: neither protobuf nor JSON starts with a
   * byte 0 or 1, and the frame's length must be that of the rest.
   *
   * @throws CodecException if the frame says that the body is compressed
   */
  public static Message unframed(Message event) {
    Buffer body = event.body();
    boolean framed =
        body.length() >= FRAME
            && event.contentType().regionMatches(true, 0, FRAMED, 0, FRAMED.length())
            && (body.getByte(0) == 0 || body.getByte(0) == 1)
            && body.getUnsignedInt(1) == body.length() - FRAME;
    if (!framed) {
      return event;
    }
    if (body.getByte(0) == 1) {
      throw new CodecException("body: a compressed gRPC frame (expected: not compressed)", null);
    }
    return event.toBuilder().body(body.slice(FRAME, body.length())).build();
  }
}
