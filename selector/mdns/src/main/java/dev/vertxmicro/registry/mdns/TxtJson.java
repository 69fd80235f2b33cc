// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.ServiceJson;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.zip.DataFormatException;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;

/**
 * What go-micro says of a node in a TXT record ({@code registry/mdns_registry.go}): JSON, packed
 * with zlib, in hexadecimal digits.
 *
 * <pre>{"Service", "Version", "Endpoints": [Endpoint], "Metadata": {}}</pre>
 *
 * <p>Metadata is the node's; that of the service has no place. Bounded to {@link
 * ServiceJson#MAX_BYTES} when it is inflated.
 */
final class TxtJson {

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

  private TxtJson() {}

  /** Returns the text of a node of {@code service}. */
  static Buffer write(Service service, Node node) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(new DeflaterOutputStream(packed))) {
      json.writeStartObject();
      json.writeStringField("Service", service.name());
      json.writeStringField("Version", service.version());
      json.writeArrayFieldStart("Endpoints");
      for (Endpoint endpoint : service.endpoints()) {
        json.writeRawValue(ServiceJson.write(endpoint).toString());
      }
      json.writeEndArray();
      json.writeFieldName("Metadata");
      json.writeRawValue(ServiceJson.write(node.metadata()).toString());
      json.writeEndObject();
    } catch (IOException unfit) {
      throw new CodecException("service " + service.name() + ": cannot be written", unfit);
    }
    return Buffer.buffer(HexFormat.of().formatHex(packed.toByteArray()));
  }

  /**
   * Returns the service that a text tells of, with one node.
   *
   * @param id the id of the node
   * @param address its address
   * @throws CodecException if it is malformed
   */
  static Service read(Buffer text, String id, String address, Complaints complaints) {
    byte[] json = inflate(text);
    String where = "mdns node " + id;
    Service.Builder service = null;
    String version = "";
    Node.Builder node = Node.builder(id, address);
    List<Endpoint> endpoints = new ArrayList<>();
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new CodecException(where + ": no object", null);
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName().toLowerCase(Locale.ROOT);
        JsonToken value = parser.nextToken();
        if (field.equals("service") && value == JsonToken.VALUE_STRING) {
          service = parser.getText().isEmpty() ? null : Service.builder(parser.getText());
        } else if (field.equals("version") && value == JsonToken.VALUE_STRING) {
          version = parser.getText();
        } else if (field.equals("metadata") && value == JsonToken.START_OBJECT) {
          node.metadata(ServiceJson.readMetadata(part(parser, json), where, complaints));
        } else if (field.equals("endpoints") && value == JsonToken.START_ARRAY) {
          readEndpoints(parser, json, where, complaints, endpoints);
        } else {
          parser.skipChildren();
        }
      }
    } catch (IOException malformed) {
      throw new CodecException(where + ": not JSON", malformed);
    }
    if (service == null) {
      throw new CodecException(where + ": no name of a service", null);
    }
    endpoints.forEach(service::endpoint);
    return service.version(version).node(node.build()).build();
  }

  private static void readEndpoints(
      JsonParser parser, byte[] json, String where, Complaints complaints, List<Endpoint> endpoints)
      throws IOException {
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == null) {
        throw new CodecException(where + ": ends too early", null);
      }
      if (parser.currentToken() != JsonToken.START_OBJECT
          || endpoints.size() >= ServiceJson.MAX_ENDPOINTS) {
        parser.skipChildren();
      } else {
        endpoints.add(ServiceJson.readEndpoint(part(parser, json), where, complaints));
      }
    }
  }

  /** Returns the bytes of the value where the parser stands. */
  private static Buffer part(JsonParser parser, byte[] json) throws IOException {
    int from = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    int to = (int) parser.currentLocation().getByteOffset();
    if (from < 0 || to < from) {
      throw new CodecException("not UTF-8", null);
    }
    return Buffer.buffer(to - from).appendBytes(json, from, to - from);
  }

  private static byte[] inflate(Buffer text) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(HexFormat.of().parseHex(text.toString()));
      ByteArrayOutputStream inflated = new ByteArrayOutputStream();
      byte[] part = new byte[4_096];
      while (!inflater.finished()) {
        int n = inflater.inflate(part);
        if (n == 0 && !inflater.finished()) {
          throw new CodecException("a text ends too early", null);
        }
        inflated.write(part, 0, n);
        if (inflated.size() > ServiceJson.MAX_BYTES) {
          throw new CodecException(
              "a text inflates to more than " + ServiceJson.MAX_BYTES + " bytes", null);
        }
      }
      return inflated.toByteArray();
    } catch (DataFormatException | IllegalArgumentException malformed) {
      throw new CodecException("a text that is no zlib in hexadecimal digits", malformed);
    } finally {
      inflater.end();
    }
  }
}
