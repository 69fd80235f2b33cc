// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.buffer.Buffer;

/** Operations that happen all at once, or not at all: if each condition holds. Not thread-safe. */
final class Transaction {

  private static final int CREATE_REVISION = 1;
  private static final int MOD_REVISION = 2;
  private static final int VALUE = 3;

  private final ProtoWriter out = new ProtoWriter();

  /** Adds the condition that the key is not there. */
  Transaction ifAbsent(Buffer key) {
    // EQUAL is 0, and so is the revision: a field of a oneof is written nevertheless.
    out.message(1, new ProtoWriter().number(2, CREATE_REVISION).bytes(3, key).numberOrZero(5, 0));
    return this;
  }

  /** Adds the condition that the key was last written at that revision. */
  Transaction ifWrittenAt(Buffer key, long revision) {
    out.message(
        1, new ProtoWriter().number(2, MOD_REVISION).bytes(3, key).numberOrZero(6, revision));
    return this;
  }

  /** Adds the condition that the key has that value. */
  Transaction ifValueIs(Buffer key, Buffer value) {
    out.message(1, new ProtoWriter().number(2, VALUE).bytes(3, key).bytes(7, value));
    return this;
  }

  /** Writes an entry. */
  Transaction put(Buffer key, Buffer value, long lease) {
    ProtoWriter put = new ProtoWriter().bytes(1, key).bytes(2, value).number(3, lease);
    return then(new ProtoWriter().message(2, put));
  }

  /** Deletes an entry. */
  Transaction delete(Buffer key) {
    return then(new ProtoWriter().message(3, new ProtoWriter().bytes(1, key)));
  }

  /** Reads entries. */
  Transaction read(RangeQuery query) {
    return then(new ProtoWriter().message(1, query.write()));
  }

  private Transaction then(ProtoWriter operation) {
    out.message(2, operation);
    return this;
  }

  Buffer write() {
    return out.done();
  }
}
