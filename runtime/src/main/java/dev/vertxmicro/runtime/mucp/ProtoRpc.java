// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.mucp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.mucp.Envelope.Content;
import io.vertx.core.buffer.Buffer;

/**
 * The envelope of go-micro's codec/protorpc: two blocks, each after its length as a 32-bit
 * big-endian number. The first is a protobuf message {1: method, 2: sequence number as fixed64, 3:
 * error}, the second the value.
 */
final class ProtoRpc {

  private static final int LENGTH_BYTES = 4;
  private static final int METHOD_TAG = 1 << 3 | 2;
  private static final int SEQUENCE_TAG = 2 << 3 | 1;
  private static final int ERROR_FIELD = 3;
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;
  private static final int MOST_VARINT_BYTES = 10;

  private ProtoRpc() {}

  static Buffer request(long id, String method, Buffer value) {
    Buffer name = Buffer.buffer(method);
    Buffer envelope = Buffer.buffer(name.length() + 16);
    if (name.length() > 0) {
      envelope.appendByte((byte) METHOD_TAG);
      int length = name.length();
      while (length > 0x7f) {
        envelope.appendByte((byte) (length | 0x80));
        length >>>= 7;
      }
      envelope.appendByte((byte) length).appendBuffer(name);
    }
    if (id != 0) {
      envelope.appendByte((byte) SEQUENCE_TAG).appendLongLE(id);
    }
    return Buffer.buffer(envelope.length() + value.length() + 2 * LENGTH_BYTES)
        .appendInt(envelope.length())
        .appendBuffer(envelope)
        .appendInt(value.length())
        .appendBuffer(value);
  }

  /**
   * Reads a reply; fields that it does not know are passed over.
   *
   * @throws FramingException if it is not two blocks, or the first no such message
   */
  static Content reply(Buffer body) {
    int valueAt = block(body, 0);
    int end = block(body, valueAt);
    if (end != body.length()) {
      throw malformed("bytes behind the value");
    }
    String error = error(body.slice(LENGTH_BYTES, valueAt));
    return error.isEmpty()
        ? new Content(body.slice(valueAt + LENGTH_BYTES, end), null)
        : new Content(Buffer.buffer(), error);
  }

  /** Returns where the block that begins at {@code start} ends. */
  private static int block(Buffer body, int start) {
    if (body.length() - start < LENGTH_BYTES) {
      throw malformed("cut in a length");
    }
    long end = start + LENGTH_BYTES + body.getUnsignedInt(start);
    if (end > body.length()) {
      throw malformed("cut in a block");
    }
    return (int) end;
  }

  private static String error(Buffer envelope) {
    String error = "";
    int at = 0;
    while (at < envelope.length()) {
      int[] next = {at};
      long tag = varint(envelope, next);
      at = next[0];
      switch ((int) tag & 7) {
        case VARINT -> {
          varint(envelope, next);
          at = next[0];
        }
        case FIXED64 -> at += 8;
        case FIXED32 -> at += 4;
        case BYTES -> {
          long length = varint(envelope, next);
          at = next[0];
          if (length < 0 || length > envelope.length() - at) {
            throw malformed("cut in a field");
          }
          if (tag >>> 3 == ERROR_FIELD) {
            error = envelope.getString(at, at + (int) length, UTF_8.name());
          }
          at += (int) length;
        }
        default -> throw malformed("an unknown kind of field");
      }
    }
    if (at > envelope.length()) {
      throw malformed("cut in a field");
    }
    return error;
  }

  /** Reads a number and moves {@code at} behind it. */
  private static long varint(Buffer from, int[] at) {
    long value = 0;
    for (int i = 0; i < MOST_VARINT_BYTES && at[0] < from.length(); i++) {
      byte next = from.getByte(at[0]++);
      value |= (next & 0x7fL) << (7 * i);
      if (next >= 0) {
        return value;
      }
    }
    throw malformed("a number without end");
  }

  private static FramingException malformed(String how) {
    return FramingException.broken("the reply is no protorpc: " + how);
  }
}
