// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.buffer.Buffer;

/**
 * A lease as etcd granted or prolonged it.
 *
 * @param id its id
 * @param ttlSeconds how long it lives from then; 0 or less if it does not live
 */
record LeaseReply(long id, long ttlSeconds) {

  /** Reads the answer to a grant or to a sign of life: they have the same shape. */
  static LeaseReply read(Buffer bytes) {
    ProtoReader in = new ProtoReader(bytes);
    long id = 0;
    long ttlSeconds = 0;
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 2 -> id = in.number();
        case 3 -> ttlSeconds = in.number();
        default -> {}
      }
    }
    return new LeaseReply(id, ttlSeconds);
  }
}
