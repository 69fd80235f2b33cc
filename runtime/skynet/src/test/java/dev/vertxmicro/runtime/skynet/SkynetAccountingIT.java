// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import static dev.vertxmicro.runtime.skynet.Waiting.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.transport.Exchange;
import io.vertx.core.AsyncResult;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many calls to a node with faults, each of which has the one end that is due to it. */
class SkynetAccountingIT {

  private static final int WINDOW = 256;
  private static final int MOST_HELD = 16;
  private static final long SEED = 7;

  /** What the node does with a call; both sides draw the same. */
  private enum Fate {
    OK(60),
    HELD(10),
    ERROR(8),
    PARTS(5),
    TWICE(4),
    STRANGER(4),
    WRONG_SUM(4),
    BROKEN_PARTS(2),
    NEVER(3);

    private final int percent;

    Fate(int percent) {
      this.percent = percent;
    }

    static Fate of(long call) {
      int draw = new SplittableRandom(SEED + call).nextInt(100);
      for (Fate fate : values()) {
        draw -= fate.percent;
        if (draw < 0) {
          return fate;
        }
      }
      throw new AssertionError("percents");
    }
  }

  private Vertx vertx;
  private RawNode node;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    node = RawNode.start(vertx);
  }

  @AfterEach
  void stop() {
    node.close();
    await(vertx.close());
  }

  @Test
  void everyOfFiftyThousandCallsOnOneConnectionEndsAsItShould() {
    account(50_000, 0, 120);
  }

  @Test
  void everyCallEndsOnceWhileTheConnectionIsLostAgainAndAgain() {
    account(20_000, 500, 120);
  }

  @Test
  @Tag("soak")
  void everyOfAMillionCallsOnOneConnectionEndsAsItShould() {
    account(1_000_000, 0, 1_800);
  }

  @Test
  @Tag("soak")
  void everyOfAMillionCallsEndsOnceWhileTheConnectionIsLost() {
    account(1_000_000, 5_000, 1_800);
  }

  private void account(int calls, int closeEvery, long seconds) {
    node.answer(new Answers(closeEvery)::take);
    try (Wire wire = new Wire(vertx, new SkynetOptions(), null)) {
      Driver driver = new Driver(wire, calls, closeEvery > 0);
      wire.onLoop(
          () -> {
            driver.fill();
            return true;
          });
      await(driver.done.future(), seconds);

      int ended = driver.ends.values().stream().mapToInt(each -> each).sum() + driver.lost;
      assertEquals(calls, ended, driver.toString());
      for (Fate fate : Fate.values()) {
        assertTrue(driver.ends.getOrDefault(fate, 0) > calls / 200, driver.toString());
      }
      if (closeEvery == 0) {
        assertEquals(0, driver.lost);
        assertEquals(1, wire.observer().connectionsOpened());
      } else {
        assertTrue(driver.lost > 0 && wire.observer().connectionsOpened() > 5, driver.toString());
      }
      assertEquals("connections=1, streams=0, queued=0", wire.observer().toString());
    }
  }

  /** The node. Belongs to the event loop of its server. */
  private static final class Answers {
    private final int closeEvery;
    private final List<Runnable> held = new ArrayList<>();
    private int taken;

    Answers(int closeEvery) {
      this.closeEvery = closeEvery;
    }

    void take(RawNode.Connection on, RawNode.Frame frame) {
      if (closeEvery > 0 && ++taken % closeEvery == 0) {
        held.clear();
        on.close();
        return;
      }
      long call = (Long) frame.arguments().get(0);
      int session = frame.session();
      if (call < 0) {
        release();
        on.ok(session, call);
        return;
      }
      Buffer ok = LuaSeri.pack(LuaValues.of(call));
      switch (Fate.of(call)) {
        case OK -> on.ok(session, call);
        case HELD -> held.add(() -> on.ok(session, call));
        case ERROR -> on.write(ReplyFrames.error(session, Buffer.buffer("x.lua:1: call failed")));
        case PARTS -> {
          on.write(Wire.begin(session, ok.length()));
          on.write(Wire.part(session, 3, ok.getBytes(0, 1)));
          held.add(() -> on.write(Wire.part(session, 4, ok.getBytes(1, ok.length()))));
        }
        case TWICE -> {
          on.ok(session, call);
          on.ok(session, call + 1);
        }
        case STRANGER -> {
          on.ok(session - 100_000_000, call + 1);
          on.write(Wire.part(session - 100_000_000, 4, new byte[9]));
          on.ok(session, call);
        }
        case WRONG_SUM -> {
          on.write(Wire.begin(session, ok.length() + 1));
          on.write(Wire.part(session, 4, ok.getBytes()));
        }
        case BROKEN_PARTS -> {
          on.write(Wire.begin(session, 100));
          on.write(Wire.part(session, 3, new byte[50]));
          on.write(ReplyFrames.error(session, Buffer.buffer("x.lua:1: call failed")));
        }
        case NEVER -> {}
      }
      if (held.size() >= MOST_HELD) {
        release();
      }
    }

    private void release() {
      for (int i = held.size() - 1; i >= 0; i--) {
        held.get(i).run();
      }
      held.clear();
    }
  }

  /** The caller. Belongs to the event loop of the wire. */
  private final class Driver {
    private final Wire wire;
    private final int calls;
    private final boolean mayLose;
    private final Promise<Void> done = Promise.promise();
    private final Map<Fate, Integer> ends = new EnumMap<>(Fate.class);
    private int started;
    private int open;
    private int lost;
    private boolean flushing;

    Driver(Wire wire, int calls, boolean mayLose) {
      this.wire = wire;
      this.calls = calls;
      this.mayLose = mayLose;
    }

    void fill() {
      while (open < WINDOW && started < calls) {
        long call = started++;
        open++;
        Exchange exchange = wire.start(node.node(), Wire.request("@peer", call));
        exchange.reply().onComplete(reply -> ended(call, reply));
        if (Fate.of(call) == Fate.NEVER) {
          vertx.runOnContext(v -> exchange.cancel());
        }
      }
      if (started == calls && open > 0 && open <= MOST_HELD && !flushing) {
        flushing = true;
        wire.start(node.node(), Wire.request("@peer", -1L))
            .reply()
            .onComplete(flushed -> this.flushed());
      }
    }

    /** One that came with a lost connection has released nothing. */
    private void flushed() {
      flushing = false;
      if (open > 0) {
        fill();
      } else {
        done.tryComplete();
      }
    }

    private void ended(long call, AsyncResult<Message> reply) {
      open--;
      try {
        check(call, reply);
      } catch (AssertionError | RuntimeException wrong) {
        done.tryFail(new IllegalStateException("call " + call + " " + Fate.of(call), wrong));
      }
      fill();
      if (started == calls && open == 0 && !flushing) {
        done.tryComplete();
      }
    }

    private void check(long call, AsyncResult<Message> reply) {
      Fate fate = Fate.of(call);
      if (reply.failed() && mayLose && isLoss((RpcException) reply.cause())) {
        lost++;
        return;
      }
      ends.merge(fate, 1, Integer::sum);
      switch (fate) {
        case OK, HELD, PARTS, TWICE, STRANGER ->
            assertEquals(LuaValues.of(call), Wire.values(reply.result()));
        case ERROR, BROKEN_PARTS -> assertFailure(GrpcStatus.UNKNOWN, Processed.YES, reply);
        case WRONG_SUM -> assertFailure(GrpcStatus.INTERNAL, Processed.YES, reply);
        case NEVER -> assertEquals(499, ((RpcException) reply.cause()).code());
      }
    }

    private boolean isLoss(RpcException failure) {
      return failure.grpcStatus() == GrpcStatus.UNAVAILABLE;
    }

    private void assertFailure(GrpcStatus status, Processed processed, AsyncResult<Message> reply) {
      RpcException failure = (RpcException) reply.cause();
      assertEquals(status, failure.grpcStatus());
      assertEquals(processed, failure.processed());
    }

    @Override
    public String toString() {
      return ends + ", lost=" + lost;
    }
  }
}
