// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest;

import static dev.vertxmicro.runtime.rest.Waiting.await;
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
import io.vertx.core.net.NetSocket;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many calls over connections that live on, with faults; each has the one end that is due to it.
 */
class RestAccountingIT {

  private static final int WINDOW = 64;
  private static final long SEED = 11;

  /** What the server does with a call; both sides draw the same. */
  private enum Fate {
    OK(70),
    PARTS(10),
    CHUNKS(8),
    ERROR(6),
    TWICE(2),
    GARBAGE(1),
    HALF(1),
    CLOSE(1),
    NEVER(1);

    private final int percent;

    Fate(int percent) {
      this.percent = percent;
    }

    static Fate of(int call) {
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
  private RawServer server;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    server = new RawServer(vertx, this::answer);
  }

  @AfterEach
  void stop() {
    server.close();
    await(vertx.close());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void everyOfFiftyThousandCallsEndsAsItShould(int pool) {
    account(50_000, pool, 120);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  @Tag("soak")
  void everyOfAMillionCallsEndsAsItShould(int pool) {
    account(1_000_000, pool, 1_800);
  }

  private void account(int calls, int pool, long seconds) {
    Wire wire = new Wire(vertx, new RestOptions(), pool);
    Driver driver = new Driver(wire, calls);
    wire.onLoop(
        () -> {
          driver.fill();
          return true;
        });
    await(driver.done.future(), seconds);

    int ended = driver.ends.values().stream().mapToInt(each -> each).sum();
    assertEquals(calls, ended, driver.toString());
    int cut = 0;
    int mayBeCut = 0;
    for (Fate fate : Fate.values()) {
      int due = 0;
      for (int call = 0; call < calls; call++) {
        due += Fate.of(call) == fate ? 1 : 0;
      }
      assertEquals(due, driver.ends.get(fate), fate.toString());
      mayBeCut += fate.compareTo(Fate.TWICE) >= 0 ? due : 0;
      cut += fate.compareTo(Fate.TWICE) >= 0 && fate != Fate.NEVER ? due : 0;
    }
    // A connection that was cut is followed by a new one if it is needed: none is lost otherwise.
    int connections = server.connections();
    assertTrue(
        connections >= cut && connections <= pool + mayBeCut,
        connections + " connections, " + cut + " to " + mayBeCut + " cut");
    wire.close();
    assertEquals("connections=0, streams=0, queued=0", wire.observer().toString());
  }

  private void answer(NetSocket socket, String head) {
    int call = Integer.parseInt(head.substring(5, head.indexOf(' ', 5)));
    String body = "call " + call;
    switch (Fate.of(call)) {
      case OK -> socket.write(RawServer.ok(body));
      case PARTS -> {
        String answer = RawServer.ok(body);
        int cut = new SplittableRandom(call).nextInt(answer.length());
        socket.write(answer.substring(0, cut)).onSuccess(v -> socket.write(answer.substring(cut)));
      }
      case CHUNKS ->
          socket.write(
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + RawServer.chunk(body.substring(0, 3))
                  + RawServer.chunk(body.substring(3))
                  + "0\r\nX-Tail: x\r\n\r\n");
      case ERROR -> socket.write("HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno");
      case TWICE -> socket.write(RawServer.ok(body) + RawServer.ok("another"));
      case GARBAGE -> socket.write("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n");
      case HALF -> socket.end(Buffer.buffer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"));
      case CLOSE -> socket.close();
      case NEVER -> {}
    }
  }

  /** The caller. Belongs to the event loop of the wire. */
  private final class Driver {
    private final Wire wire;
    private final int calls;
    private final Promise<Void> done = Promise.promise();
    private final Map<Fate, Integer> ends = new EnumMap<>(Fate.class);
    private int started;
    private int open;

    Driver(Wire wire, int calls) {
      this.wire = wire;
      this.calls = calls;
    }

    void fill() {
      while (open < WINDOW && started < calls) {
        int call = started++;
        open++;
        Exchange exchange = wire.start(server.node(), Wire.request("GET /" + call));
        exchange.reply().onComplete(reply -> ended(call, reply));
        if (Fate.of(call) == Fate.NEVER) {
          vertx.setTimer(1, tick -> exchange.cancel());
        }
      }
    }

    private void ended(int call, AsyncResult<Message> reply) {
      open--;
      Fate fate = Fate.of(call);
      try {
        check(call, fate, reply);
        ends.merge(fate, 1, Integer::sum);
      } catch (AssertionError | RuntimeException wrong) {
        done.tryFail(new IllegalStateException("call " + call + " " + fate, wrong));
      }
      vertx.runOnContext(v -> fill());
      if (started == calls && open == 0) {
        done.tryComplete();
      }
    }

    private void check(int call, Fate fate, AsyncResult<Message> reply) {
      switch (fate) {
        case OK, PARTS, CHUNKS, TWICE ->
            assertEquals("call " + call, reply.result().body().toString());
        case ERROR -> assertFailure(GrpcStatus.UNAVAILABLE, Processed.YES, reply);
        case GARBAGE -> assertFailure(GrpcStatus.INTERNAL, Processed.UNKNOWN, reply);
        case HALF -> assertFailure(GrpcStatus.UNAVAILABLE, Processed.YES, reply);
        case CLOSE -> assertFailure(GrpcStatus.UNAVAILABLE, Processed.UNKNOWN, reply);
        case NEVER -> assertEquals(499, ((RpcException) reply.cause()).code());
      }
    }

    private void assertFailure(GrpcStatus status, Processed processed, AsyncResult<Message> reply) {
      RpcException failure = (RpcException) reply.cause();
      assertEquals(status, failure.grpcStatus(), failure.getMessage());
      assertEquals(processed, failure.processed(), failure.getMessage());
    }

    @Override
    public String toString() {
      return ends.toString();
    }
  }
}
