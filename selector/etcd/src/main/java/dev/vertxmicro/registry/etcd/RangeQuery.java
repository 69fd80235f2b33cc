// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.buffer.Buffer;

/**
 * Which entries to read.
 *
 * @param from the first key
 * @param end the key after the last; empty for {@code from} alone
 * @param limit the most entries; 0 for no bound
 * @param revision as they were then; 0 for now
 * @param serializable whether any member may answer from what it knows, without asking the others
 * @param keysOnly whether to leave the values out
 */
record RangeQuery(
    Buffer from, Buffer end, int limit, long revision, boolean serializable, boolean keysOnly) {

  RangeQuery withFrom(Buffer from) {
    return new RangeQuery(from, end, limit, revision, serializable, keysOnly);
  }

  RangeQuery withLimit(int limit) {
    return new RangeQuery(from, end, limit, revision, serializable, keysOnly);
  }

  RangeQuery withRevision(long revision) {
    return new RangeQuery(from, end, limit, revision, serializable, keysOnly);
  }

  RangeQuery withKeysOnly() {
    return new RangeQuery(from, end, limit, revision, serializable, true);
  }

  ProtoWriter write() {
    return new ProtoWriter()
        .bytes(1, from)
        .bytes(2, end)
        .number(3, limit)
        .number(4, revision)
        .flag(7, serializable)
        .flag(8, keysOnly);
  }
}
