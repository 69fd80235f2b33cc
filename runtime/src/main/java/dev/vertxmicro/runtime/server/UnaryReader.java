// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.errors.GrpcStatus;
import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects the one message of a unary request: a flag, four bytes of length, and the message. As
 * go-micro does, it does not wait for the end of the request, and passes over what follows.
 */
final class UnaryReader {

  private static final int PREFIX = 5;

  /** Room made before the bytes are there: what a caller announces is not yet worth memory. */
  private static final int MOST_ROOM = 64 * 1024;

  private final int maxBytes;
  private final Consumer<Buffer> message;
  private final Consumer<WireStatus> failure;
  private @Nullable Buffer collected;
  private boolean done;

  /** Tells one of both, once. */
  UnaryReader(int maxBytes, Consumer<Buffer> message, Consumer<WireStatus> failure) {
    this.maxBytes = maxBytes;
    this.message = message;
    this.failure = failure;
  }

  void chunk(Buffer chunk) {
    if (done) {
      return;
    }
    Buffer bytes = collected == null ? chunk : collected.appendBuffer(chunk);
    if (bytes.length() >= PREFIX && prefixFails(bytes)) {
      return;
    }
    if (bytes.length() >= PREFIX && bytes.length() - PREFIX >= bytes.getInt(1)) {
      done = true;
      collected = null;
      message.accept(bytes.slice(PREFIX, PREFIX + bytes.getInt(1)));
    } else if (collected == null) {
      int room = bytes.length() < PREFIX ? PREFIX : PREFIX + bytes.getInt(1);
      collected = Buffer.buffer(Math.min(room, MOST_ROOM)).appendBuffer(chunk);
    }
  }

  private boolean prefixFails(Buffer bytes) {
    if (bytes.getByte(0) != 0) {
      fail(GrpcStatus.INTERNAL, "grpc: compressed flag set with identity or empty encoding");
      return true;
    }
    long length = bytes.getUnsignedInt(1);
    if (length > maxBytes) {
      fail(
          GrpcStatus.RESOURCE_EXHAUSTED,
          "grpc: received message larger than max (" + length + " vs. " + maxBytes + ")");
      return true;
    }
    return false;
  }

  void end() {
    if (!done) {
      int length = collected == null ? 0 : collected.length();
      fail(GrpcStatus.INTERNAL, "grpc: request ended after " + length + " bytes, inside a message");
    }
  }

  private void fail(GrpcStatus status, String text) {
    done = true;
    collected = null;
    failure.accept(WireStatus.plain(status, text));
  }
}
