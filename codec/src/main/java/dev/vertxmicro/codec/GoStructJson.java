// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.FieldMaskUtil;
import com.google.protobuf.util.Timestamps;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the JSON that servers on go-micro up to v5.13 write of a Protobuf message into Protobuf's
 * JSON. Such servers give the generated Go struct to Go's {@code encoding/json}, which knows
 * nothing of Protobuf. Protobuf's own JSON passes unchanged, so both kinds of server are read.
 *
 * <table>
 *   <caption>What differs</caption>
 *   <tr><th>field</th><th>Go struct</th><th>Protobuf</th><th>read by</th></tr>
 *   <tr><td>names</td><td>{@code served_by}</td><td>{@code servedBy}</td><td>JsonFormat: both</td></tr>
 *   <tr><td>64-bit</td><td>{@code 5}</td><td>{@code "5"}</td><td>JsonFormat: both</td></tr>
 *   <tr><td>enum</td><td>{@code 1}</td><td>{@code "RED"}</td><td>JsonFormat: both</td></tr>
 *   <tr><td>Timestamp</td><td>{@code {"seconds":5}}</td><td>{@code "1970-01-01T00:00:05Z"}</td><td>here</td></tr>
 *   <tr><td>Duration</td><td>{@code {"seconds":5}}</td><td>{@code "5s"}</td><td>here</td></tr>
 *   <tr><td>wrappers</td><td>{@code {"value":"x"}}</td><td>{@code "x"}</td><td>here</td></tr>
 *   <tr><td>FieldMask</td><td>{@code {"paths":["a_b"]}}</td><td>{@code "aB"}</td><td>here</td></tr>
 *   <tr><td>oneof</td><td>{@code {"Kind":{"Name":"x"}}}</td><td>{@code {"name":"x"}}</td><td>here</td></tr>
 * </table>
 *
 * <p>Not read: Struct, Value and ListValue in Go's form, which is itself a legal Struct of another
 * content; and Any in any form, as its types are not known here. Services that use them speak
 * Protobuf instead of JSON, or run on go-micro v5.14 or later.
 *
 * <p>Bounded: one pass over a tree that has been read already, at most {@link #MOST_LEVELS} deep.
 */
final class GoStructJson {

  /** As many as JsonFormat takes. */
  private static final int MOST_LEVELS = 100;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private GoStructJson() {}

  static JsonNode toProtoJson(JsonNode json, Descriptor type) throws IOException {
    return message(json, type, 0);
  }

  private static JsonNode message(JsonNode json, Descriptor type, int level) throws IOException {
    if (level > MOST_LEVELS) {
      throw new IOException("more than " + MOST_LEVELS + " levels of messages");
    }
    if (!(json instanceof ObjectNode object)) {
      return json;
    }
    return switch (type.getFullName()) {
      case "google.protobuf.Timestamp" -> timestamp(object);
      case "google.protobuf.Duration" -> duration(object);
      case "google.protobuf.FieldMask" -> fieldMask(object);
      case "google.protobuf.DoubleValue",
          "google.protobuf.FloatValue",
          "google.protobuf.Int64Value",
          "google.protobuf.UInt64Value",
          "google.protobuf.Int32Value",
          "google.protobuf.UInt32Value" ->
          valueOf(object, JSON.numberNode(0));
      case "google.protobuf.BoolValue" -> valueOf(object, JSON.booleanNode(false));
      case "google.protobuf.StringValue", "google.protobuf.BytesValue" ->
          valueOf(object, JSON.textNode(""));
      case "google.protobuf.Struct",
          "google.protobuf.Value",
          "google.protobuf.ListValue",
          "google.protobuf.Any" ->
          json;
      default -> fields(object, type, level);
    };
  }

  private static JsonNode valueOf(ObjectNode wrapper, JsonNode zero) {
    JsonNode value = wrapper.get("value");
    return value == null ? zero : value;
  }

  private static TextNode timestamp(ObjectNode json) throws IOException {
    Timestamp.Builder time = Timestamp.newBuilder();
    time.setSeconds(number(json, "seconds")).setNanos(nanos(json));
    try {
      return JSON.textNode(Timestamps.toString(time.build()));
    } catch (IllegalArgumentException outOfRange) {
      throw new IOException("timestamp out of range", outOfRange);
    }
  }

  private static TextNode duration(ObjectNode json) throws IOException {
    Duration.Builder duration = Duration.newBuilder();
    duration.setSeconds(number(json, "seconds")).setNanos(nanos(json));
    try {
      return JSON.textNode(Durations.toString(duration.build()));
    } catch (IllegalArgumentException outOfRange) {
      throw new IOException("duration out of range", outOfRange);
    }
  }

  private static int nanos(ObjectNode json) throws IOException {
    long nanos = number(json, "nanos");
    if (nanos != (int) nanos) {
      throw new IOException("nanos: out of range");
    }
    return (int) nanos;
  }

  private static long number(ObjectNode json, String name) throws IOException {
    JsonNode number = json.path(name);
    if (number.isMissingNode()) {
      return 0;
    }
    if (number.isIntegralNumber() && number.canConvertToLong()) {
      return number.longValue();
    }
    throw new IOException(name + ": " + number.getNodeType() + " (expected: a whole number)");
  }

  private static TextNode fieldMask(ObjectNode json) {
    FieldMask.Builder mask = FieldMask.newBuilder();
    json.path("paths").forEach(path -> mask.addPaths(path.asText()));
    return JSON.textNode(FieldMaskUtil.toJsonString(mask.build()));
  }

  private static ObjectNode fields(ObjectNode json, Descriptor type, int level) throws IOException {
    ObjectNode fields = JSON.objectNode();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      String name = entry.getKey();
      FieldDescriptor field = fieldOf(type, name);
      OneofDescriptor oneof = field == null ? oneofOf(type, name) : null;
      if (field != null) {
        fields.set(name, field(entry.getValue(), field, level + 1));
      } else if (oneof != null) {
        addChoice(fields, entry.getValue(), oneof, level + 1);
      }
    }
    return fields;
  }

  private static @Nullable FieldDescriptor fieldOf(Descriptor type, String name) {
    FieldDescriptor plain = type.findFieldByName(name);
    if (plain != null) {
      return plain;
    }
    for (FieldDescriptor field : type.getFields()) {
      if (field.getJsonName().equals(name)) {
        return field;
      }
    }
    return null;
  }

  private static @Nullable OneofDescriptor oneofOf(Descriptor type, String name) {
    for (OneofDescriptor oneof : type.getRealOneofs()) {
      if (goName(oneof.getName()).equals(name)) {
        return oneof;
      }
    }
    return null;
  }

  /** Lifts the one field of {@code {"Kind":{"Name":"x"}}}. */
  private static void addChoice(
      ObjectNode fields, JsonNode choice, OneofDescriptor oneof, int level) throws IOException {
    for (FieldDescriptor field : oneof.getFields()) {
      JsonNode value = choice.get(goName(field.getName()));
      if (value != null) {
        fields.set(field.getName(), field(value, field, level));
      }
    }
  }

  private static JsonNode field(JsonNode json, FieldDescriptor field, int level)
      throws IOException {
    if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
      return json;
    }
    if (field.isMapField()) {
      FieldDescriptor value = field.getMessageType().findFieldByName("value");
      return json instanceof ObjectNode map ? values(map, value, level) : json;
    }
    return field.isRepeated() && json instanceof ArrayNode list
        ? elements(list, field.getMessageType(), level)
        : message(json, field.getMessageType(), level);
  }

  private static ObjectNode values(ObjectNode map, FieldDescriptor value, int level)
      throws IOException {
    ObjectNode values = JSON.objectNode();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      values.set(entry.getKey(), field(entry.getValue(), value, level));
    }
    return values;
  }

  private static ArrayNode elements(ArrayNode list, Descriptor type, int level) throws IOException {
    ArrayNode elements = JSON.arrayNode(list.size());
    for (JsonNode element : list) {
      elements.add(message(element, type, level));
    }
    return elements;
  }

  /**
   * Returns the name that protoc-gen-go gives the Go field of a Protobuf name: the first letter and
   * letters behind an underscore in upper case, that underscore left out ({@code served_by} to
   * {@code ServedBy}, {@code _x} to {@code XX}, {@code a_1} to {@code A_1}).
   */
  static String goName(String name) {
    StringBuilder go = new StringBuilder(name.length());
    boolean startsWord = true;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean beforeLower = i + 1 < name.length() && isLower(name.charAt(i + 1));
      if (c == '_' && i == 0) {
        go.append('X');
      } else if (c != '_' || !beforeLower) {
        go.append(startsWord && isLower(c) ? (char) (c - 'a' + 'A') : c);
      }
      startsWord = c == '_' || (c >= '0' && c <= '9');
    }
    return go.toString();
  }

  private static boolean isLower(char c) {
    return c >= 'a' && c <= 'z';
  }
}
