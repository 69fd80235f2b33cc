// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import static dev.vertxmicro.runtime.websocket.Desk.failure;
import static dev.vertxmicro.runtime.websocket.Desk.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Streams of events: shared, held, bounded, stopped once. */
class StreamsTest {

  @Test
  void sharesTheStreamOfAnInstanceUntilTheLastHasGone() {
    Desk.play(
        desk -> {
          Desk.Follower first = desk.follow("i-1").reading();
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().event("s-1", "one");
          Desk.Follower second = desk.follow("i-1").reading();
          assertTrue(second.exchange.reply().succeeded());
          desk.wire().event("s-1", "two");
          first.exchange.cancel();
          desk.wire().event("s-1", "three");
          assertEquals(List.of("start_stream"), desk.wire().actions());
          second.exchange.cancel();

          assertEquals(List.of("start_stream", "stop_stream"), desk.wire().actions());
          assertEquals(List.of("one", "two"), first.seen);
          assertEquals(List.of("two", "three"), second.seen);
          Desk.Follower third = desk.follow("i-1").reading();
          desk.wire().reply(2, json("stream", "s-1"));
          desk.wire().event("s-1", "four");
          assertEquals(List.of("four"), third.seen);
        });
  }

  @Test
  void keepsStreamsOfSeveralInstancesApart() {
    Desk.play(
        desk -> {
          Desk.Follower first = desk.follow("i-1").reading();
          Desk.Follower second = desk.follow("i-2").reading();
          desk.wire().reply(1, json("stream", "s-2"));
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().event("s-1", "one");
          desk.wire().event("s-2", "two");

          assertEquals(List.of("one"), first.seen);
          assertEquals(List.of("two"), second.seen);
        });
  }

  @Test
  void failsEverybodyWhomTheClusterRefuses() {
    Desk.play(
        desk -> {
          Desk.Follower first = desk.follow("i-1");
          Desk.Follower second = desk.follow("i-1");
          desk.wire().reply(0, json("err", "no such instance"));

          for (Desk.Follower each : List.of(first, second)) {
            assertEquals("no such instance", each.failure().detail());
            assertEquals(Processed.YES, each.failure().processed());
            assertEquals("no such instance", failure(each.exchange.reply()).detail());
          }
          assertEquals(List.of("start_stream"), desk.wire().actions());
        });
  }

  @Test
  void failsAStreamThatTheClusterDoesNotName() {
    Desk.play(
        desk -> {
          Desk.Follower nameless = desk.follow("i-1");
          desk.wire().reply(0, json("err", ""));
          Desk.Follower first = desk.follow("i-2");
          desk.wire().reply(1, json("stream", "s-1"));
          Desk.Follower twin = desk.follow("i-3");
          desk.wire().reply(2, json("stream", "s-1"));

          assertEquals(GrpcStatus.INTERNAL, nameless.failure().grpcStatus());
          assertEquals(GrpcStatus.INTERNAL, twin.failure().grpcStatus());
          assertFalse(first.exchange.trailers().isComplete());
        });
  }

  @Test
  void takesAStreamIdInAReplyForAReply() {
    Desk.play(
        desk -> {
          Desk.Follower follower = desk.follow("i-1").reading();
          desk.wire().reply(0, json("stream_id", "s-1"));
          desk.wire().event("s-1", "one");
          follower.exchange.cancel();
          desk.wire().reply(1, json("stream_id", "s-1"));

          assertEquals(List.of("one"), follower.seen);
          assertEquals(0, desk.observer.ignoredMessages("stopped stream"));
        });
  }

  @Test
  void takesTextWithAnAwaitedIdForAnEvent() {
    Desk.play(
        desk -> {
          Desk.Follower follower = desk.follow("i-1").reading();
          String start = desk.wire().id(0);
          desk.wire()
              .say(
                  new JsonObject().put("op_id", start).put("stream_id", "s-1").put("msg", "early"));
          assertFalse(follower.exchange.reply().isComplete());
          desk.wire().reply(0, json("stream", "s-1"));

          assertEquals(List.of("early"), follower.seen);
        });
  }

  @Test
  void keepsEventsForAWhileAndThenStopsTheStreamOnce() {
    Desk.play(
        desk -> {
          desk.follow("i-1");
          desk.wire().event("unknown", "one");
          desk.wire().event("unknown", "two");
          assertEquals(1, desk.wire().written().size());
          desk.time.advance(WebSocketOptions.DEFAULT_HOLD_TIMEOUT);
          desk.wire().event("unknown", "three");

          assertEquals(List.of("start_stream", "stop_stream"), desk.wire().actions());
          assertEquals("unknown", desk.wire().last().getString("stream_id"));
          assertEquals(2, desk.observer.ignoredMessages("unknown stream"));
          assertEquals(1, desk.observer.ignoredMessages("stopped stream"));
        });
  }

  @Test
  void stopsAStreamOfNobodyAtOnceIfNobodyWaitsForOne() {
    Desk.play(
        desk -> {
          desk.send("list");
          desk.wire().event("unknown", "one");
          desk.wire().event("unknown", "two");

          assertEquals(List.of("list", "stop_stream"), desk.wire().actions());
        });
  }

  @Test
  void failsAStreamOfWhichMoreCameThanCouldBeKept() {
    Desk.play(
        new WebSocketOptions().setMaxHeldEvents(2),
        desk -> {
          Desk.Follower known = desk.follow("i-1").reading();
          Desk.Follower unknown = desk.follow("i-2").reading();
          desk.wire().event("s-1", "one");
          desk.wire().event("s-1", "two");
          desk.wire().event("s-1", "three");
          desk.wire().event("s-2", "lost");
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().reply(1, json("stream", "s-2"));

          assertEquals(List.of("one", "two"), known.seen);
          assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, known.failure().grpcStatus());
          assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, unknown.failure().grpcStatus());
          assertEquals(
              List.of("start_stream", "start_stream", "stop_stream", "stop_stream"),
              desk.wire().actions());
          Desk.Follower later = desk.follow("i-3").reading();
          desk.wire().reply(4, json("stream", "s-3"));
          assertFalse(later.exchange.trailers().isComplete());
        });
  }

  @Test
  void failsAndStopsAStreamThatIsReadTooSlowly() {
    Desk.play(
        new WebSocketOptions().setMaxBufferedEvents(3),
        desk -> {
          Desk.Follower slow = desk.follow("i-1");
          slow.exchange.fetch(1);
          desk.wire().reply(0, json("stream", "s-1"));
          for (int i = 0; i < 4; i++) {
            desk.wire().event("s-1", "no. " + i);
          }
          assertFalse(slow.exchange.trailers().isComplete());
          desk.wire().event("s-1", "one too many");

          assertEquals(List.of("no. 0"), slow.seen);
          assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, slow.failure().grpcStatus());
          assertEquals(1, desk.observer.limitReachedTimes("bufferedEvents"));
          assertEquals(List.of("start_stream", "stop_stream"), desk.wire().actions());
        });
  }

  @Test
  void boundsTheBytesThatNobodyReadsAndThoseOfOneEvent() {
    Desk.play(
        new WebSocketOptions().setMaxBufferedBytes(1_024),
        desk -> {
          Desk.Follower slow = desk.follow("i-1");
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().event("s-1", "x".repeat(1_100));
          assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, slow.failure().grpcStatus());

          Desk.Follower large = desk.follow("i-2").reading();
          desk.wire().reply(2, json("stream", "s-2"));
          desk.wire().event("s-2", "x".repeat(SendOptions.DEFAULT_MAX_BYTES));
          assertTrue(large.failure().detail().startsWith("received message larger than max"));
        });
  }

  @Test
  void oneWhoReadsTooSlowlyDoesNotDisturbTheOthers() {
    Desk.play(
        new WebSocketOptions().setMaxBufferedEvents(1),
        desk -> {
          Desk.Follower slow = desk.follow("i-1");
          Desk.Follower fast = desk.follow("i-1").reading();
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().event("s-1", "one");
          desk.wire().event("s-1", "two");

          assertTrue(slow.exchange.trailers().failed());
          assertEquals(List.of("one", "two"), fast.seen);
          assertEquals(List.of("start_stream"), desk.wire().actions());
        });
  }

  @Test
  void handsOverWhatIsAskedForInItsOrder() {
    Desk.play(
        desk -> {
          Desk.Follower follower = desk.follow("i-1");
          desk.wire().reply(0, json("stream", "s-1"));
          for (int i = 0; i < 4; i++) {
            desk.wire().event("s-1", "no. " + i);
          }
          follower.exchange.fetch(2);
          assertEquals(List.of("no. 0", "no. 1"), follower.seen);
          follower.exchange.pause();
          follower.reading();
          assertEquals(4, follower.seen.size());
          follower.exchange.pause();
          desk.wire().event("s-1", "late");
          assertEquals(4, follower.seen.size());
        });
  }

  @Test
  void stopsWhatTheClusterStartsForSomebodyWhoHasGone() {
    Desk.play(
        desk -> {
          desk.follow("i-1").exchange.cancel();
          assertEquals(List.of("start_stream"), desk.wire().actions());
          desk.wire().reply(0, json("stream", "s-1"));

          assertEquals(List.of("start_stream", "stop_stream"), desk.wire().actions());
        });
  }

  @Test
  void joinsAStartThatTheFirstHasLeft() {
    Desk.play(
        desk -> {
          desk.follow("i-1").exchange.cancel();
          Desk.Follower second = desk.follow("i-1").reading();
          desk.time.advance(WebSocketOptions.DEFAULT_HOLD_TIMEOUT.multipliedBy(2));
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().event("s-1", "one");

          assertEquals(List.of("start_stream"), desk.wire().actions());
          assertEquals(List.of("one"), second.seen);
        });
  }

  @Test
  void forgetsAStartThatIsNeverAnswered() {
    Desk.play(
        desk -> {
          desk.follow("i-1").exchange.cancel();
          desk.time.advance(WebSocketOptions.DEFAULT_HOLD_TIMEOUT);
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().event("s-1", "one");

          assertEquals(1, desk.observer.ignoredMessages("unknown op_id"));
          assertEquals(List.of("start_stream", "stop_stream"), desk.wire().actions());
          Desk.Follower again = desk.follow("i-1").reading();
          desk.wire().reply(2, json("stream", "s-1"));
          assertTrue(again.exchange.reply().succeeded());
        });
  }

  @Test
  void aListenerMayMakeAnotherLeave() {
    Desk.play(
        desk -> {
          Desk.Follower first = desk.follow("i-1");
          Desk.Follower second = desk.follow("i-1").reading();
          first.exchange.handler(event -> second.exchange.cancel());
          first.reading();
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().event("s-1", "one");
          desk.wire().event("s-1", "two");

          assertEquals(List.of(), second.seen);
          assertEquals(List.of("start_stream"), desk.wire().actions());
        });
  }

  @Test
  void isOpenedFirstWhereTheRequestIsWrittenLater() {
    Desk.play(
        desk -> {
          Message head =
              Message.request("cluster", "Cluster.start_stream")
                  .contentType("application/json")
                  .build();
          StreamExchange stream =
              desk.transport.open(Desk.NODE, head, Deadline.NONE, SendOptions.DEFAULT);
          List<Buffer> seen = new ArrayList<>();
          stream.handler(seen::add);
          stream.fetch(1);
          assertTrue(stream.opened().succeeded());
          Future<Void> first = stream.write(json("instance_id", "i-1").toBuffer());
          Future<Void> second = stream.write(json("instance_id", "i-2").toBuffer());
          stream.end();
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().say("{\"msg\":\"one\",\"stream_id\":\"s-1\",\"more\":[1]}");

          assertTrue(first.succeeded());
          assertEquals(GrpcStatus.INVALID_ARGUMENT, failure(second).grpcStatus());
          assertEquals("{\"msg\":\"one\",\"more\":[1]}", seen.get(0).toString());
          assertThrows(IllegalStateException.class, () -> stream.write(Buffer.buffer("{}")));
        });
  }

  @Test
  void refusesOtherStreamsAndStreamsOfNothing() {
    Desk.play(
        desk -> {
          Message other = Message.request("cluster", "Cluster.list").contentType("").build();
          StreamExchange unknown =
              desk.transport.open(Desk.NODE, other, Deadline.NONE, SendOptions.DEFAULT);
          assertEquals(GrpcStatus.UNIMPLEMENTED, failure(unknown.trailers()).grpcStatus());
          assertEquals(Processed.NOT_SENT, failure(unknown.reply()).processed());

          Message start = Message.request("cluster", "start_stream").contentType("").build();
          StreamExchange nameless =
              desk.transport.open(
                  Desk.NODE, start, Deadline.NONE, SendOptions.DEFAULT.withOneRequest());
          nameless.write(Buffer.buffer("{}"));
          assertEquals(GrpcStatus.INVALID_ARGUMENT, failure(nameless.trailers()).grpcStatus());
          assertTrue(desk.wires.isEmpty());
        });
  }

  @Test
  void endsStreamsWithTheirConnectionAndStartsThemOnTheNext() {
    Desk.play(
        desk -> {
          Desk.Follower lost = desk.follow("i-1").reading();
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().end(null);
          Desk.Follower next = desk.follow("i-1").reading();
          desk.wire().reply(0, json("stream", "s-1"));
          desk.wire().event("s-1", "one");

          assertEquals(GrpcStatus.UNAVAILABLE, lost.failure().grpcStatus());
          assertEquals(List.of("one"), next.seen);
          assertEquals(2, desk.wires.size());
        });
  }

  @Test
  void closingWaitsForStreamsUntilTheGraceEnds() {
    Desk.play(
        desk -> {
          Desk.Follower follower = desk.follow("i-1").reading();
          desk.wire().reply(0, json("stream", "s-1"));
          desk.transport.close(Deadline.after(Duration.ofSeconds(1), desk.time));
          desk.wire().event("s-1", "while it closes");

          assertEquals(List.of("while it closes"), follower.seen);
          assertFalse(desk.wire().saidGoodBye());
          follower.exchange.cancel();
          assertEquals(List.of("start_stream", "stop_stream"), desk.wire().actions());
          assertTrue(desk.wire().saidGoodBye());
        });
  }
}
