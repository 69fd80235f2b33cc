// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.buffer.Buffer;

/**
 * Which changes to report.
 *
 * @param from the first key
 * @param end the key after the last
 * @param revision the first revision to report
 */
record WatchQuery(Buffer from, Buffer end, long revision) {

  /** Returns the request that opens the watch. */
  Buffer create() {
    ProtoWriter create =
        new ProtoWriter()
            .bytes(1, from)
            .bytes(2, end)
            .number(3, revision)
            .flag(4, true) // progress: moves the revision on while nothing changes
            .flag(6, true) // the entry before a change
            .flag(8, true); // in fragments, if it is more than etcd takes in a request
    return new ProtoWriter().message(1, create).done();
  }

  /** Returns the request that ends a watch. */
  static Buffer cancel(long watchId) {
    return new ProtoWriter().message(2, new ProtoWriter().number(1, watchId)).done();
  }
}
