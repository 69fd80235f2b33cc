// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static dev.vertxmicro.runtime.websocket.Waits.await;
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
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many calls to a cluster with faults, each of which has the one end that is due to it. */
class WebSocketAccountingIT {

  private static final int WINDOW = 256;
  private static final int MOST_HELD = 16;
  private static final long SEED = 7;

  /** What the cluster does with a call; both sides draw the same. */
  private enum Fate {
    OK(50),
    HELD(10),
    ERROR(8),
    ODD_ERROR(3),
    NUMBER_ID(4),
    PARTS(5),
    TWICE(4),
    STRANGER(4),
    NONSENSE(5),
    EVENTS(4),
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
  private RawCluster cluster;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    cluster = RawCluster.start(vertx);
  }

  @AfterEach
  void stop() {
    cluster.close();
    await(vertx.close());
  }

  @Test
  void everyOfFiftyThousandCallsOnOneConnectionEndsAsItShould() {
    account(50_000, 0, 120);
  }

  @Test
  void everyCallEndsOnceWhileTheConnectionIsLostAgainAndAgain() {
    account(10_000, 500, 120);
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
    cluster.answer(new Answers(closeEvery)::take);
    try (Caller caller = new Caller(vertx, new WebSocketOptions())) {
      Driver driver = new Driver(caller, calls, closeEvery > 0);
      caller.onLoop(
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
        assertEquals(1, caller.observer().connectionsOpened());
        assertEquals(driver.ends.get(Fate.NONSENSE), caller.observer().ignoredMessages("binary"));
        assertEquals(
            2 * driver.ends.get(Fate.NONSENSE), caller.observer().ignoredMessages("malformed"));
        assertEquals(
            driver.ends.get(Fate.TWICE) + driver.ends.get(Fate.STRANGER),
            caller.observer().ignoredMessages("unknown op_id"));
      } else {
        assertTrue(driver.lost > 0 && caller.observer().connectionsOpened() > 5, driver.toString());
      }
      assertEquals(0, caller.observer().streams() + caller.observer().queued());
    }
  }

  /** The cluster. Belongs to the event loop of its server. */
  private static final class Answers {
    private final int closeEvery;
    private final List<Runnable> held = new ArrayList<>();
    private int taken;

    Answers(int closeEvery) {
      this.closeEvery = closeEvery;
    }

    void take(RawCluster.Connection on, RawCluster.Asked asked) {
      if (asked.action().equals("stop_stream")) {
        return;
      }
      if (closeEvery > 0 && ++taken % closeEvery == 0) {
        held.clear();
        if (taken % (2 * closeEvery) == 0) {
          on.close();
        } else {
          on.cut();
        }
        return;
      }
      long call = asked.request().getLong("call");
      JsonObject ok = new JsonObject().put("call", call);
      if (call < 0) {
        release();
        asked.reply(ok);
        return;
      }
      switch (Fate.of(call)) {
        case OK -> asked.reply(ok);
        case HELD -> held.add(() -> asked.reply(ok));
        case ERROR -> asked.reply(ok.put("err", "refused"));
        case ODD_ERROR -> asked.reply(ok.put("err", call));
        case NUMBER_ID -> on.say("{\"call\":" + call + ",\"op_id\":" + asked.id() + "}");
        case PARTS ->
            on.sayInParts("{\"op_id\":", "\"" + asked.id() + "\",\"call\"", ":" + call + "}");
        case TWICE -> {
          asked.reply(ok);
          asked.reply(ok.put("call", -5));
        }
        case STRANGER -> {
          on.say("{\"op_id\":\"5\",\"call\":-5}");
          asked.reply(ok);
        }
        case NONSENSE -> {
          on.say("{\"op_id\":\"" + asked.id() + "\",");
          on.say("[\"" + asked.id() + "\"]");
          on.sayBinary(Buffer.buffer("{}"));
          asked.reply(ok);
        }
        case EVENTS -> {
          on.say(
              "{\"op_id\":\"%s\",\"stream_id\":\"s%d\",\"msg\":\"x\"}"
                  .formatted(asked.id(), call % 5));
          asked.reply(ok);
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

  /** The caller. Belongs to its event loop. */
  private final class Driver {
    private final Caller caller;
    private final int calls;
    private final boolean mayLose;
    private final Promise<Void> done = Promise.promise();
    private final Map<Fate, Integer> ends = new EnumMap<>(Fate.class);
    private int started;
    private int open;
    private int lost;
    private boolean flushing;

    Driver(Caller caller, int calls, boolean mayLose) {
      this.caller = caller;
      this.calls = calls;
      this.mayLose = mayLose;
    }

    private Exchange start(long call) {
      return caller.start(cluster.node(), "run", new JsonObject().put("call", call));
    }

    void fill() {
      while (open < WINDOW && started < calls) {
        long call = started++;
        open++;
        Exchange exchange = start(call);
        exchange.reply().onComplete(reply -> ended(call, reply));
        if (Fate.of(call) == Fate.NEVER) {
          vertx.runOnContext(v -> exchange.cancel());
        }
      }
      if (started == calls && open > 0 && open <= MOST_HELD && !flushing) {
        flushing = true;
        start(-1).reply().onComplete(flushed -> this.flushed());
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
      // In a task of its own: a storm of refusals must not become a tower of calls.
      if (reply.failed()) {
        vertx.runOnContext(v -> goOn());
      } else {
        goOn();
      }
    }

    private void goOn() {
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
        case ERROR -> assertRefused("refused", reply);
        case ODD_ERROR -> assertRefused(String.valueOf(call), reply);
        case NEVER -> assertEquals(499, ((RpcException) reply.cause()).code());
        default ->
            assertEquals(new JsonObject().put("call", call), reply.result().body().toJsonObject());
      }
    }

    private boolean isLoss(RpcException failure) {
      return failure.grpcStatus() == GrpcStatus.UNAVAILABLE;
    }

    private void assertRefused(String detail, AsyncResult<Message> reply) {
      RpcException failure = (RpcException) reply.cause();
      assertEquals(detail, failure.detail());
      assertEquals(Processed.YES, failure.processed());
    }

    @Override
    public String toString() {
      return ends + ", lost=" + lost;
    }
  }
}
