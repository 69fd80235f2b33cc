// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.framing;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the messages of a stream in chunks of any size: a message may come in many, and many in
 * one. Holds what it was given and has not handed out; a message that announces more than the bound
 * is refused before it has arrived.
 *
 * <p>Whole messages in one chunk are handed out without copying. Used by one thread.
 */
public final class MessageReader {

  /** Room made before the bytes are there: what a peer announces is not yet worth memory. */
  private static final int MOST_ROOM = 128 * 1024;

  private static final Buffer NOTHING = Buffer.buffer(0);

  private final int most;
  private final @Nullable String encoding;

  private Buffer bytes = NOTHING;
  private int from;
  private int room;

  /**
   * Starts empty.
   *
   * @param most the most bytes of a message, also after inflating
   * @param encoding what compressed messages are compressed with, or null
   */
  public MessageReader(int most, @Nullable String encoding) {
    this.most = most;
    this.encoding = encoding;
  }

  /** Takes the next chunk, which the caller does not change any more. */
  public void add(Buffer chunk) {
    int left = left();
    if (left == 0) {
      bytes = chunk;
      from = 0;
      room = 0;
      return;
    }
    int needed = left + chunk.length();
    if (from > 0 || needed > room) {
      // The chunk that ends the message may begin the next one.
      long whole = left < MessageFrame.PREFIX ? 0 : MessageFrame.PREFIX + length() + chunk.length();
      room = (int) Math.max(needed, Math.min(whole, Math.max(MOST_ROOM, 2L * needed)));
      bytes = Buffer.buffer(room).appendBuffer(bytes, from, left);
      from = 0;
    }
    bytes.appendBuffer(chunk);
  }

  /** Tells whether nothing is held, not even a part of a message. */
  public boolean isEmpty() {
    return left() == 0;
  }

  /** Returns how many bytes are held. */
  public int left() {
    return bytes.length() - from;
  }

  /** Tells whether {@link #next} has something to say. */
  public boolean hasNext() {
    int left = left();
    return left >= MessageFrame.PREFIX
        && (length() > most || left - MessageFrame.PREFIX >= length());
  }

  /**
   * Returns the next message, or null if it is not there whole.
   *
   * @throws FramingException if it is too large or broken; nothing more can be read then
   */
  public @Nullable Buffer next() {
    int left = left();
    if (left < MessageFrame.PREFIX) {
      return null;
    }
    long length = length();
    if (length > most) {
      throw FramingException.tooLarge(length, most);
    }
    if (left - MessageFrame.PREFIX < length) {
      return null;
    }
    byte flags = bytes.getByte(from);
    int start = from + MessageFrame.PREFIX;
    from = start + (int) length;
    Buffer body = length == 0 ? NOTHING : bytes.slice(start, from);
    return switch (flags) {
      case 0 -> body;
      case 1 -> Gzip.inflate(body, encoding, most);
      default -> throw FramingException.broken("unknown flags of a message: " + flags);
    };
  }

  private long length() {
    return bytes.getUnsignedInt(from + 1);
  }
}
