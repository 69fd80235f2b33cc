// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What etcd says on a stream of watches.
 *
 * @param watchId which watch it is about
 * @param created whether it says that the watch stands
 * @param cancelled whether the watch has ended
 * @param compactRevision above 0 if it ended because its revision is compacted
 * @param cancelReason why it ended, for a person
 * @param fragment whether more of the same follows
 * @param changes none if it only says how far the watch has come
 */
record WatchReply(
    Header header,
    long watchId,
    boolean created,
    boolean cancelled,
    long compactRevision,
    String cancelReason,
    boolean fragment,
    List<Change> changes) {

  static WatchReply read(Buffer bytes) {
    ProtoReader in = new ProtoReader(bytes);
    Header header = Header.NONE;
    long watchId = 0;
    boolean created = false;
    boolean cancelled = false;
    long compactRevision = 0;
    String cancelReason = "";
    boolean fragment = false;
    List<Change> changes = new ArrayList<>();
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> header = Header.read(in.message());
        case 2 -> watchId = in.number();
        case 3 -> created = in.flag();
        case 4 -> cancelled = in.flag();
        case 5 -> compactRevision = in.number();
        case 6 -> cancelReason = in.text();
        case 7 -> fragment = in.flag();
        case 11 -> changes.add(Change.read(in.message()));
        default -> {}
      }
    }
    return new WatchReply(
        header,
        watchId,
        created,
        cancelled,
        compactRevision,
        cancelReason,
        fragment,
        List.copyOf(changes));
  }
}
