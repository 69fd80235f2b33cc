// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static dev.vertxmicro.runtime.websocket.Desk.failure;
import static dev.vertxmicro.runtime.websocket.Desk.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How connections come, live and go. */
class ConnectionsTest {

  private static final Duration PING = WebSocketOptions.DEFAULT_PING_INTERVAL;

  @Test
  void dialsOnceForAllWhoWaitAndTellsAllThatItFailed() {
    Desk.play(
        desk -> {
          desk.connectNever();
          List<Exchange> calls = Stream.generate(() -> desk.send("list")).limit(5).toList();
          assertEquals(5, desk.observer.queued());
          assertEquals(1, desk.dials.size());
          desk.dials.get(0).fail(new IOException("refused"));

          for (Exchange call : calls) {
            assertEquals(GrpcStatus.UNAVAILABLE, failure(call.reply()).grpcStatus());
            assertEquals(Processed.NOT_SENT, failure(call.reply()).processed());
          }
          desk.connectAgain();
          Exchange next = desk.send("list");
          desk.wire().reply(0, new JsonObject());
          assertTrue(next.reply().succeeded());
        });
  }

  @Test
  void servesTheNextWhenAWriteHasThrown() {
    Desk.play(
        desk -> {
          desk.send("list");
          desk.wire().fill();
          Exchange first = desk.send("list");
          Exchange second = desk.send("status");
          desk.wire().breakWrite(new IllegalStateException("broken"));
          desk.wire().drain();
          assertEquals(List.of("list"), desk.wire().actions());

          desk.wire().drain();
          desk.wire().reply(1, new JsonObject());

          assertEquals(List.of("list", "status"), desk.wire().actions());
          assertTrue(second.reply().succeeded());
          desk.wire().end(null);
          assertEquals(Processed.NOT_SENT, failure(first.reply()).processed());
        });
  }

  @Test
  void cutsAConnectionThatComesTooLate() {
    Desk.play(
        desk -> {
          desk.connectNever();
          Exchange list = desk.send("list");
          desk.time.advance(Duration.ofSeconds(5));
          assertTrue(failure(list.reply()).detail().contains("no connection within 5000 ms"));
          FakeWire late = desk.accept();

          assertTrue(late.wasCut());
          assertEquals(0, desk.observer.connections());
        });
  }

  @Test
  void backsOffWhenConnectingFailsAgainAndAgain() {
    Desk.play(
        desk -> {
          desk.refuseToConnect();
          assertTrue(desk.send("list").reply().failed());
          assertTrue(desk.send("list").reply().failed());
          // The second failure in a row: 75 ms, the middle of half of 100 ms and the whole.
          Exchange third = desk.send("list");
          desk.time.advance(Duration.ofMillis(74));
          assertFalse(third.reply().isComplete());
          desk.time.advance(Duration.ofMillis(1));
          assertEquals(Processed.NOT_SENT, failure(third.reply()).processed());
          Exchange fourth = desk.send("list");
          desk.connectAgain();
          desk.time.advance(Duration.ofMillis(149));
          assertTrue(desk.wires.isEmpty());
          desk.time.advance(Duration.ofMillis(1));
          desk.wire().reply(0, new JsonObject());
          assertTrue(fourth.reply().succeeded());

          desk.wire().end(null);
          desk.refuseToConnect();
          assertTrue(desk.send("list").reply().failed());
        });
  }

  @Test
  void failsAtOnceWhatCannotWaitSoLong() {
    Duration most = Duration.ofSeconds(20);
    Desk.play(
        new WebSocketOptions().setBackoff(most).setMaxBackoff(most),
        desk -> {
          desk.refuseToConnect();
          desk.send("list");
          desk.send("list");

          String detail = failure(desk.send("list").reply()).detail();
          assertTrue(detail.contains("next attempt in 15001 ms (last: "), detail);
          assertTrue(desk.transport.connect(Desk.NODE, Duration.ofSeconds(15)).failed());
          desk.connectAgain();
          desk.time.advance(most);
          desk.send("list");
          assertEquals(1, desk.wires.size());
        });
  }

  @Test
  void doesNotStormAPeerThatTakesConnectionsAndDropsThem() {
    Desk.play(
        desk -> {
          for (int i = 0; i < 20; i++) {
            desk.send("list");
            if (desk.wires.size() == i + 1) {
              desk.wire().end(null);
            }
          }

          assertEquals(2, desk.wires.size());
          assertEquals(18, desk.observer.queued());
          desk.time.advance(Duration.ofSeconds(1));
          assertEquals(3, desk.wires.size());
          assertEquals(18, desk.wire().written().size());
        });
  }

  @Test
  void backsOffNoLongerThanItMay() {
    Desk.play(
        new WebSocketOptions().setMaxBackoff(Duration.ofSeconds(2)),
        desk -> {
          desk.refuseToConnect();
          for (int i = 0; i < 40; i++) {
            desk.send("list");
            desk.time.advance(Duration.ofSeconds(2));
          }
          desk.connectAgain();
          Exchange list = desk.send("list");
          desk.time.advance(Duration.ofSeconds(2));
          desk.wire().reply(0, new JsonObject());

          assertTrue(list.reply().succeeded());
        });
  }

  @Test
  void sendsNothingAgainOnTheNextConnection() {
    Desk.play(
        desk -> {
          desk.send("run");
          desk.wire().reply(0, new JsonObject());
          Exchange run = desk.send("run");
          desk.wire().end(new IOException("reset"));
          desk.send("list");

          assertEquals(Processed.UNKNOWN, failure(run.reply()).processed());
          assertEquals(List.of("list"), desk.wire().actions());
          assertFalse(desk.wires.get(0).id(0).equals(desk.wire().id(0)));
        });
  }

  @Test
  void sendsWhatWaitedForTheSocketOverTheNextConnection() {
    Desk.play(
        desk -> {
          desk.send("list");
          desk.wire().reply(0, new JsonObject());
          desk.wire().fill();
          Exchange waiting = desk.send("run");
          desk.wire().end(new IOException("reset"));

          assertEquals(List.of("run"), desk.wire().actions());
          desk.wire().reply(0, new JsonObject());
          assertTrue(waiting.reply().succeeded());
        });
  }

  @Test
  void asksForASignOfLifeAndTakesAnyMessageForOne() {
    Desk.play(
        desk -> {
          Exchange list = desk.send("list");
          desk.time.advance(PING);
          assertEquals(1, desk.wire().pings());
          desk.wire().pong();
          desk.time.advance(PING);
          desk.wire().say("{}");
          desk.time.advance(PING);
          assertEquals(3, desk.wire().pings());
          desk.time.advance(PING);

          assertTrue(desk.wire().wasCut());
          assertEquals(Processed.UNKNOWN, failure(list.reply()).processed());
        });
  }

  @Test
  void asksForNoSignOfLifeIfToldSo() {
    Desk.play(
        new WebSocketOptions().setPingInterval(Duration.ZERO),
        desk -> {
          desk.send("list");
          desk.time.advance(Duration.ofHours(1));

          assertEquals(0, desk.wire().pings());
          assertFalse(desk.wire().wasCut());
        });
  }

  @Test
  void closesWhatNobodyUsesAndForgetsTheNode() {
    Desk.play(
        desk -> {
          Exchange list = desk.send("list");
          desk.wire().reply(0, new JsonObject());
          assertTrue(list.reply().succeeded());
          for (int i = 0; i < 20; i++) {
            desk.time.advance(Duration.ofSeconds(20));
            desk.wire().pong();
          }

          assertTrue(desk.wire().saidGoodBye());
          desk.wire().end(null);
          desk.time.advance(Duration.ofMinutes(10));
          assertEquals(0, desk.time.armed());
        });
  }

  @Test
  void saysGoodByeAndThenCutsAPeerThatDoesNot() {
    Desk.play(
        desk -> {
          Exchange list = desk.send("list");
          desk.transport.close(Deadline.after(Duration.ofMinutes(1), desk.time));
          assertFalse(desk.wire().saidGoodBye());
          desk.wire().reply(0, new JsonObject());
          assertTrue(list.reply().succeeded());
          assertTrue(desk.wire().saidGoodBye());
          assertEquals(GrpcStatus.UNAVAILABLE, failure(desk.send("list").reply()).grpcStatus());
          desk.time.advance(WebSocketOptions.DEFAULT_CLOSE_TIMEOUT);

          assertTrue(desk.wire().wasCut());
        });
  }

  @Test
  void failsWhatIsOpenWhenThePeerSaysGoodByeAndCutsItIfItStays() {
    Desk.play(
        desk -> {
          Exchange run = desk.send("run");
          desk.wire().leave("closed by the peer, 1001 going away");

          assertTrue(failure(run.reply()).detail().contains("1001 going away"));
          assertEquals(Processed.UNKNOWN, failure(run.reply()).processed());
          assertFalse(desk.wire().wasCut());
          desk.time.advance(WebSocketOptions.DEFAULT_CLOSE_TIMEOUT);
          assertTrue(desk.wire().wasCut());
        });
  }

  @Test
  void boundsWhatWaitsAndWhatIsAwaited() {
    Desk.play(
        new WebSocketOptions().setMaxQueuedPerNode(2).setMaxQueuedBytes(1_000).setMaxOpenPerNode(3),
        desk -> {
          desk.connectNever();
          Exchange first = desk.send("run", json("cmd", "x".repeat(900)));
          Exchange large = desk.send("run", json("cmd", "x".repeat(900)));
          Exchange second = desk.send("list");
          Exchange third = desk.send("list");
          for (Exchange refused : List.of(large, third)) {
            assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure(refused.reply()).grpcStatus());
            assertEquals(Processed.NOT_SENT, failure(refused.reply()).processed());
          }
          assertEquals(2, desk.observer.limitReachedTimes("queue"));
          desk.accept();
          desk.send("list");
          Exchange fourth = desk.send("list");
          assertEquals(1, desk.observer.limitReachedTimes("open"));
          assertTrue(failure(fourth.reply()).detail().contains("maxOpenPerNode"));
          desk.wire().reply(0, new JsonObject());
          desk.wire().reply(1, new JsonObject());
          assertTrue(first.reply().succeeded() && second.reply().succeeded());
        });
  }

  @Test
  void writesNothingOfACallThatWasCancelledInTheQueue() {
    Desk.play(
        desk -> {
          desk.connectNever();
          Exchange first = desk.send("run");
          Desk.Follower follower = desk.follow("i-1");
          desk.send("list");
          first.cancel();
          follower.exchange.cancel();
          desk.accept();

          assertEquals(List.of("list"), desk.wire().actions());
          assertEquals(Processed.NOT_SENT, failure(first.reply()).processed());
          assertEquals(Processed.NOT_SENT, follower.failure().processed());
          assertFalse(first.isSent());
        });
  }

  @Test
  void countsWhatItPassesOver() {
    Desk.play(
        desk -> {
          desk.send("list");
          desk.wire().binary();
          desk.wire().say("no json");
          desk.wire().say("{\"a\":1} b");
          desk.wire().say("{}");
          desk.wire().say("{\"op_id\":\"x\"}");

          assertEquals(1, desk.observer.ignoredMessages("binary"));
          assertEquals(2, desk.observer.ignoredMessages("malformed"));
          assertEquals(1, desk.observer.ignoredMessages("no op_id"));
          assertEquals(1, desk.observer.ignoredMessages("unknown op_id"));
        });
  }

  @Test
  void tellsWhereTheTimeWent() {
    Desk.play(
        desk -> {
          desk.connectNever();
          Exchange list = desk.send("list");
          desk.time.advance(Duration.ofSeconds(2));
          desk.accept();
          desk.time.advance(Duration.ofSeconds(3));
          desk.wire().reply(0, json("err", "no"));

          String times = failure(list.reply()).times().toString();
          assertTrue(times.contains("connect") && times.contains("wait"), times);
        });
  }
}
