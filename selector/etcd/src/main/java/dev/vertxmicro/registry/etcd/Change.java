// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A change of one entry.
 *
 * @param deleted whether the entry is gone; else it was written
 * @param entry the entry after the change; of a deleted one key and revision only
 * @param before the entry before the change; null if there was none, or it is compacted
 */
record Change(boolean deleted, KeyValue entry, @Nullable KeyValue before) {

  private static final int DELETE = 1;

  static Change read(ProtoReader in) {
    boolean deleted = false;
    KeyValue entry = KeyValue.read(new ProtoReader(Buffer.buffer()));
    KeyValue before = null;
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> deleted = in.number() == DELETE;
        case 2 -> entry = KeyValue.read(in.message());
        case 3 -> before = KeyValue.read(in.message());
        default -> {}
      }
    }
    return new Change(deleted, entry, before);
  }
}
