// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.ServiceJson;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What go-micro sends on both subjects ({@code registry.Result} there): {@code {"Action":"create",
 * "Service":{...}}}. Announcements are {@code create}, {@code update} and {@code delete}, questions
 * {@code get} with a service that has nothing but a name, and {@code list} with none.
 *
 * <p>Only as much is read as tells whether the service concerns us. Names of fields may be in any
 * case, as in Go; unknown ones are passed over.
 *
 * @param action what is said, in lower case; empty if nothing is
 * @param name the name of the service; empty if there is none
 * @param service the JSON of the service; null if there is none
 */
record Result(String action, String name, @Nullable Buffer service) {

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(ServiceJson.MAX_DEPTH)
                  .maxNameLength(4 * ServiceJson.MAX_NAME)
                  .build())
          .build();

  /**
   * Reads a message.
   *
   * @throws CodecException if it is no such JSON, or too long
   */
  static Result read(byte[] json) {
    if (json.length > ServiceJson.MAX_BYTES) {
      throw new CodecException(
          json.length + " bytes (expected: at most " + ServiceJson.MAX_BYTES + ")", null);
    }
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new CodecException("no object", null);
      }
      return read(json, parser);
    } catch (IOException malformed) {
      throw new CodecException("not JSON", malformed);
    }
  }

  private static Result read(byte[] json, JsonParser parser) throws IOException {
    String action = "";
    String name = "";
    Buffer service = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName().toLowerCase(Locale.ROOT);
      JsonToken value = parser.nextToken();
      if (field.equals("action") && value == JsonToken.VALUE_STRING) {
        action = parser.getText().toLowerCase(Locale.ROOT);
      } else if (field.equals("service") && value == JsonToken.START_OBJECT) {
        int from = offset(parser.currentTokenLocation().getByteOffset());
        name = name(parser);
        int to = offset(parser.currentLocation().getByteOffset());
        service = Buffer.buffer(to - from).appendBytes(json, from, to - from);
      } else {
        parser.skipChildren();
      }
    }
    return new Result(action, name, service);
  }

  /** Go writes UTF-8; what is in another encoding has no offsets. */
  private static int offset(long bytes) {
    if (bytes < 0) {
      throw new CodecException("not UTF-8", null);
    }
    return (int) bytes;
  }

  private static String name(JsonParser parser) throws IOException {
    String name = "";
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean wanted = parser.currentName().equalsIgnoreCase("name");
      if (parser.nextToken() == JsonToken.VALUE_STRING && wanted) {
        name = parser.getText();
      } else {
        parser.skipChildren();
      }
    }
    return name;
  }

  /** Returns an announcement. */
  static byte[] announcement(String action, Service service) {
    return Buffer.buffer("{\"Action\":\"" + action + "\",\"Service\":")
        .appendBuffer(ServiceJson.write(service))
        .appendString("}")
        .getBytes();
  }

  /** Returns a question: for the nodes of a service, or with null for all services. */
  static byte[] question(@Nullable String service) {
    if (service == null) {
      return "{\"Action\":\"list\",\"Service\":null}".getBytes(UTF_8);
    }
    String quoted = new String(JsonStringEncoder.getInstance().quoteAsString(service));
    return ("{\"Action\":\"get\",\"Service\":{\"name\":\"" + quoted + "\"}}").getBytes(UTF_8);
  }
}
