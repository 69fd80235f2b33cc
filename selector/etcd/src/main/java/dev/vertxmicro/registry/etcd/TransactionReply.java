// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * How a transaction went.
 *
 * @param succeeded whether the conditions held, and so the operations happened
 * @param reads what its reads found, in their order
 */
record TransactionReply(Header header, boolean succeeded, List<RangeReply> reads) {

  static TransactionReply read(Buffer bytes) {
    ProtoReader in = new ProtoReader(bytes);
    Header header = Header.NONE;
    boolean succeeded = false;
    List<RangeReply> reads = new ArrayList<>();
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> header = Header.read(in.message());
        case 2 -> succeeded = in.flag();
        case 3 -> readOperation(in.message(), reads);
        default -> {}
      }
    }
    return new TransactionReply(header, succeeded, List.copyOf(reads));
  }

  private static void readOperation(ProtoReader in, List<RangeReply> reads) {
    for (int field = in.next(); field != 0; field = in.next()) {
      if (field == 1) {
        reads.add(RangeReply.read(in.message()));
      }
    }
  }
}
