// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.buffer.Buffer;

/**
 * Writes a protobuf message field by field (protobuf.dev, "Encoding"): the part of proto3 that
 * etcd's requests need. Defaults are left out, as proto3 does.
 */
final class ProtoWriter {

  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int DELIMITED = 2;
  static final int FIXED32 = 5;

  private final Buffer out = Buffer.buffer();

  /** Writes an integer, a boolean or a constant, unless it is 0. */
  ProtoWriter number(int field, long value) {
    return value == 0 ? this : numberOrZero(field, value);
  }

  /** Writes an integer, 0 as well: in a oneof, that it is there has a meaning. */
  ProtoWriter numberOrZero(int field, long value) {
    varint((long) field << 3 | VARINT);
    varint(value);
    return this;
  }

  ProtoWriter flag(int field, boolean value) {
    return number(field, value ? 1 : 0);
  }

  ProtoWriter text(int field, String value) {
    return bytes(field, Buffer.buffer(value));
  }

  /** Writes bytes, unless there are none. */
  ProtoWriter bytes(int field, Buffer value) {
    return value.length() == 0 ? this : delimited(field, value);
  }

  /** Writes a message, an empty one too: that it is there has a meaning. */
  ProtoWriter message(int field, ProtoWriter value) {
    return delimited(field, value.out);
  }

  private ProtoWriter delimited(int field, Buffer value) {
    varint((long) field << 3 | DELIMITED);
    varint(value.length());
    out.appendBuffer(value);
    return this;
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.appendByte((byte) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.appendByte((byte) rest);
  }

  /** Returns the message. */
  Buffer done() {
    return out;
  }
}
