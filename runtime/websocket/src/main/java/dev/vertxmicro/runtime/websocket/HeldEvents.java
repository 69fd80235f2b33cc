// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Events of streams that nobody knows, kept while the reply to a start_stream, which may name them,
 * has not come: nothing keeps a node from sending events first. Bounded in number, bytes and time.
 * Belongs to a connection.
 */
final class HeldEvents {

  /** What has come of one stream before it was known. */
  static final class Held {
    private final List<Buffer> events = new ArrayList<>();
    private @Nullable Timer timer;
    private @Nullable String instance;
    private long bytes;
    private boolean lossy;

    private Held(boolean lossy) {
      this.lossy = lossy;
    }

    /** Returns the events in their order. */
    List<Buffer> events() {
      return events;
    }

    /** Tells whether more came than could be kept. */
    boolean isLossy() {
      return lossy;
    }
  }

  private final WebSocketLoop loop;
  private final BiConsumer<String, @Nullable String> refuser;
  private final Consumer<String> ignored;
  private final Map<String, Held> unknown = new HashMap<>();
  private int starts;
  private int count;
  private long bytes;
  private boolean lossy;

  /**
   * Starts empty.
   *
   * @param refuser told of a stream that nobody has claimed in time, and its instance
   * @param ignored told why an event was passed over
   */
  HeldEvents(
      WebSocketLoop loop, BiConsumer<String, @Nullable String> refuser, Consumer<String> ignored) {
    this.loop = loop;
    this.refuser = refuser;
    this.ignored = ignored;
  }

  /** A start has been sent. */
  void startAwaited() {
    starts++;
  }

  /** A start has had its reply, or will not have one. */
  void startSettled() {
    starts--;
    lossy &= starts > 0;
  }

  /** Keeps an event; false if no stream can be meant that is not known. */
  boolean hold(String streamId, Envelope event) {
    if (starts == 0 && !unknown.containsKey(streamId)) {
      return false;
    }
    int length = event.body().length();
    boolean full =
        count >= loop.options().getMaxHeldEvents()
            || bytes + length > loop.options().getMaxBufferedBytes();
    Held held = unknown.get(streamId);
    if (full) {
      loop.observer().limitReached("heldEvents");
      ignored.accept("held events");
      if (held == null) {
        lossy = true;
      } else {
        held.lossy = true;
      }
      return true;
    }
    if (held == null) {
      held = new Held(false);
      unknown.put(streamId, held);
      held.timer = loop.arm(Nanos.of(loop.options().getHoldTimeout()), () -> expired(streamId));
    }
    held.events.add(event.body());
    held.bytes += length;
    held.instance = event.instanceId();
    count++;
    bytes += length;
    return true;
  }

  /** Hands over what came of a stream that is known now. */
  Held claim(String streamId) {
    Held held = remove(streamId);
    return held == null ? new Held(lossy) : held;
  }

  private @Nullable Held remove(String streamId) {
    Held held = unknown.remove(streamId);
    if (held != null) {
      if (held.timer != null) {
        held.timer.cancel();
      }
      count -= held.events.size();
      bytes -= held.bytes;
    }
    return held;
  }

  private void expired(String streamId) {
    Held held = remove(streamId);
    if (held != null) {
      held.events.forEach(event -> ignored.accept("unknown stream"));
      refuser.accept(streamId, held.instance);
    }
  }

  /** The connection is gone. */
  void clear() {
    List.copyOf(unknown.keySet()).forEach(this::remove);
  }
}
