// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.grpc;

import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One frame as it was read from a connection, in the order of reading.
 *
 * <p>A header block is recorded as one HEADERS entry, its CONTINUATION frames merged into it. The
 * payload is what follows padding length and priority, without the padding; of HEADERS it is empty.
 *
 * @param connection which connection of the server or proxy, from 0
 * @param length payload length on the wire, padding included
 */
public record SeenFrame(
    int connection,
    FrameType type,
    int streamId,
    int flags,
    int length,
    List<Header> headers,
    Buffer payload) {

  static final int END_STREAM = 0x1;
  static final int ACK = 0x1;
  static final int END_HEADERS = 0x4;
  static final int PADDED = 0x8;
  static final int PRIORITY = 0x20;

  /** A header field; a value's bytes are its chars (Latin-1), as HPACK carries them. */
  public record Header(String name, String value) {
    @Override
    public String toString() {
      return name + "=" + value;
    }
  }

  /** An entry that is no frame: OPENED, CLOSED or GARBAGE. */
  static SeenFrame event(int connection, FrameType type, String text) {
    return new SeenFrame(connection, type, 0, 0, 0, List.of(), Buffer.buffer(text));
  }

  public boolean is(FrameType wanted) {
    return type == wanted;
  }

  public boolean is(FrameType wanted, int stream) {
    return type == wanted && streamId == stream;
  }

  public boolean endsStream() {
    return (is(FrameType.DATA) || is(FrameType.HEADERS)) && (flags & END_STREAM) != 0;
  }

  public boolean isAck() {
    return (is(FrameType.SETTINGS) || is(FrameType.PING)) && (flags & ACK) != 0;
  }

  public Optional<String> header(String name) {
    return headers.stream().filter(h -> h.name().equals(name)).map(Header::value).findFirst();
  }

  /** The error code of an RST_STREAM or GOAWAY frame. */
  public long errorCode() {
    return payload.getUnsignedInt(is(FrameType.GOAWAY) ? 4 : 0);
  }

  /** The last stream id of a GOAWAY frame. */
  public int lastStreamId() {
    return payload.getInt(0) & Integer.MAX_VALUE;
  }

  /** The increment of a WINDOW_UPDATE frame. */
  public int windowIncrement() {
    return payload.getInt(0) & Integer.MAX_VALUE;
  }

  /** The settings of a SETTINGS frame by their id. */
  public Map<Integer, Long> settings() {
    Map<Integer, Long> settings = new LinkedHashMap<>();
    for (int i = 0; i + 6 <= payload.length(); i += 6) {
      settings.put(payload.getUnsignedShort(i), payload.getUnsignedInt(i + 2));
    }
    return settings;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("#" + connection + " " + type);
    if (type.ordinal() <= FrameType.EXTENSION.ordinal()) {
      text.append(" stream=").append(streamId).append(" length=").append(length);
    }
    if (endsStream()) {
      text.append(" END_STREAM");
    }
    if (isAck()) {
      text.append(" ACK");
    }
    return switch (type) {
      case HEADERS -> text.append(' ').append(headers).toString();
      case RST_STREAM -> text.append(" code=").append(errorCode()).toString();
      case GOAWAY ->
          text.append(" last=" + lastStreamId() + " code=" + errorCode())
              .append(" " + payload.getString(8, payload.length()))
              .toString();
      case SETTINGS -> text.append(' ').append(settings()).toString();
      case WINDOW_UPDATE -> text.append(" +").append(windowIncrement()).toString();
      case OPENED, CLOSED, GARBAGE -> text.append(' ').append(payload).toString();
      default -> text.toString();
    };
  }
}
