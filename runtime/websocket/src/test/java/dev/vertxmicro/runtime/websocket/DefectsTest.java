// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static dev.vertxmicro.runtime.websocket.Desk.body;
import static dev.vertxmicro.runtime.websocket.Desk.failure;
import static dev.vertxmicro.runtime.websocket.Desk.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the client that this one replaces gets wrong, each in one test, in the order of the wire
 * notes.
 */
class DefectsTest {

  @Test
  void goesOnReadingAfterTheFirstEvent() {
    Desk.play(
        desk -> {
          Desk.Follower follower = desk.follow("i-1").reading();
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().event("s-1", "one");
          desk.wire().event("s-1", "two");
          Exchange list = desk.send("list");
          desk.wire().reply(1, json("instances", new JsonArray()));

          assertEquals(List.of("one", "two"), follower.seen);
          assertTrue(list.reply().succeeded());
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"instances\":[]}",
        "{\"op_id\":\"e\",\"stream_id\":\"nobody's\",\"msg\":\"text\"}",
        "{\"op_id\":null}",
        "{\"op_id\":\"77\",\"err\":\"\"}",
        "{\"op_id\":",
        "[1]",
        ""
      })
  void goesOnReadingAfterAMessageOfNobody(String message) {
    Desk.play(
        desk -> {
          Exchange list = desk.send("list");
          desk.wire().say(message);
          desk.wire().reply(0, json("instances", new JsonArray()));

          assertTrue(list.reply().succeeded());
          assertFalse(desk.wire().wasCut());
        });
  }

  @Test
  void connectsAgainOnceTheConnectionHasEnded() {
    Desk.play(
        desk -> {
          desk.send("list");
          desk.wire().reply(0, new JsonObject());
          desk.wire().leave("closed by the peer, 1001");
          Exchange next = desk.send("list");

          assertEquals(2, desk.wires.size());
          desk.wire().reply(0, new JsonObject());
          assertTrue(next.reply().succeeded());
        });
  }

  @Test
  void failsEveryCallAndStreamWhenTheConnectionIsLost() {
    Desk.play(
        desk -> {
          List<Exchange> calls = List.of(desk.send("run"), desk.send("list"), desk.send("rm"));
          Desk.Follower follower = desk.follow("i-1").reading();
          Desk.Follower starting = desk.follow("i-2").reading();
          desk.wire().reply(3, json("stream", "s-1"));
          desk.wire().end(new IOException("reset"));

          for (Exchange call : calls) {
            assertEquals(GrpcStatus.UNAVAILABLE, failure(call.reply()).grpcStatus());
            assertEquals(Processed.UNKNOWN, failure(call.reply()).processed());
            assertTrue(failure(call.reply()).detail().contains("lost, outcome unknown: reset"));
          }
          assertEquals(Processed.UNKNOWN, follower.failure().processed());
          assertEquals(Processed.UNKNOWN, starting.failure().processed());
        });
  }

  @Test
  void failsTheCallThatCouldNotBeWritten() {
    Desk.play(
        desk -> {
          desk.send("list");
          desk.wire().holdWrites();
          Exchange run = desk.send("run");
          Desk.Follower follower = desk.follow("i-1");
          desk.wire().failWrites(new IOException("broken pipe"));

          assertEquals(Processed.NOT_SENT, failure(run.reply()).processed());
          assertEquals(Processed.NOT_SENT, follower.failure().processed());
          assertFalse(run.isSent());
          assertFalse(follower.exchange.isSent());
        });
  }

  @Test
  void waitsForNothingWithoutABound() {
    Desk.play(
        desk -> {
          desk.connectNever();
          Exchange dialling = desk.send("list");
          desk.time.advance(SendOptions.DEFAULT.dialTimeout());
          assertEquals(Processed.NOT_SENT, failure(dialling.reply()).processed());

          desk.connectAgain();
          Exchange asked = desk.send("list");
          desk.time.advance(Duration.ofSeconds(60));
          assertEquals(1, desk.wire().pings());
          assertTrue(failure(asked.reply()).detail().contains("no sign of life"));
          assertTrue(desk.wire().wasCut());
        });
  }

  @Test
  void takesAReplyOnceWhateverItsTakerDoes() {
    Desk.play(
        desk -> {
          List<String> taken = new ArrayList<>();
          Future<Message> first = desk.send("list").reply();
          first.onSuccess(
              reply -> {
                taken.add("first");
                desk.send("status").reply().onSuccess(second -> taken.add("second"));
                desk.wire().reply(0, new JsonObject());
                throw new IllegalStateException("what a test throws");
              });
          desk.wire().reply(0, new JsonObject());
          desk.wire().reply(0, new JsonObject());
          desk.wire().reply(1, new JsonObject());

          assertEquals(List.of("first", "second"), taken);
          assertEquals(2, desk.observer.ignoredMessages("unknown op_id"));
        });
  }

  @Test
  void writesWholeMessagesInTheOrderOfTheCalls() {
    Desk.play(
        desk -> {
          desk.connectNever();
          for (int i = 0; i < 5; i++) {
            desk.send("a" + i);
          }
          desk.accept();
          desk.wire().fill();
          for (int i = 5; i < 10; i++) {
            desk.send("a" + i);
          }
          desk.wire().drain();

          assertEquals(
              List.of("a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9"),
              desk.wire().actions());
          assertEquals(10, desk.wire().written().stream().distinct().count());
        });
  }

  @Test
  void takesIdsThatAreNumbersAndPassesOverOthers() {
    Desk.play(
        desk -> {
          Exchange list = desk.send("list");
          desk.wire().say(json("op_id", new JsonObject()));
          desk.wire().say(json("op_id", List.of(1)));
          desk.wire().say(json("op_id", true));
          desk.wire().say(json("op_id", 1.5));
          desk.wire().say(json("op_id", Long.parseLong(desk.wire().id(0))));
          Desk.Follower follower = desk.follow("i-1").reading();
          desk.wire().reply(1, json("stream", 17));
          desk.wire().say(new JsonObject().put("stream_id", "17").put("msg", "a"));
          desk.wire().say(new JsonObject().put("stream_id", 17).put("msg", "b"));

          assertTrue(list.reply().succeeded());
          assertEquals(4, desk.observer.ignoredMessages("unknown op_id"));
          assertEquals(List.of("a", "b"), follower.seen);
        });
  }

  @Test
  void takesEveryErrThatSaysSomethingForAFailure() {
    Desk.play(
        desk -> {
          List<Object> errors = List.of("no such file", 7, json("code", 7), true);
          for (int i = 0; i < errors.size(); i++) {
            Exchange run = desk.send("run");
            desk.wire().reply(i, json("err", errors.get(i)));
            Object error = errors.get(i);

            assertEquals(
                error instanceof JsonObject object ? object.encode() : error.toString(),
                failure(run.reply()).detail());
            assertEquals(Processed.YES, failure(run.reply()).processed());
            assertEquals("n-1", failure(run.reply()).error().id());
          }
          Exchange fine = desk.send("run");
          desk.wire().reply(4, json("err", null).put("instance_id", 3));
          assertEquals(3, body(fine.reply()).getInteger("instance_id"));
        });
  }

  @Test
  void endsACallThatIsCancelledWithoutWaitingForAMessage() {
    Desk.play(
        desk -> {
          Exchange run = desk.send("run");
          run.cancel();

          assertEquals(499, failure(run.reply()).code());
          desk.wire().reply(0, new JsonObject());
          assertEquals(1, desk.observer.ignoredMessages("unknown op_id"));
        });
  }

  @Test
  void mayBeUsedBeforeItIsConnected() {
    Desk.play(
        desk -> {
          desk.connectNever();
          Exchange list = desk.send("list");
          Desk.Follower follower = desk.follow("i-1");
          assertFalse(list.isSent());

          desk.accept().reply(0, new JsonObject());
          desk.wire().reply(1, json("stream", "s-1"));

          assertTrue(list.reply().succeeded());
          assertTrue(follower.exchange.reply().succeeded());
        });
  }

  @Test
  void leavesTheParametersOfTheCallerAlone() {
    Desk.play(
        desk -> {
          Buffer parameters =
              json("name", "x").put("args", new JsonArray().add("--secret")).toBuffer();
          Buffer before = parameters.copy();
          Message request =
              Message.request("cluster", "run").contentType("").body(parameters).build();
          desk.connectNever();
          desk.transport.send(Desk.NODE, request, Deadline.NONE, SendOptions.DEFAULT);
          desk.transport.send(Desk.NODE, request, Deadline.NONE, SendOptions.DEFAULT);
          desk.accept();

          assertEquals(before, parameters);
          assertFalse(desk.wire().id(0).equals(desk.wire().id(1)));
          assertEquals("x", desk.wire().last().getString("name"));
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"op_id", "action"})
  void refusesParametersWithTheNamesOfTheProtocol(String name) {
    Desk.play(
        desk -> {
          Exchange run = desk.send("run", json("cmd", "x").put(name, "mine"));

          assertEquals(GrpcStatus.INVALID_ARGUMENT, failure(run.reply()).grpcStatus());
          assertEquals(Processed.NOT_SENT, failure(run.reply()).processed());
          assertTrue(desk.wires.isEmpty());
        });
  }

  @Test
  void tellsThePeerThatAListenerHasGone() {
    Desk.play(
        desk -> {
          Desk.Follower follower = desk.follow("i-1").reading();
          desk.wire().reply(0, json("stream", "s-1"));
          follower.exchange.cancel();

          assertEquals(List.of("start_stream", "stop_stream"), desk.wire().actions());
          assertEquals("s-1", desk.wire().last().getString("stream_id"));
          assertEquals("i-1", desk.wire().last().getString("instance_id"));
          desk.wire().event("s-1", "late");
          Exchange list = desk.send("list");
          desk.wire().reply(2, new JsonObject());
          assertTrue(list.reply().succeeded());
        });
  }

  @Test
  void deliversNothingOfAStreamThatWasStopped() {
    Desk.play(
        desk -> {
          Desk.Follower follower = desk.follow("i-1").reading();
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().event("s-1", "in time");
          follower.exchange.cancel();
          desk.wire().event("s-1", "late");
          desk.wire().event("s-1", "later");

          assertEquals(List.of("in time"), follower.seen);
          assertEquals(2, desk.observer.ignoredMessages("stopped stream"));
          assertEquals(2, desk.wire().written().size());
        });
  }

  @Test
  void startsOneStreamForAllAndKeepsWhatComesBeforeItIsKnown() {
    Desk.play(
        desk -> {
          Desk.Follower first = desk.follow("i-1").reading();
          Desk.Follower second = desk.follow("i-1").reading();
          desk.wire().event("s-1", "early");
          desk.wire().event("s-1", "still early");
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().event("s-1", "in time");

          assertEquals(List.of("start_stream"), desk.wire().actions());
          assertEquals(List.of("early", "still early", "in time"), first.seen);
          assertEquals(first.seen, second.seen);
        });
  }

  @Test
  void failsAListThatTheClusterRefuses() {
    Desk.play(
        desk -> {
          Exchange list = desk.send("list");
          desk.wire().reply(0, json("err", "not now").put("instances", new JsonArray()));

          assertEquals("not now", failure(list.reply()).detail());
        });
  }

  @Test
  void goesOnReadingWhileAListenerStopsItsStream() {
    Desk.play(
        desk -> {
          Desk.Follower follower = desk.follow("i-1");
          follower.exchange.handler(
              event -> {
                follower.seen.add(event.toJsonObject().getString("msg"));
                desk.wire().fill();
                follower.exchange.cancel();
              });
          follower.reading();
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().event("s-1", "one");
          desk.wire().event("s-1", "two");
          desk.wire().drain();

          assertEquals(List.of("one"), follower.seen);
          assertEquals(List.of("start_stream", "stop_stream"), desk.wire().actions());
        });
  }
}
