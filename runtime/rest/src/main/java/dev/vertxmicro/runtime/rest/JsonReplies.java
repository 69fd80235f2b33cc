// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import io.vertx.core.buffer.Buffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The JSON values of a body, see {@link JsonValues}. */
final class JsonReplies implements Replies {

  private final JsonValues values;
  private @Nullable Buffer ahead;

  JsonReplies(int mostBytes) {
    this.values = new JsonValues(mostBytes);
  }

  @Override
  public void add(Buffer piece) {
    values.add(piece);
  }

  @Override
  public boolean hasNext(boolean ended) {
    if (ahead == null) {
      ahead = values.next();
    }
    if (ahead == null && ended) {
      ahead = values.end();
    }
    return ahead != null;
  }

  @Override
  public boolean hasAhead() {
    return ahead != null;
  }

  @Override
  public Buffer next() {
    Buffer next = Objects.requireNonNull(ahead, "ahead");
    ahead = null;
    return next;
  }
}
