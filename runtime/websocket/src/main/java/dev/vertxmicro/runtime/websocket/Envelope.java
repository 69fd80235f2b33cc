// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.runtime.pooling.BufferBytes;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a message of the peer says of itself: whose it is, and whether it is a failure. Ids are
 * texts or numbers; the ids of this client are whole numbers, so that any other is a stranger's.
 */
final class Envelope {

  /** The name of the member that ties a reply to its request. */
  static final String OP_ID = "op_id";

  /** The name of the member that says what is to be done. */
  static final String ACTION = "action";

  /** The name of the member that ties an event to its stream. */
  static final String STREAM_ID = "stream_id";

  /** The name of the member that names what a stream tells of. */
  static final String INSTANCE_ID = "instance_id";

  private static final byte[] OP_ID_NAME = ascii(OP_ID);
  private static final byte[] STREAM_ID_NAME = ascii(STREAM_ID);
  private static final byte[] STREAM_NAME = ascii("stream");
  private static final byte[] INSTANCE_NAME = ascii(INSTANCE_ID);
  private static final byte[] MSG_NAME = ascii("msg");
  private static final byte[] ERR_NAME = ascii("err");

  private final Buffer body;
  private final boolean correlated;
  private final long op;
  private final boolean message;
  private final @Nullable String streamId;
  private final @Nullable String stream;
  private final @Nullable String instanceId;
  private final @Nullable String error;

  private Envelope(Reading reading, Buffer body) {
    this.body = body;
    this.correlated = reading.correlated;
    this.op = reading.op;
    this.message = reading.message;
    this.streamId = reading.streamId;
    this.stream = reading.stream;
    this.instanceId = reading.instanceId;
    this.error = reading.error;
  }

  /**
   * Reads a message, whose bytes are its own from now on.
   *
   * @throws JsonMembers.MalformedException if it is no JSON object
   */
  static Envelope of(Buffer frame) {
    BufferBytes bytes = BufferBytes.of(frame);
    Reading reading = new Reading();
    JsonMembers members = new JsonMembers(bytes);
    while (members.next()) {
      reading.take(members);
    }
    return new Envelope(reading, reading.body(frame, bytes, members.separator()));
  }

  /** Tells whether there is an op_id at all. */
  boolean isCorrelated() {
    return correlated;
  }

  /** Returns the op_id; -1 if it is none that this client gives, or there is none. */
  long op() {
    return op;
  }

  /** Tells whether it has a {@code msg}, as events do. */
  boolean hasMessage() {
    return message;
  }

  /** Returns the stream_id, or null. */
  @Nullable String streamId() {
    return streamId;
  }

  /** Returns the id that the reply to a start_stream gives, or null. */
  @Nullable String startedStream() {
    return stream == null ? streamId : stream;
  }

  /** Returns the instance_id, or null. */
  @Nullable String instanceId() {
    return instanceId;
  }

  /** Returns what went wrong for the peer, or null if nothing did. */
  @Nullable String error() {
    return error;
  }

  /** Returns the message without op_id and stream_id. */
  Buffer body() {
    return body;
  }

  private static byte[] ascii(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  /** What has been found so far, and what of it is no part of the body. */
  private static final class Reading {
    boolean correlated;
    long op = -1;
    boolean message;
    @Nullable String streamId;
    @Nullable String stream;
    @Nullable String instanceId;
    @Nullable String error;
    private int members;
    private int dropped;
    private int leading;
    private int bodyFrom = -1;

    void take(JsonMembers member) {
      boolean drop = true;
      if (member.is(OP_ID_NAME)) {
        correlated = !member.isNull();
        op = member.wholeNumber();
      } else if (member.is(STREAM_ID_NAME)) {
        streamId = member.isNull() ? null : member.text();
      } else {
        drop = false;
        takeContent(member);
      }
      if (drop) {
        dropped++;
        if (dropped == members + 1) {
          leading = dropped;
        }
      } else if (bodyFrom < 0) {
        bodyFrom = member.separator();
      }
      members++;
    }

    private void takeContent(JsonMembers member) {
      if (member.is(ERR_NAME)) {
        String text = member.isNull() ? "" : member.text();
        error = text.isEmpty() ? null : text;
      } else if (member.is(MSG_NAME)) {
        message = !member.isNull();
      } else if (member.is(STREAM_NAME)) {
        stream = member.isNull() ? null : member.text();
      } else if (member.is(INSTANCE_NAME)) {
        instanceId = member.isNull() ? null : member.text();
      }
    }

    /** Most peers write the ids first: then the rest is the body, where it lies. */
    Buffer body(Buffer frame, BufferBytes bytes, int end) {
      if (dropped == members) {
        return Buffer.buffer("{}");
      }
      if (dropped == leading) {
        int from = bodyFrom - bytes.from();
        frame.setByte(from, (byte) '{');
        return frame.slice(from, end + 1 - bytes.from());
      }
      return rest(bytes);
    }

    private static Buffer rest(BufferBytes bytes) {
      Buffer rest = Buffer.buffer(bytes.to() - bytes.from());
      JsonMembers members = new JsonMembers(bytes);
      char before = '{';
      while (members.next()) {
        if (!members.is(OP_ID_NAME) && !members.is(STREAM_ID_NAME)) {
          rest.appendByte((byte) before);
          rest.appendBytes(bytes.array(), members.from(), members.to() - members.from());
          before = ',';
        }
      }
      return rest.appendByte((byte) '}');
    }
  }

  @Override
  public String toString() {
    return "Envelope[op=%d, stream=%s, failed=%s, body=%d bytes]"
        .formatted(op, Objects.toString(streamId, "none"), error != null, body.length());
  }
}
