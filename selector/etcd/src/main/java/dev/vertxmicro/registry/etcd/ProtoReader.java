// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads a protobuf message field by field: {@link #next} gives the number of a field, and then one
 * of the other methods takes its value; what is not taken is passed over. Every method fails with a
 * {@link CodecException} on bytes that are no message, and never reads past their end.
 */
final class ProtoReader {

  private final Buffer bytes;
  private final int end;
  private int at;
  private int type;
  private boolean untaken;

  ProtoReader(Buffer bytes) {
    this(bytes, 0, bytes.length());
  }

  private ProtoReader(Buffer bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  /** Moves to the next field and returns its number, or 0 after the last. */
  int next() {
    if (untaken) {
      skip();
    }
    if (at == end) {
      return 0;
    }
    long tag = varint();
    type = (int) (tag & 7);
    long field = tag >>> 3;
    if (field < 1 || field > 0x1fff_ffff) {
      throw malformed("field number " + field);
    }
    untaken = true;
    return (int) field;
  }

  long number() {
    take(ProtoWriter.VARINT);
    return varint();
  }

  boolean flag() {
    return number() != 0;
  }

  String text() {
    take(ProtoWriter.DELIMITED);
    int length = length();
    String text = bytes.getString(at, at + length, StandardCharsets.UTF_8.name());
    at += length;
    return text;
  }

  /** Returns a copy, which may be kept. */
  Buffer bytes() {
    take(ProtoWriter.DELIMITED);
    int length = length();
    Buffer copy = bytes.getBuffer(at, at + length);
    at += length;
    return copy;
  }

  /** Returns a reader of the message that this field is. */
  ProtoReader message() {
    take(ProtoWriter.DELIMITED);
    int length = length();
    ProtoReader inner = new ProtoReader(bytes, at, at + length);
    at += length;
    return inner;
  }

  private void take(int expected) {
    if (!untaken || type != expected) {
      throw malformed("wire type " + type + " (expected: " + expected + ")");
    }
    untaken = false;
  }

  private void skip() {
    untaken = false;
    switch (type) {
      case ProtoWriter.VARINT -> varint();
      case ProtoWriter.FIXED64 -> forward(8);
      case ProtoWriter.DELIMITED -> forward(length());
      case ProtoWriter.FIXED32 -> forward(4);
      default -> throw malformed("wire type " + type);
    }
  }

  private void forward(int count) {
    if (count > end - at) {
      throw malformed("the end inside of a field");
    }
    at += count;
  }

  private int length() {
    long length = varint();
    if (length < 0 || length > end - at) {
      throw malformed("a length of " + length);
    }
    return (int) length;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == end) {
        throw malformed("the end inside of a number");
      }
      byte b = bytes.getByte(at++);
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw malformed("a number of more than 10 bytes");
  }

  private CodecException malformed(String what) {
    return new CodecException("protobuf: " + what + " at byte " + at + " of " + end, null);
  }
}
