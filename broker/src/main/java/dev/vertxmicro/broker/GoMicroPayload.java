// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.broker;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.codec.Message;
import io.vertx.core.buffer.Buffer;

/**
 * What go-micro's brokers put on wires that have no headers of their own (NATS, HTTP, Redis, MQTT,
 * Kafka): {@code {"Header":{"Micro-Topic":"news"},"Body":"aGVsbG8="}}, the body in Base64 with
 * padding. Header names keep their case, which matters to go-micro. Null stands for no header and
 * no body, as Go writes it.
 *
 * <p>A go-micro publisher of the mucp kind puts the 5-byte frame of gRPC before a body whose
 * content type is {@code application/grpc}, {@code +proto} or {@code +json}; one of the gRPC kind
 * does not. Both are understood, see {@link #unframed}; we never write the frame.
 */
public final class GoMicroPayload {

  private static final String FRAMED = "application/grpc";

  private static final int FRAME = 5;

  private GoMicroPayload() {}

  /**
   * Returns the bytes that carry an event. Of headers with the same name, which go-micro cannot
   * have, the values are joined by {@code ", "}.
   *
   * @throws CodecException if they are more than an array holds
   */
  public static byte[] encode(Message event) {
    return PayloadWriter.write(event.wireHeaders(), event.body());
  }

  /**
   * Returns the event in {@code payload}, its body without a frame. Names are read without case and
   * unknown ones passed over, as Go does.
   *
   * @param topic the topic it came on, unless {@code Micro-Topic} names another
   * @throws CodecException if the bytes are not such a payload; says at which byte
   */
  public static Message decode(String topic, byte[] payload) {
    PayloadReader read = PayloadReader.read(payload);
    return unframed(Message.received(topic, read.headers()).body(read.body()).build());
  }

  /**
   * Returns the event with the 5-byte frame of gRPC taken off its body, if it has one and its
   * content type says that it may. That cannot be mistaken: neither protobuf nor JSON starts with a
   * byte 0 or 1, and the frame's length must be that of the rest.
   *
   * @throws CodecException if the frame says that the body is compressed
   */
  public static Message unframed(Message event) {
    Buffer body = event.body();
    boolean framed =
        body.length() >= FRAME
            && event.contentType().regionMatches(true, 0, FRAMED, 0, FRAMED.length())
            && (body.getByte(0) == 0 || body.getByte(0) == 1)
            && body.getUnsignedInt(1) == body.length() - FRAME;
    if (!framed) {
      return event;
    }
    if (body.getByte(0) == 1) {
      throw new CodecException("body: a compressed gRPC frame (expected: not compressed)", null);
    }
    return event.toBuilder().body(body.slice(FRAME, body.length())).build();
  }
}
