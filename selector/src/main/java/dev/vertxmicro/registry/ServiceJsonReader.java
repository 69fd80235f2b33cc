// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link ServiceJson} describes from one stream of tokens. Each method is called with
 * the parser at the first token of what it reads and leaves it at the last one.
 */
final class ServiceJsonReader {

  /**
   * Does not intern foreign names, and says nothing of the input in its failures. It remembers some
   * thousands of names, which is why their length is bounded.
   */
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(ServiceJson.MAX_DEPTH)
                  .maxStringLength(SnapshotFile.MAX_BYTES)
                  .maxNameLength(4 * ServiceJson.MAX_NAME)
                  .build())
          .build();

  private final JsonParser parser;
  private final String where;
  private final Complaints complaints;
  private int values;

  private ServiceJsonReader(JsonParser parser, String where, Complaints complaints) {
    this.parser = parser;
    this.where = where;
    this.complaints = complaints;
  }

  /** Reads one document of at most {@link ServiceJson#MAX_BYTES}. */
  static <T> T read(Buffer json, String where, Complaints complaints, Part<T> part) {
    return read(json, ServiceJson.MAX_BYTES, where, complaints, part);
  }

  static <T> T read(Buffer json, int most, String where, Complaints complaints, Part<T> part) {
    if (json.length() > most) {
      throw new CodecException(
          where + ": " + json.length() + " bytes (expected: at most " + most + ")", null);
    }
    try (JsonParser parser = FACTORY.createParser(json.getBytes())) {
      parser.nextToken();
      T read = part.read(new ServiceJsonReader(parser, where, complaints));
      if (parser.nextToken() != null) {
        throw new CodecException(at(where, parser) + ": more after the end", null);
      }
      return read;
    } catch (StreamConstraintsException exceeded) {
      throw new CodecException(
          where + ": a name, a number or the nesting exceeds its limit", exceeded);
    } catch (IOException malformed) {
      throw new CodecException(where + ": " + fault(malformed, json.length()), malformed);
    }
  }

  private static String fault(IOException malformed, int length) {
    long at =
        malformed instanceof JacksonException json && json.getLocation() != null
            ? json.getLocation().getByteOffset()
            : -1;
    if (malformed instanceof JsonEOFException) {
      return "ends too early, after " + length + " bytes";
    }
    return at < 0 ? "not JSON" : "not JSON at byte " + at;
  }

  private static String at(String where, JsonParser parser) {
    return where + ": byte " + parser.currentLocation().getByteOffset();
  }

  JsonParser parser() {
    return parser;
  }

  /**
   * Reads a service.
   *
   * @throws CodecException if it is no object or has no name
   */
  Service service() throws IOException {
    requireObject("service");
    String name = "";
    String version = "";
    Map<String, String> metadata = Map.of();
    List<Endpoint> endpoints = List.of();
    List<Node> nodes = List.of();
    values = 0;
    for (String field = nextField(); field != null; field = nextField()) {
      switch (field) {
        case "name" -> name = name("name of the service");
        case "version" -> version = name("version");
        case "metadata" -> metadata = metadata("metadata");
        case "endpoints" -> endpoints = endpoints();
        case "nodes" -> nodes = nodes();
        default -> parser.skipChildren();
      }
    }
    if (name.isEmpty()) {
      throw new CodecException(where + ": service without a name", null);
    }
    Service.Builder service = Service.builder(name).version(version);
    metadata.forEach(service::metadata);
    endpoints.forEach(service::endpoint);
    nodes.forEach(service::node);
    return service.build();
  }

  private List<Node> nodes() throws IOException {
    List<Node> nodes = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    if (!isArray("nodes")) {
      return nodes;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Node node = node();
      if (node != null && !ids.add(node.id())) {
        complain("node " + node.id() + " comes twice, the first is used");
      } else if (node != null) {
        nodes.add(node);
      }
    }
    return nodes;
  }

  private @Nullable Node node() throws IOException {
    if (!isObject("node")) {
      return null;
    }
    String id = "";
    String address = "";
    Map<String, String> metadata = Map.of();
    for (String field = nextField(); field != null; field = nextField()) {
      switch (field) {
        case "id" -> id = text("id of a node");
        case "address" -> address = text("address of a node");
        case "metadata" -> metadata = metadata("metadata of a node");
        default -> parser.skipChildren();
      }
    }
    String fault = NodeFault.find(id, address).orElse(null);
    if (fault != null) {
      complain(fault + ", left out");
      return null;
    }
    return Node.builder(id, address).metadata(metadata).build();
  }

  private List<Endpoint> endpoints() throws IOException {
    List<Endpoint> endpoints = new ArrayList<>();
    if (!isArray("endpoints")) {
      return endpoints;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (endpoints.size() == ServiceJson.MAX_ENDPOINTS) {
        complain("more than " + ServiceJson.MAX_ENDPOINTS + " endpoints, the rest is left out");
        parser.skipChildren();
        continue;
      }
      Endpoint endpoint = endpoint();
      if (endpoint != null) {
        endpoints.add(endpoint);
      }
    }
    return endpoints;
  }

  /** Reads an endpoint; null if it is none, or has no name. */
  @Nullable Endpoint endpoint() throws IOException {
    if (!isObject("endpoint")) {
      return null;
    }
    String name = "";
    Value request = null;
    Value response = null;
    Map<String, String> metadata = Map.of();
    for (String field = nextField(); field != null; field = nextField()) {
      switch (field) {
        case "name" -> name = name("name of an endpoint");
        case "request" -> request = value();
        case "response" -> response = value();
        case "metadata" -> metadata = metadata("metadata of an endpoint");
        default -> parser.skipChildren();
      }
    }
    if (name.isEmpty()) {
      complain("endpoint without a name, left out");
      return null;
    }
    return new Endpoint(name, request, response, metadata);
  }

  private @Nullable Value value() throws IOException {
    if (!isObject("shape of a request or response")) {
      return null;
    }
    if (values == ServiceJson.MAX_VALUES) {
      complain("more than " + ServiceJson.MAX_VALUES + " described fields, the rest is left out");
      parser.skipChildren();
      return null;
    }
    values++;
    String name = "";
    String type = "";
    List<Value> fields = new ArrayList<>();
    for (String field = nextField(); field != null; field = nextField()) {
      switch (field) {
        case "name" -> name = name("name of a field");
        case "type" -> type = name("type of a field");
        case "values" -> {
          fields.clear();
          if (isArray("fields")) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
              Value read = value();
              if (read != null) {
                fields.add(read);
              }
            }
          }
        }
        default -> parser.skipChildren();
      }
    }
    return new Value(name, type, fields);
  }

  /**
   * Reads an object of strings.
   *
   * @throws CodecException if it is no object
   */
  Map<String, String> requiredMetadata(String what) throws IOException {
    requireObject(what);
    return metadata(what);
  }

  /** Reads an object of strings; null or anything else is an empty one. */
  private Map<String, String> metadata(String what) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    if (!isObject(what)) {
      return metadata;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken token = parser.nextToken();
      if (token != JsonToken.VALUE_STRING && token != JsonToken.VALUE_NULL) {
        complain(what + ": a value is no string, left out");
        parser.skipChildren();
      } else if (key.length() > ServiceJson.MAX_NAME
          || parser.getTextLength() > ServiceJson.MAX_METADATA_VALUE) {
        complain(what + ": an entry is too long, left out");
      } else if (metadata.size() == ServiceJson.MAX_METADATA && !metadata.containsKey(key)) {
        complain(
            what + ": more than " + ServiceJson.MAX_METADATA + " entries, the rest is left out");
      } else {
        metadata.put(key, token == JsonToken.VALUE_NULL ? "" : parser.getText());
      }
    }
    return metadata;
  }

  /** Steps to the next field's value and returns its name in lower case; null at the end. */
  @Nullable String nextField() throws IOException {
    if (parser.nextToken() != JsonToken.FIELD_NAME) {
      return null;
    }
    String name = parser.currentName();
    parser.nextToken();
    return name.length() > ServiceJson.MAX_NAME ? "" : name.toLowerCase(Locale.ROOT);
  }

  private String name(String what) throws IOException {
    String text = text(what);
    if (text.length() <= ServiceJson.MAX_NAME) {
      return text;
    }
    complain(what + ": " + text.length() + " characters, taken as absent");
    return "";
  }

  /** Reads a string; null or anything else is an empty one. */
  String text(String what) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_STRING) {
      return parser.getText();
    }
    if (token != JsonToken.VALUE_NULL) {
      complain(what + ": no string, taken as absent");
      parser.skipChildren();
    }
    return "";
  }

  private boolean isObject(String what) throws IOException {
    return is(JsonToken.START_OBJECT, what + ": no object");
  }

  boolean isArray(String what) throws IOException {
    return is(JsonToken.START_ARRAY, what + ": no array");
  }

  private boolean is(JsonToken start, String complaint) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == start) {
      return true;
    }
    if (token != JsonToken.VALUE_NULL) {
      complain(complaint + ", left out");
      parser.skipChildren();
    }
    return false;
  }

  void requireObject(String what) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new CodecException(where + ": no " + what + " (expected: a JSON object)", null);
    }
  }

  private void complain(String what) {
    complaints.about(where, what);
  }

  /** What is read from a document. */
  interface Part<T> {
    T read(ServiceJsonReader reader) throws IOException;
  }
}
