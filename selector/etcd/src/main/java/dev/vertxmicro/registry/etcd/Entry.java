// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.registry.Service;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * What an entry of etcd means.
 *
 * @param key where it is
 * @param modRevision when it was last written; {@link #UNCONFIRMED} if etcd has forgotten it
 * @param service the service with the one node that it names; null if it is not readable, or only
 *     its key was read
 */
record Entry(Buffer key, long modRevision, @Nullable Service service) {

  static final long UNCONFIRMED = 0;

  boolean isConfirmed() {
    return modRevision != UNCONFIRMED;
  }

  /** Returns this entry as one that etcd has forgotten. */
  Entry unconfirmed() {
    return new Entry(key, UNCONFIRMED, service);
  }

  /** Returns this entry with the service of another. */
  Entry withServiceOf(Entry other) {
    return new Entry(key, modRevision, other.service);
  }
}
