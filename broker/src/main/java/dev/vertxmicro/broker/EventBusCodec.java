// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.metadata.Metadata;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/**
 * How events cross the event bus between processes: a version, then id, topic, content type, the
 * number of headers, their names and values, and the body; texts in UTF-8 and the body behind a
 * length of 4 bytes each. Within a process they are passed on as they are: messages are immutable.
 */
final class EventBusCodec implements MessageCodec<Message, Message> {

  static final String NAME = "dev.vertxmicro.event";

  private static final byte VERSION = 1;

  @Override
  public void encodeToWire(Buffer wire, Message event) {
    wire.appendByte(VERSION);
    append(wire, event.id());
    append(wire, event.target());
    append(wire, event.contentType());
    wire.appendInt(event.headers().size());
    event
        .headers()
        .forEach(
            (name, value) -> {
              append(wire, name);
              append(wire, value);
            });
    wire.appendInt(event.body().length()).appendBuffer(event.body());
  }

  private static void append(Buffer wire, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    wire.appendInt(bytes.length).appendBytes(bytes);
  }

  /** Fails with an unchecked exception if the bytes are none of ours. */
  @Override
  public Message decodeFromWire(int start, Buffer wire) {
    return new Reader(start, wire).event();
  }

  @Override
  public Message transform(Message event) {
    return event;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }

  private static final class Reader {
    private final Buffer wire;
    private int at;

    Reader(int start, Buffer wire) {
      this.wire = wire;
      this.at = start;
    }

    Message event() {
      byte version = wire.getByte(at++);
      if (version != VERSION) {
        throw new IllegalArgumentException(
            "version of an event: " + version + " (expected: " + VERSION + ")");
      }
      String id = text();
      Message.Builder event = Message.event(text()).id(id).contentType(text());
      Metadata.Builder headers = Metadata.builder();
      for (int left = number(); left > 0; left--) {
        headers.add(text(), text());
      }
      int length = number();
      return event.headers(headers.build()).body(wire.getBuffer(at, at + length)).build();
    }

    private int number() {
      int number = wire.getInt(at);
      at += Integer.BYTES;
      if (number < 0 || number > wire.length()) {
        throw new IllegalArgumentException(
            "length in an event: " + number + " (expected: 0 to " + wire.length() + ")");
      }
      return number;
    }

    private String text() {
      int length = number();
      String text = wire.getString(at, at + length, UTF_8.name());
      at += length;
      return text;
    }
  }
}
