// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import dev.vertxmicro.runtime.transport.StreamExchange;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a stream that no server has answered yet, so that another attempt can send them
 * again. Bounded; when it has {@link #settle settled} it keeps nothing any more.
 *
 * <p>Kept by {@link CallStream}, on the context of the call only.
 */
final class Replay {

  private final Context context;
  private final int most;
  private final List<Part> parts = new ArrayList<>();
  private long bytes;
  private @Nullable Promise<Void> end;
  private boolean settled;

  private record Part(Buffer message, Promise<Void> written) {}

  /**
   * Starts empty.
   *
   * @param most the most bytes of messages
   */
  Replay(Context context, int most) {
    this.context = context;
    this.most = most;
  }

  boolean hasRoomFor(Buffer message) {
    return bytes + message.length() <= most && parts.size() < most;
  }

  /** Keeps a request, and sends it if there is an exchange already. */
  Future<Void> add(Buffer message, @Nullable StreamExchange to) {
    Part part = new Part(message, Contexts.promise(context));
    parts.add(part);
    bytes += message.length();
    if (to != null) {
      send(part, to);
    }
    return part.written.future();
  }

  /** Keeps that nothing follows. */
  Future<Void> end(@Nullable StreamExchange to) {
    Promise<Void> ended = end;
    if (ended == null) {
      ended = Contexts.promise(context);
      end = ended;
      if (to != null) {
        follow(to.end(), ended);
      }
    }
    return ended.future();
  }

  /** Sends everything on the exchange of another attempt. */
  void sendOn(StreamExchange to) {
    for (Part part : List.copyOf(parts)) {
      send(part, to);
    }
    if (end != null) {
      follow(to.end(), end);
    }
  }

  /** There will be no other attempt: writes that fail from now on have failed. */
  void settle() {
    settled = true;
    parts.clear();
    bytes = 0;
  }

  /** Fails the writes that no attempt has made. */
  void fail(Throwable why) {
    List<Part> unsent = List.copyOf(parts);
    settle();
    unsent.forEach(part -> part.written.tryFail(why));
    if (end != null) {
      end.tryFail(why);
    }
  }

  private void send(Part part, StreamExchange to) {
    follow(to.write(part.message), part.written);
  }

  private void follow(Future<Void> write, Promise<Void> told) {
    write.onComplete(
        written -> told.tryComplete(),
        failure -> {
          if (settled) {
            told.tryFail(failure);
          }
        });
  }
}
