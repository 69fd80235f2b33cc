// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.framing;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.util.function.Consumer;

/**
 * Hands over the messages of a stream when they are asked for. The chunks are read while somebody
 * asks, and one chunk ahead of that, so that the end of a stream shows without asking; the rest
 * stays behind the window of the protocol, and so with the peer.
 *
 * <p>What it calls may ask for more, or stop it. Used by one thread.
 */
public final class MessageFlow {

  private final Runnable resume;
  private final Runnable pause;
  private final MessageReader reader;
  private final Handler<Buffer> messages;
  private final Consumer<FramingException> broken;
  private final Runnable finished;

  private long demand;
  private boolean flowing;
  private boolean moving;
  private boolean ended;
  private boolean stopped;
  private boolean floodgate;

  /**
   * Reads from {@code source}, which is paused, and whose chunks and end are told by {@link #chunk}
   * and {@link #end}.
   *
   * @param messages gets the messages
   * @param broken told once if what comes is none; nothing follows
   * @param finished called once when everything was handed over after the end; nothing follows
   */
  public MessageFlow(
      ReadStream<?> source,
      MessageReader reader,
      Handler<Buffer> messages,
      Consumer<FramingException> broken,
      Runnable finished) {
    this(source::resume, source::pause, reader, messages, broken, finished);
  }

  /**
   * Reads from a source that is no {@link ReadStream}.
   *
   * @param resume lets chunks come; may bring some at once
   * @param pause asks that none come, which some may do all the same
   */
  public MessageFlow(
      Runnable resume,
      Runnable pause,
      MessageReader reader,
      Handler<Buffer> messages,
      Consumer<FramingException> broken,
      Runnable finished) {
    this.resume = resume;
    this.pause = pause;
    this.reader = reader;
    this.messages = messages;
    this.broken = broken;
    this.finished = finished;
  }

  /** Begins to read. Messages may have been asked for before. */
  public void start() {
    move();
  }

  /** Asks for {@code amount} more messages; {@link Long#MAX_VALUE} for all. */
  public void fetch(long amount) {
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    move();
  }

  /** Takes back what was asked for and not handed over. */
  public void pause() {
    demand = 0;
    move();
  }

  /** The next chunk has come. */
  public void chunk(Buffer chunk) {
    if (!stopped) {
      reader.add(chunk);
      move();
    }
  }

  /** No chunk follows. */
  public void end() {
    ended = true;
    move();
  }

  /** Hands over nothing more. */
  public void stop() {
    stopped = true;
  }

  /** Takes in whatever the source still holds, asked for or not. */
  public void letAllIn() {
    floodgate = true;
    if (!flowing) {
      flowing = true;
      resume.run();
    }
  }

  /** Returns how many bytes have come and were not handed over. */
  public int left() {
    return reader.left();
  }

  /** A loop instead of recursion: sources hand over from within their resume. */
  private void move() {
    if (moving || stopped) {
      return;
    }
    moving = true;
    try {
      do {
        handOver();
      } while (letFlow());
    } finally {
      moving = false;
    }
    if (ended && !stopped && !reader.hasNext()) {
      stopped = true;
      finished.run();
    }
  }

  private void handOver() {
    while (demand > 0 && !stopped) {
      Buffer message;
      try {
        message = reader.next();
      } catch (FramingException misfit) {
        stopped = true;
        broken.accept(misfit);
        return;
      }
      if (message == null) {
        return;
      }
      if (demand != Long.MAX_VALUE) {
        demand--;
      }
      messages.handle(message);
    }
  }

  /** Resumes or pauses; true if something came by it that can be handed over. */
  private boolean letFlow() {
    if (stopped || ended || floodgate) {
      return false;
    }
    boolean wanted = demand > 0 ? !reader.hasNext() : reader.isEmpty();
    if (wanted == flowing) {
      return false;
    }
    flowing = wanted;
    if (wanted) {
      resume.run();
    } else {
      pause.run();
    }
    return demand > 0 && reader.hasNext();
  }
}
