// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.transport.CountingObserver;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.TimeSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.concurrent.Callable;

/** A transport and what a test does with it, from one event loop. */
final class Wire implements AutoCloseable {

  private final Vertx vertx;
  private final TimeSource time;
  private final CountingObserver observer = new CountingObserver();
  private final SkynetTransport transport;
  private final Context loop;

  Wire(Vertx vertx, SkynetOptions options, SkynetNodes nodes) {
    this(vertx, TimeSource.of(vertx), options, nodes);
  }

  /** With a clock that a test moves, on the loop. */
  Wire(Vertx vertx, TimeSource time, SkynetOptions options, SkynetNodes nodes) {
    this.vertx = vertx;
    this.time = time;
    this.transport = SkynetTransport.create(vertx, time, observer, options, nodes);
    this.loop = vertx.getOrCreateContext();
  }

  CountingObserver observer() {
    return observer;
  }

  SkynetTransport transport() {
    return transport;
  }

  /** Runs {@code task} on the event loop and returns what it made. */
  <T> T onLoop(Callable<T> task) {
    Promise<T> made = Promise.promise();
    loop.runOnContext(
        v -> {
          try {
            made.complete(task.call());
          } catch (Exception e) {
            made.fail(e);
          }
        });
    return Waiting.await(made.future());
  }

  static Message request(String endpoint, Object... arguments) {
    return Message.request("raw", endpoint)
        .contentType(LuaSeriCodec.CONTENT_TYPE)
        .body(LuaSeri.pack(LuaValues.of(arguments)))
        .build();
  }

  /** Starts a call; call it on the loop if order matters. */
  Exchange start(Node node, Message request) {
    return transport.send(node, request, deadline(), options(1 << 22));
  }

  Exchange push(Node node, Message request) {
    return transport.sendOneWay(node, request, deadline(), options(1 << 22));
  }

  static SendOptions options(int maxReplyBytes) {
    return new SendOptions(Duration.ofSeconds(5), 1 << 24, maxReplyBytes, 0);
  }

  Deadline deadline() {
    return Deadline.after(Duration.ofMinutes(1), time);
  }

  Future<Message> call(Node node, String endpoint, Object... arguments) {
    return onLoop(() -> start(node, request(endpoint, arguments)).reply());
  }

  static LuaValues values(Message reply) {
    return LuaSeri.unpack(reply.body());
  }

  static Buffer part(int session, int kind, byte[] bytes) {
    return Buffer.buffer()
        .appendUnsignedShort(5 + bytes.length)
        .appendIntLE(session)
        .appendByte((byte) kind)
        .appendBytes(bytes);
  }

  static Buffer begin(int session, int total) {
    return part(session, 2, Buffer.buffer().appendIntLE(total).getBytes());
  }

  /** Returns the frames of a request, as they are on the wire. */
  static Buffer frames(SkynetAddress to, int session, Buffer arguments, boolean push) {
    ByteBuf frames = Unpooled.buffer();
    RequestFrames.append(frames, to, session, arguments, push);
    assertEquals(frames.readableBytes(), RequestFrames.length(to, arguments));
    return Buffer.buffer(ByteBufUtil.getBytes(frames));
  }

  /** Closes the transport; what it still held is in the observer afterwards. */
  @Override
  public void close() {
    Waiting.await(transport.close(Deadline.after(Duration.ofSeconds(5), time)));
  }
}
