// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Entries, in the order of their keys.
 *
 * @param more whether the limit left some out
 */
record RangeReply(Header header, List<KeyValue> entries, boolean more) {

  static RangeReply read(Buffer bytes) {
    return read(new ProtoReader(bytes));
  }

  static RangeReply read(ProtoReader in) {
    Header header = Header.NONE;
    List<KeyValue> entries = new ArrayList<>();
    boolean more = false;
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> header = Header.read(in.message());
        case 2 -> entries.add(KeyValue.read(in.message()));
        case 3 -> more = in.flag();
        default -> {}
      }
    }
    return new RangeReply(header, List.copyOf(entries), more);
  }
}
