// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * One stream that we open. Its subclass takes what comes: {@link #head}, {@link #data} as often as
 * there is some, then either {@link #ended} or {@link #failed}, and nothing after that; nothing at
 * all after {@link ClientConnection#reset}. Everything is called on the event loop.
 */
public abstract class ClientStream {

  private @Nullable Http2Stream raw;
  private @Nullable Throwable failure;
  private boolean headSeen;
  private boolean over;

  /** For subclasses. */
  protected ClientStream() {}

  /** The answer begins. Interim ones are passed over. */
  protected abstract void head(Http2Headers headers);

  /**
   * A part of the answer's body has come.
   *
   * @param data belongs to the caller
   * @return how many of the bytes are consumed, so that the peer may send as many more; the rest is
   *     to be told to {@link ClientConnection#consumed}
   */
  protected abstract int data(ByteBuf data);

  /**
   * The answer has ended.
   *
   * @param trailers null if it ended without
   */
  protected abstract void ended(@Nullable Http2Headers trailers);

  /**
   * The stream is over, and the answer is not whole.
   *
   * @param cause {@code StreamResetException} if the peer has reset it, a {@code StreamException}
   *     if a frame of it was broken, else what has ended the connection
   */
  protected abstract void failed(Throwable cause);

  /** Returns its number, or 0 if it was never opened. */
  public final int id() {
    return raw == null ? 0 : raw.id();
  }

  /** Tells whether it has ended, failed or been reset. */
  public final boolean isOver() {
    return over;
  }

  /** Returns why it is over or about to be, if the peer or a broken frame is the reason. */
  public final @Nullable Throwable failure() {
    return failure;
  }

  // for the connection

  final void opened(Http2Stream stream) {
    raw = stream;
  }

  final @Nullable Http2Stream raw() {
    return raw;
  }

  final boolean isHeadSeen() {
    return headSeen;
  }

  /** Notes why the stream, which is about to be closed, is. */
  final void failing(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
  }

  final void headRead(Http2Headers headers) {
    headSeen = true;
    if (!over) {
      head(headers);
    }
  }

  final int dataRead(ByteBuf data) {
    return over ? data.readableBytes() : data(data);
  }

  final void endRead(@Nullable Http2Headers trailers) {
    if (!over) {
      over = true;
      ended(trailers);
    }
  }

  final void givenUp() {
    over = true;
  }

  /** It is closed, and was not over. */
  final void closed(Throwable reason) {
    over = true;
    failed(failure == null ? reason : failure);
  }
}
