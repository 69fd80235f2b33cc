// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Servers that send anything at all, from fixed seeds: every stream ends exactly once, nothing is
 * thrown that is not a failure of stream or connection, and every byte of memory is given back.
 */
class ClientConnectionFuzzTest {

  private static final int RUNS = 2_000;
  private static final int FRAMES = 40;
  private static final Http2Limits LIMITS = new Http2Limits(70_000, 80_000, 8_192, 32);

  /** What a server sends after its SETTINGS. */
  enum Server {
    /** Frames that are right by themselves. */
    SENSIBLE,
    /** The same, with some bytes changed. */
    MUTATED,
    /** Frames of any type and content. */
    WILD,
    /** No frames. */
    NOISE
  }

  /** Counts what it is told, and notes what is out of order: the codec would swallow a throw. */
  private static final class Told extends ClientStream {
    final List<String> wrong = new ArrayList<>();
    int ends;
    final Zeros head = new Zeros(0, false);
    final Zeros body;
    private final Random random;
    private boolean begun;

    Told(Random random) {
      this.random = random;
      this.body = new Zeros(1 + random.nextInt(100_000), random.nextBoolean());
    }

    @Override
    protected void head(Http2Headers headers) {
      expect(!begun && ends == 0, "head");
      begun = true;
    }

    @Override
    protected int data(ByteBuf data) {
      expect(begun && ends == 0, "data");
      return random.nextInt(3) == 0 ? 0 : data.readableBytes();
    }

    @Override
    protected void ended(@Nullable Http2Headers trailers) {
      expect(begun && ends == 0, "end");
      ends++;
    }

    @Override
    protected void failed(Throwable cause) {
      expect(ends == 0, "failure");
      ends++;
    }

    private void expect(boolean right, String what) {
      if (!right) {
        wrong.add(what + " out of order");
      }
    }
  }

  private final UnpooledByteBufAllocator alloc = new UnpooledByteBufAllocator(false, true);

  @ParameterizedTest
  @EnumSource(Server.class)
  void everyStreamEndsOnceAndNothingIsKept(Server server) throws Http2Exception {
    for (int seed = 0; seed < RUNS; seed++) {
      run(server, seed);
    }

    assertEquals(0, alloc.metric().usedHeapMemory(), "heap");
    assertEquals(0, alloc.metric().usedDirectMemory(), "direct");
  }

  private void run(Server server, int seed) throws Http2Exception {
    Random random = new Random(seed);
    int[] closings = new int[1];
    ClientConnection connection = ClientConnection.create(LIMITS, (name, value) -> false);
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.config().setAllocator(alloc);
    channel.pipeline().addLast(connection);
    RandomFrames frames = new RandomFrames(random, alloc);
    ByteBuf first = alloc.buffer();
    frames.settings(first);
    feed(channel, first, random);
    assertTrue(connection.greeting().succeeded(), "no greeting");
    connection.listen(
        new ConnectionListener() {
          @Override
          public void closed() {
            closings[0]++;
          }
        });
    List<Told> streams = open(connection, random);

    for (int i = 0; i < FRAMES && channel.isOpen(); i++) {
      ByteBuf bytes = alloc.buffer();
      write(server, frames, random, bytes);
      feed(channel, bytes, random);
      if (random.nextInt(10) == 0) {
        Told gone = streams.get(random.nextInt(streams.size()));
        if (!gone.isOver()) {
          connection.reset(gone, 8);
          gone.ends++;
        }
      }
    }
    connection.shutdown();
    channel.finishAndReleaseAll();

    channel.checkException();
    for (Told stream : streams) {
      assertEquals(1, stream.ends, () -> server + " " + seed + ": ends of " + stream.id());
      assertEquals(List.of(), stream.wrong, () -> server + " " + seed);
      assertEquals(1, stream.head.told.size(), () -> server + " " + seed + ": head");
      assertEquals(1, stream.body.told.size(), () -> server + " " + seed + ": body");
    }
    assertEquals(1, closings[0], () -> server + " " + seed + ": closings");
  }

  private List<Told> open(ClientConnection connection, Random random) throws Http2Exception {
    List<Told> streams = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Told stream = new Told(random);
      Http2Headers head =
          new DefaultHttp2Headers().method("POST").path("/a.B/C").scheme("http").authority("a");
      connection.open(stream, head, stream.head);
      connection.write(stream, stream.body);
      streams.add(stream);
    }
    return streams;
  }

  private static void write(Server server, RandomFrames frames, Random random, ByteBuf out)
      throws Http2Exception {
    switch (server) {
      case SENSIBLE -> frames.sensible(out);
      case MUTATED -> {
        frames.sensible(out);
        for (int i = 0; i < 2 && out.isReadable(); i++) {
          out.setByte(random.nextInt(out.readableBytes()), random.nextInt(256));
        }
      }
      case WILD -> frames.wild(out);
      case NOISE -> out.writeLong(random.nextLong()).writeLong(random.nextLong());
    }
  }

  /** In one piece, or cut anywhere. */
  private static void feed(EmbeddedChannel channel, ByteBuf bytes, Random random) {
    if (bytes.readableBytes() > 1 && random.nextBoolean()) {
      channel.writeInbound(bytes.readRetainedSlice(1 + random.nextInt(bytes.readableBytes() - 1)));
    }
    if (channel.isOpen()) {
      channel.writeInbound(bytes);
    } else {
      bytes.release();
    }
    channel.runPendingTasks();
    channel.releaseOutbound();
  }
}
