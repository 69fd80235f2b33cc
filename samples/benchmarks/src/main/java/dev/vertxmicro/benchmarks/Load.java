// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client under load: makes one unary call at a time for each of the calls in flight. */
interface Load extends AutoCloseable {

  /** The endpoint of the echo server, as its path. */
  String PATH = "/bench.Echo/Echo";

  /** The usual size of the payload in bytes. */
  int PAYLOAD_BYTES = 128;

  /** How long a call may take, in seconds: every client arms it for every call. */
  int DEADLINE_SECONDS = 30;

  /** Returns what the client was told, for the report. */
  String options();

  /** Runs {@code task} where calls are to be made. */
  void execute(Runnable task);

  /**
   * Makes one call.
   *
   * @param done called with null for a right reply, else with what was wrong, wherever the client
   *     completes calls
   */
  void call(Consumer<@Nullable Throwable> done);

  @Override
  void close();

  /** Returns a request of {@code bytes} bytes, which is also the right reply. */
  static BytesValue payload(int bytes) {
    return BytesValue.of(ByteString.copyFrom(new byte[bytes]));
  }

  /** Tells {@code done} whether {@code reply} is right. */
  static void check(BytesValue reply, BytesValue request, Consumer<@Nullable Throwable> done) {
    int size = reply.getValue().size();
    done.accept(
        size == request.getValue().size() ? null : new IllegalStateException("reply of " + size));
  }
}
