// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.framing.FramingException;
import dev.vertxmicro.runtime.framing.Gzip;
import dev.vertxmicro.runtime.framing.MessageFrame;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts together the one message of a reply from chunks of any size, and holds no more than its
 * bound: a frame that announces more is refused before it has arrived.
 */
final class ReplyBody {

  private static final int MOST_ROOM_AHEAD = 256 * 1024;
  private static final Buffer EMPTY = Buffer.buffer(0);

  private final int most;
  private @Nullable Buffer bytes;
  private boolean roomy;
  private boolean tooMany;

  /**
   * Starts empty.
   *
   * @param most the most bytes of the message, also after inflating
   */
  ReplyBody(int most) {
    this.most = most;
  }

  /**
   * Takes the next chunk. What comes after the message is dropped: a status may yet say why.
   *
   * @throws RpcException if the message is larger than the bound
   */
  void add(Buffer chunk) {
    if (tooMany) {
      return;
    }
    Buffer all = bytes == null ? chunk : grown(bytes, chunk).appendBuffer(chunk);
    bytes = all;
    if (all.length() < MessageFrame.PREFIX) {
      return;
    }
    long length = all.getUnsignedInt(1);
    if (length > most) {
      throw tooLarge(length);
    }
    tooMany = all.length() > MessageFrame.PREFIX + length;
  }

  /**
   * Makes room for all that is announced when the second chunk comes, instead of growing with each,
   * but for no more than a server may make us hold by words alone.
   */
  private Buffer grown(Buffer first, Buffer chunk) {
    if (roomy || first.length() < MessageFrame.PREFIX) {
      return first;
    }
    roomy = true;
    long whole = MessageFrame.PREFIX + first.getUnsignedInt(1);
    int room = (int) Math.min(whole, MOST_ROOM_AHEAD);
    return room <= first.length() + chunk.length()
        ? first
        : Buffer.buffer(room).appendBuffer(first);
  }

  /**
   * Returns the message of a reply that has ended.
   *
   * @param encoding the {@code grpc-encoding} header
   * @throws RpcException if there is no message, half of one or more than one, or it cannot be
   *     inflated
   */
  Buffer message(@Nullable String encoding) {
    Buffer all = bytes;
    if (all == null) {
      throw broken("no message in the reply");
    }
    if (tooMany) {
      throw broken("more than one message in the reply to a unary call");
    }
    if (all.length() < MessageFrame.PREFIX
        || all.length() < MessageFrame.PREFIX + all.getUnsignedInt(1)) {
      throw broken("the reply ends inside of its message, after " + all.length() + " bytes");
    }
    Buffer body =
        all.length() == MessageFrame.PREFIX ? EMPTY : all.slice(MessageFrame.PREFIX, all.length());
    return switch (all.getByte(0)) {
      case 0 -> body;
      case 1 -> inflate(body, encoding);
      default -> throw broken("unknown flags of a message: " + all.getByte(0));
    };
  }

  private Buffer inflate(Buffer body, @Nullable String encoding) {
    try {
      return Gzip.inflate(body, encoding, most);
    } catch (FramingException misfit) {
      throw Failures.answered(misfit).build();
    }
  }

  private RpcException tooLarge(long length) {
    return Failures.answered(
            GrpcStatus.RESOURCE_EXHAUSTED,
            "received message larger than max (" + length + " vs. " + most + ")")
        .build();
  }

  private static RpcException broken(String detail) {
    return Failures.answered(GrpcStatus.INTERNAL, detail).build();
  }
}
