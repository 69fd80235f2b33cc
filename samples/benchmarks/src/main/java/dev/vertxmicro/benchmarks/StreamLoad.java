// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One bidirectional stream under load: a call is a message and its echo, in order. Used on the one
 * event loop of its client.
 */
abstract class StreamLoad implements Load {

  /** The endpoint of the echo server, as its path. */
  static final String STREAM_PATH = "/bench.Echo/Stream";

  final BytesValue message;
  private final int bytes;
  private final Queue<Consumer<@Nullable Throwable>> waiting = new ArrayDeque<>();
  private @Nullable Throwable ended;

  StreamLoad(int bytes) {
    this.bytes = bytes;
    this.message = BytesValue.of(ByteString.copyFrom(new byte[bytes]));
  }

  /** Writes {@link #message}. */
  abstract void write();

  @Override
  public final void call(Consumer<@Nullable Throwable> done) {
    if (ended != null) {
      done.accept(ended);
      return;
    }
    waiting.add(done);
    write();
  }

  /** The next echo has come. */
  final void echoed(BytesValue echo) {
    int size = echo.getValue().size();
    waiting.remove().accept(size == bytes ? null : new IllegalStateException("echo of " + size));
  }

  /** The stream has ended, though it should not. */
  final void failed(Throwable failure) {
    ended = failure;
    while (!waiting.isEmpty()) {
      waiting.remove().accept(failure);
    }
  }
}
