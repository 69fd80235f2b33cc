// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import dev.vertxmicro.runtime.grpc.FlakyProxy.Direction;
import dev.vertxmicro.runtime.grpc.Tapped.Event;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What has passed through a {@link FlakyProxy}: counted, recorded, and readable as HTTP/2 frames.
 *
 * <p>Recording stops at {@link #LIMIT} bytes over all connections; counting does not. Frames can be
 * read of plain-text HTTP/2 only. Written by the proxy's event loop, read by the test's thread.
 */
public final class WireTap {
  static final long LIMIT = 64L << 20;

  private final Journal<Tapped> journal = new Journal<>();
  private long recorded; // event loop only

  /** How many connections were accepted. */
  public int connections() {
    return (int) journal.entries().stream().filter(t -> t.event() == Event.OPENED).count();
  }

  /** How many bytes came in for this direction, over all connections. */
  public long count(Direction direction) {
    return journal.entries().stream()
        .filter(t -> t.direction() == direction)
        .mapToLong(Tapped::length)
        .sum();
  }

  /**
   * The bytes of one direction of one connection so far.
   *
   * @throws IllegalStateException if the tap was full before all of them had come
   */
  public Buffer bytes(int connection, Direction direction) {
    return bytes(journal.entries(), connection, direction);
  }

  /** The frames of one direction of one connection so far; what is incomplete is left out. */
  public List<SeenFrame> frames(int connection, Direction direction) {
    return frames(journal.entries(), connection, direction);
  }

  /** Waits for the n-th connection, from 0. */
  public void awaitConnection(int n) {
    journal.await("connection " + n, t -> t.connection() == n && t.event() == Event.OPENED);
  }

  /** Waits until the sender of this direction has ended it. */
  public void awaitEnd(int connection, Direction direction) {
    journal.await(
        "end of connection " + connection + " " + direction,
        t ->
            t.connection() == connection && t.direction() == direction && t.event() == Event.ENDED);
  }

  /** Waits for the first frame that matches, in one direction of one connection. */
  public SeenFrame awaitFrame(
      String what, int connection, Direction direction, Predicate<SeenFrame> wanted) {
    return journal.awaitThat(
        what, seen -> frames(seen, connection, direction).stream().filter(wanted).findFirst());
  }

  /** Waits until that many bytes have come in over this direction of one connection. */
  public void awaitBytes(int connection, Direction direction, long least) {
    journal.awaitThat(
        least + " bytes on connection " + connection + " " + direction,
        seen -> {
          long sum =
              seen.stream()
                  .filter(t -> t.connection() == connection && t.direction() == direction)
                  .mapToLong(Tapped::length)
                  .sum();
          return Optional.of(sum).filter(n -> n >= least);
        });
  }

  /** Event loop: writes an event down. */
  void event(int connection, Direction direction, Event event) {
    journal.add(new Tapped(connection, direction, event, Buffer.buffer(), 0));
  }

  /** Event loop: writes bytes down. */
  public void bytes(int connection, Direction direction, Buffer bytes) {
    recorded += bytes.length();
    Buffer kept = recorded <= LIMIT ? bytes : Buffer.buffer();
    journal.add(new Tapped(connection, direction, Event.BYTES, kept, bytes.length()));
  }

  /** Event loop: reports a fault of the proxy itself. */
  void fail(Throwable cause) {
    journal.fail(cause);
  }

  /** Throws if the proxy itself failed. */
  void check() {
    journal.check();
  }

  private static List<SeenFrame> frames(List<Tapped> seen, int connection, Direction direction) {
    FrameParser parser =
        direction == Direction.TO_SERVER
            ? FrameParser.ofClient(connection)
            : FrameParser.ofServer(connection);
    return parser.feed(bytes(seen, connection, direction));
  }

  private static Buffer bytes(List<Tapped> seen, int connection, Direction direction) {
    Buffer bytes = Buffer.buffer();
    for (Tapped tapped : seen) {
      if (tapped.connection() == connection && tapped.direction() == direction) {
        if (tapped.bytes().length() < tapped.length()) {
          throw new IllegalStateException("the tap was full: " + LIMIT + " bytes");
        }
        bytes.appendBuffer(tapped.bytes());
      }
    }
    return bytes;
  }
}
