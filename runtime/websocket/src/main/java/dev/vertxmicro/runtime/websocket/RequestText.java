// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.runtime.pooling.BufferBytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The text of a request, but for its id, which it gets from the connection that writes it: made of
 * the bytes that the body had when the call was made.
 */
final class RequestText {

  private static final byte[] OP_ID_NAME = ascii(Envelope.OP_ID);
  private static final byte[] ACTION_NAME = ascii(Envelope.ACTION);
  private static final byte[] INSTANCE_NAME = ascii(Envelope.INSTANCE_ID);

  private static final byte[] BEFORE_ID = ascii("{\"" + Envelope.OP_ID + "\":\"");
  private static final byte[] BEFORE_ACTION = ascii("\",\"" + Envelope.ACTION + "\":\"");
  private static final BufferBytes NOTHING = BufferBytes.of(Buffer.buffer());
  private static final int TEN = 10;

  private final String action;
  private final @Nullable String instanceId;
  private final byte[] afterId;

  /** Puts {@code members}, which end with a brace if there are any, behind the action. */
  private RequestText(String action, @Nullable String instanceId, BufferBytes members) {
    this.action = action;
    this.instanceId = instanceId;
    byte[] name = action.getBytes(StandardCharsets.UTF_8);
    int count = members.to() - members.from();
    this.afterId =
        ByteBuffer.allocate(BEFORE_ACTION.length + name.length + 2 + count)
            .put(BEFORE_ACTION)
            .put(name)
            .put((byte) '"')
            .put((byte) (count == 0 ? '}' : ','))
            .put(members.array(), members.from(), count)
            .array();
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
      return new RequestText(action, null, NOTHING);
    }
    BufferBytes bytes = BufferBytes.of(parameters);
    String instanceId = null;
    int from = bytes.to();
    try {
      JsonMembers members = new JsonMembers(bytes);
      while (members.next()) {
        from = Math.min(from, members.from());
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
    return new RequestText(action, instanceId, bytes.from(from));
  }

  /** Returns the request that ends a stream. */
  static RequestText stop(String streamId, @Nullable String instanceId) {
    String instance = instanceId == null ? "" : "\"instance_id\":" + quoted(instanceId) + ",";
    Buffer members = Buffer.buffer(instance + "\"stream_id\":" + quoted(streamId) + "}");
    return new RequestText("stop_stream", instanceId, BufferBytes.of(members));
  }

  private static String quoted(String text) {
    return Json.encode(text);
  }

  private static String action(String endpoint) {
    int dot = Math.max(endpoint.lastIndexOf('.'), endpoint.lastIndexOf('/'));
    boolean fits = dot + 1 < endpoint.length();
    for (int i = dot + 1; i < endpoint.length(); i++) {
      char c = endpoint.charAt(i);
      fits &= c > ' ' && c != '"' && c != '\\';
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "endpoint: '" + endpoint + "' (expected: an action behind its last dot, without blanks)");
    }
    return endpoint.substring(dot + 1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
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
    return afterId.length;
  }

  /** Returns how many bytes the whole text has. */
  int length(long id) {
    return BEFORE_ID.length + digits(id) + afterId.length;
  }

  /**
   * Writes the whole text.
   *
   * @param id above zero
   */
  void write(long id, ByteBuffer to) {
    to.put(BEFORE_ID);
    int end = to.position() + digits(id);
    long rest = id;
    for (int at = end - 1; at >= to.position(); at--) {
      to.put(at, (byte) ('0' + rest % TEN));
      rest /= TEN;
    }
    to.position(end).put(afterId);
  }

  private static int digits(long number) {
    int digits = 1;
    for (long rest = number / TEN; rest > 0; rest /= TEN) {
      digits++;
    }
    return digits;
  }
}
