// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.framing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageFrameTest {

  private final Recorder stream = new Recorder();

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16_383, 16_384, 100_000})
  void writesTheLengthAndTheBody(int size) {
    Buffer body = body(size);

    MessageFrame.write(body, stream);
    MessageFrame.end(body, stream);
    stream.promises.forEach(Promise::complete);

    MessageReader reader = new MessageReader(size, null);
    reader.add(stream.all());
    assertEquals(body, reader.next());
    assertEquals(body, reader.next());
    assertTrue(reader.isEmpty());
    assertTrue(stream.ended);
  }

  @Test
  void writesSmallOnesInOnePiece() {
    MessageFrame.write(body(16_383), stream);

    assertEquals(1, stream.written.size());
  }

  @Test
  void doesNotCopyLargeOnes() {
    Buffer body = body(16_384);

    MessageFrame.write(body, stream);

    assertSame(body, stream.written.get(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100_000})
  void hasLeftWhenItsLastByteHas(int size) {
    Future<Void> left = MessageFrame.write(body(size), stream);

    for (int i = 0; i < stream.promises.size() - 1; i++) {
      stream.promises.get(i).complete();
    }
    assertFalse(left.isComplete());
    stream.promises.get(stream.promises.size() - 1).complete();
    assertTrue(left.succeeded());
  }

  private static Buffer body(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31);
    }
    return Buffer.buffer(bytes);
  }

  /** Keeps what is written to it. */
  private static final class Recorder implements WriteStream<Buffer> {
    private final List<Buffer> written = new ArrayList<>();
    private final List<Promise<Void>> promises = new ArrayList<>();
    private boolean ended;

    Buffer all() {
      Buffer all = Buffer.buffer();
      written.forEach(all::appendBuffer);
      return all;
    }

    @Override
    public Future<Void> write(Buffer data) {
      Promise<Void> left = Promise.promise();
      written.add(data);
      promises.add(left);
      return left.future();
    }

    @Override
    public Future<Void> end() {
      ended = true;
      return Future.succeededFuture();
    }

    @Override
    public Recorder exceptionHandler(@Nullable Handler<Throwable> handler) {
      return this;
    }

    @Override
    public Recorder setWriteQueueMaxSize(int maxSize) {
      return this;
    }

    @Override
    public boolean writeQueueFull() {
      return false;
    }

    @Override
    public Recorder drainHandler(@Nullable Handler<Void> handler) {
      return this;
    }
  }
}
