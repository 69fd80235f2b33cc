// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.buffer.Buffer;

/**
 * An entry of etcd.
 *
 * @param key never empty in a store
 * @param createRevision when the key came to be, since it was last deleted
 * @param modRevision when it was last written; of a deleted key, when it was deleted
 * @param value empty if only keys were asked for
 */
record KeyValue(Buffer key, long createRevision, long modRevision, Buffer value) {

  static KeyValue read(ProtoReader in) {
    Buffer key = Buffer.buffer();
    Buffer value = Buffer.buffer();
    long createRevision = 0;
    long modRevision = 0;
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> key = in.bytes();
        case 2 -> createRevision = in.number();
        case 3 -> modRevision = in.number();
        case 5 -> value = in.bytes();
        default -> {}
      }
    }
    return new KeyValue(key, createRevision, modRevision, value);
  }
}
