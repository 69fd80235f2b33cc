// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.grpc.SeenFrame.Header;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;

/** A request whose END_STREAM has been received. */
record SeenRequest(int connection, int streamId, List<Header> headers, Buffer body) {

  /** Gathers what belongs to the stream that {@code last} ends. */
  static SeenRequest endedBy(SeenFrame last, List<SeenFrame> frames) {
    List<SeenFrame> own =
        frames.stream()
            .filter(f -> f.connection() == last.connection() && f.streamId() == last.streamId())
            .toList();
    Buffer body = Buffer.buffer();
    own.stream().filter(f -> f.is(FrameType.DATA)).forEach(f -> body.appendBuffer(f.payload()));
    List<Header> headers = own.stream().flatMap(f -> f.headers().stream()).toList();
    return new SeenRequest(last.connection(), last.streamId(), headers, body);
  }

  Optional<String> header(String name) {
    return headers.stream().filter(h -> h.name().equals(name)).map(Header::value).findFirst();
  }
}
