// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The text of a request but for its id, which it gets from the connection that writes it: made of
 * the bytes that the body had when the call was made.
 */
final class RequestText {

  private static final byte[] OP_ID_NAME = Envelope.OP_ID.getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ACTION_NAME = Envelope.ACTION.getBytes(StandardCharsets.US_ASCII);
  private static final byte[] INSTANCE_NAME =
      Envelope.INSTANCE_ID.getBytes(StandardCharsets.US_ASCII);

  private final String action;
  private final @Nullable String instanceId;
  private final String afterId;

  private RequestText(String action, @Nullable String instanceId, String rest) {
    this.action = action;
    this.instanceId = instanceId;
    this.afterId = "\",\"action\":\"" + action + "\"" + rest;
  }

  /**
   * Reads a request.
   *
   * @param endpoint the action is what follows its last dot or slash
   * @param parameters a JSON object, or nothing
   * @throws IllegalArgumentException if it cannot be sent
   */
  static RequestText of(String endpoint, Buffer parameters) {
    String action = action(endpoint);
    if (parameters.length() == 0) {
      return new RequestText(action, null, "}");
    }
    byte[] bytes = parameters.getBytes();
    String instanceId = null;
    int from = -1;
    try {
      JsonMembers members = new JsonMembers(bytes);
      while (members.next()) {
        from = from < 0 ? members.from() : from;
        if (members.is(OP_ID_NAME) || members.is(ACTION_NAME)) {
          throw new IllegalArgumentException(
              "parameters: one is op_id or action (expected: names that the protocol leaves free)");
        }
        if (members.is(INSTANCE_NAME) && !members.isNull()) {
          instanceId = members.text();
        }
      }
    } catch (JsonMembers.MalformedException bad) {
      throw new IllegalArgumentException(
          "parameters: " + bad.getMessage() + " (expected: a JSON object)", bad);
    }
    String rest =
        from < 0 ? "}" : "," + new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    return new RequestText(action, instanceId, rest);
  }

  /** Returns the request that ends a stream. */
  static RequestText stop(String streamId, @Nullable String instanceId) {
    StringBuilder rest = new StringBuilder();
    if (instanceId != null) {
      rest.append(",\"instance_id\":").append(quoted(instanceId));
    }
    rest.append(",\"stream_id\":").append(quoted(streamId)).append('}');
    return new RequestText("stop_stream", instanceId, rest.toString());
  }

  private static String quoted(String text) {
    return Json.encode(text);
  }

  private static String action(String endpoint) {
    int dot = Math.max(endpoint.lastIndexOf('.'), endpoint.lastIndexOf('/'));
    String action = endpoint.substring(dot + 1);
    boolean fits =
        !action.isEmpty() && action.chars().allMatch(c -> c > ' ' && c != '"' && c != '\\');
    if (!fits) {
      throw new IllegalArgumentException(
          "endpoint: '" + endpoint + "' (expected: an action behind its last dot, without blanks)");
    }
    return action;
  }

  String action() {
    return action;
  }

  /** Returns the instance that the request names, or null. */
  @Nullable String instanceId() {
    return instanceId;
  }

  /** Returns how many bytes it keeps while it waits, about. */
  int bytes() {
    return afterId.length();
  }

  /** Returns the whole text. */
  String with(long id) {
    return "{\"op_id\":\"" + id + afterId;
  }
}
