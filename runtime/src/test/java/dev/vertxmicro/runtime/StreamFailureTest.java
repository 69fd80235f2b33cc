// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.Bench.ArrivedStream;
import dev.vertxmicro.runtime.Bench.Script;
import dev.vertxmicro.runtime.Bench.Watched;
import dev.vertxmicro.runtime.inbound.InboundCall;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams that fail: before the head as calls do, after it for good. */
class StreamFailureTest {

  private final Bench bench = new Bench();

  @AfterEach
  void nothingIsLeft() {
    bench.close();
  }

  private static Script fails(GrpcStatus status, Processed processed) {
    return served -> served.incoming.fail(Bench.failure(status, processed));
  }

  private static Script refuses() {
    return fails(GrpcStatus.UNAVAILABLE, Processed.REFUSED);
  }

  @Test
  void isSentAgainToAnotherNodeWhenTheFirstRefuses() {
    bench.streamNode("n1", refuses()).streamNode("n2", ArrivedStream::head);
    bench.run(
        () -> {
          RpcStream<String, String> stream = bench.serverStream(CallOption.retries(0)).result();

          assertEquals("n2", stream.node().id());
          assertEquals(2, stream.attempts());
          assertEquals(List.of("Ada"), bench.streams.get(1).requests);
          assertTrue(bench.streams.get(1).halfClosed);
          assertEquals(List.of("n1 FAILURE", "n2 answered"), bench.selector.outcomes);
          stream.cancel("enough");
        });
  }

  @Test
  void writtenRequestsAreSentAgainUntilTheHead() {
    bench.streamNode("n1").streamNode("n2");
    bench.run(
        () -> {
          Watched watched = new Watched(bench.bidi().result());
          watched.stream.resume();
          watched.stream.write("one");
          watched.stream.write("two");

          refuses().run(bench.streams.get(0));
          watched.stream.write("three");

          assertEquals(List.of("one", "two", "three"), bench.streams.get(1).requests);
          assertEquals("n2", watched.stream.node().id());
          bench.streams.get(1).reply("hello");
          bench.streams.get(1).end();
          assertEquals(List.of("hello", "end"), watched.seen);
        });
  }

  @Test
  void waitsForItsBackoffWithTheQueueFull() {
    bench.streamNode("n1").streamNode("n2");
    bench.run(
        () -> {
          RpcStream<String, String> stream =
              bench
                  .bidi(
                      CallOption.idempotent(),
                      CallOption.backoff((call, attempt) -> Duration.ofMillis(attempt * 100L)))
                  .result();
          stream.write("one");

          fails(GrpcStatus.UNAVAILABLE, Processed.UNKNOWN).run(bench.streams.get(0));
          assertTrue(stream.writeQueueFull());
          Future<Void> between = stream.write("two");
          Future<Void> end = stream.end();
          assertFalse(between.isComplete());
          bench.advance(100);

          assertTrue(between.succeeded());
          assertTrue(end.succeeded());
          assertFalse(stream.writeQueueFull());
          assertEquals(List.of("one", "two"), bench.streams.get(1).requests);
          assertTrue(bench.streams.get(1).halfClosed);
          stream.cancel("enough");
        });
  }

  @Test
  void isNotSentAgainIfAServerMayHaveActedAndTheCallIsNotIdempotent() {
    bench.streamNode("n1").streamNode("n2");
    bench.run(
        () -> {
          Watched watched = new Watched(bench.bidi().result());
          watched.stream.write("one");

          fails(GrpcStatus.UNAVAILABLE, Processed.UNKNOWN).run(bench.streams.get(0));

          assertEquals(List.of("UNAVAILABLE"), watched.seen);
          assertEquals(1, bench.streams.size());
        });
  }

  @Test
  void moreThanIsKeptIsNotSentAgain() {
    bench.streamNode("n1").streamNode("n2");
    bench.run(
        () -> {
          Watched watched = new Watched(bench.bidi(CallOption.maxReplayBytes(10)).result());
          watched.stream.write("123456");
          watched.stream.write("7890");
          assertEquals(List.of("123456", "7890"), bench.streams.get(0).requests);

          refuses().run(bench.streams.get(0));

          assertEquals(List.of("UNAVAILABLE"), watched.seen);
          assertEquals(1, bench.streams.size());
        });
  }

  @Test
  void moreThanIsKeptCannotBeWrittenBetweenAttempts() {
    bench.streamNode("n1").streamNode("n2");
    bench.run(
        () -> {
          RpcStream<String, String> stream =
              bench
                  .bidi(
                      CallOption.maxReplayBytes(10),
                      CallOption.idempotent(),
                      CallOption.backoff((call, attempt) -> Duration.ofMillis(attempt * 100L)))
                  .result();
          fails(GrpcStatus.UNAVAILABLE, Processed.UNKNOWN).run(bench.streams.get(0));

          RpcException refused = Bench.cause(stream.write("more than ten bytes"));

          assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.grpcStatus());
          assertEquals(1L, bench.counters.limits().get("replayBytes"));
          bench.advance(100);
          assertTrue(stream.write("more than ten bytes").succeeded());
          stream.cancel("enough");
        });
  }

  @Test
  void isNeverSentAgainAfterTheHead() {
    bench.streamNode("n1", ArrivedStream::head).streamNode("n2");
    bench.run(
        () -> {
          Watched watched = new Watched(bench.serverStream(CallOption.idempotent()).result());
          watched.stream.resume();
          bench.streams.get(0).reply("one");

          bench.time.advance(Duration.ofMillis(70));
          bench
              .streams
              .get(0)
              .incoming
              .reset(Bench.failure(GrpcStatus.UNAVAILABLE, Processed.UNKNOWN));

          assertEquals(List.of("one", "UNAVAILABLE"), watched.seen);
          assertEquals(1, bench.streams.size());
          RpcException failure = Bench.cause(watched.stream.trailers());
          assertEquals(Processed.UNKNOWN, failure.processed());
          assertEquals("n1", failure.attempts().get(0).nodeId());
          assertEquals(Duration.ofMillis(70), failure.times().in(Phase.WAIT));
          assertTrue(failure.getMessage().contains("Greeter.Hello"), failure.getMessage());
          assertTrue(failure.getMessage().contains("n1"), failure.getMessage());
          assertEquals(List.of("n1 answered", "n1 FAILURE"), bench.selector.outcomes);
        });
  }

  @Test
  void repliesThatCameBeforeTheErrorAreHandedOverBeforeIt() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          Watched watched = new Watched(bench.serverStream().result());
          bench.streams.get(0).reply("one");
          bench.streams.get(0).reply("two");
          fails(GrpcStatus.NOT_FOUND, Processed.YES).run(bench.streams.get(0));
          assertEquals(List.of(), watched.seen);

          watched.stream.fetch(1);
          assertEquals(List.of("one"), watched.seen);
          watched.stream.fetch(1);

          assertEquals(List.of("one", "two", "NOT_FOUND"), watched.seen);
          assertEquals(List.of("n1 answered", "n1 SUCCESS"), bench.selector.outcomes);
        });
  }

  @Test
  void aStreamThatIsLostDropsWhatWasNotAskedFor() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          Watched watched = new Watched(bench.serverStream().result());
          bench.streams.get(0).reply("one");

          bench
              .streams
              .get(0)
              .incoming
              .reset(Bench.failure(GrpcStatus.INTERNAL, Processed.UNKNOWN));
          watched.stream.resume();

          assertEquals(List.of("INTERNAL"), watched.seen);
        });
  }

  @Test
  void aServiceThatNobodyKnowsFailsTheOpening() {
    bench.run(
        () -> {
          assertEquals(GrpcStatus.NOT_FOUND, Bench.cause(bench.serverStream()).grpcStatus());
          assertEquals(GrpcStatus.NOT_FOUND, Bench.cause(bench.bidi()).grpcStatus());
        });
  }

  @Test
  void aNodeThatCannotBeReachedFailsTheOpening() {
    bench.selector.add("n1");
    bench.run(
        () -> {
          RpcException failure = Bench.cause(bench.bidi(CallOption.retries(0)));

          assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
          assertEquals(Processed.NOT_SENT, failure.processed());
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"UNAVAILABLE", "NOT_FOUND", "INTERNAL", "PERMISSION_DENIED"})
  void anErrorBeforeTheHeadFailsTheOpening(GrpcStatus status) {
    bench.streamNode("n1", fails(status, Processed.YES));
    bench.run(
        () -> {
          RpcException failure = Bench.cause(bench.serverStream());

          assertEquals(status, failure.grpcStatus());
          assertEquals(Processed.YES, failure.processed());
          assertEquals(0, bench.counters.callStreams());
        });
  }

  @Test
  void cancelTellsBothSides() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          Watched watched = new Watched(bench.bidi().result());
          watched.stream.resume();
          Future<Void> pending = watched.stream.write("one");
          assertTrue(pending.succeeded());

          watched.stream.cancel("seen enough");
          watched.stream.cancel("again");

          assertEquals(List.of("CANCELLED"), watched.seen);
          RpcException failure = Bench.cause(watched.stream.trailers());
          assertEquals(499, failure.code());
          assertEquals("seen enough", failure.detail());
          assertEquals(Processed.UNKNOWN, failure.processed());
          assertTrue(bench.streams.get(0).isCancelled());
          assertEquals(failure, Bench.cause(watched.stream.write("two")));
          assertEquals(List.of("n1 answered", "n1 CANCELLED"), bench.selector.outcomes);
        });
  }

  @Test
  void cancelBeforeTheHeadEndsTheAttemptsToo() {
    bench.streamNode("n1").streamNode("n2");
    bench.run(
        () -> {
          Watched watched = new Watched(bench.bidi(CallOption.idempotent()).result());

          watched.stream.cancel("seen enough");

          assertEquals(List.of("CANCELLED"), watched.seen);
          assertTrue(bench.streams.get(0).isCancelled());
          assertTrue(watched.stream.headers().failed());
          assertEquals(1, bench.streams.size());
        });
  }

  @Test
  void pendingWritesFailWithTheStream() {
    bench.streamNode("n1", served -> served.incoming.pause());
    bench.run(
        () -> {
          RpcStream<String, String> stream = bench.bidi().result();
          Future<Void> kept = stream.write("kept");
          bench.streams.get(0).head();
          Future<Void> straight = stream.write("straight");

          stream.cancel("enough");

          assertTrue(kept.failed());
          assertTrue(straight.failed());
        });
  }

  @Test
  void aServerThatEndsWellDoesNotWaitForMoreRequests() {
    bench.streamNode("n1", served -> served.incoming.pause());
    bench.run(
        () -> {
          Watched watched = new Watched(bench.bidi().result());
          watched.stream.resume();
          Future<Void> unread = watched.stream.write("unread");

          bench.streams.get(0).end();

          assertEquals(List.of("end"), watched.seen);
          assertEquals(GrpcStatus.CANCELLED, Bench.cause(unread).grpcStatus());
          assertEquals(
              GrpcStatus.CANCELLED, Bench.cause(watched.stream.write("late")).grpcStatus());
          assertTrue(watched.stream.end().succeeded());
        });
  }

  @Test
  void anUnreadableReplyEndsTheStreamAndTellsTheServer() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          Watched watched = new Watched(bench.serverStream().result());
          watched.stream.resume();

          bench.streams.get(0).incoming.write(Buffer.buffer("{garbage"));
          bench.streams.get(0).reply("more");

          assertEquals(List.of("INTERNAL"), watched.seen);
          assertEquals(Processed.YES, Bench.cause(watched.stream.trailers()).processed());
          assertTrue(bench.streams.get(0).isCancelled());
        });
  }

  @Test
  void aReplyThatIsTooLargeEndsTheStream() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          Watched watched = new Watched(bench.serverStream(CallOption.maxReplyBytes(10)).result());
          watched.stream.resume();

          bench.streams.get(0).reply("more than ten bytes");

          assertEquals(List.of("RESOURCE_EXHAUSTED"), watched.seen);
        });
  }

  // ---- time

  @Test
  void theTimeoutOfTheCallEndsWhenTheStreamIsOpen() {
    bench.streamNode("n1", ArrivedStream::head, served -> {});
    bench.run(
        () -> {
          Watched open =
              new Watched(bench.serverStream(CallOption.timeout(Duration.ofSeconds(1))).result());
          Future<?> silent = bench.serverStream(CallOption.timeout(Duration.ofSeconds(1)));
          Watched written =
              new Watched(bench.bidi(CallOption.timeout(Duration.ofSeconds(1))).result());
          assertTrue(bench.streams.get(0).incoming.deadline().isNone());

          bench.advance(1_000);

          RpcException failure = Bench.cause(silent);
          assertEquals(GrpcStatus.DEADLINE_EXCEEDED, failure.grpcStatus());
          assertEquals(408, failure.code());
          assertTrue(bench.streams.get(1).isCancelled());
          assertEquals(List.of(), open.seen);
          assertEquals(List.of(), written.seen);
          open.stream.cancel("enough");
          written.stream.cancel("enough");
        });
  }

  @Test
  void theStreamTimeoutBoundsAllOfItAndIsTold() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          CallOption seconds = CallOption.streamTimeout(Duration.ofSeconds(2));
          Watched open = new Watched(bench.serverStream(seconds).result());
          Watched unanswered = new Watched(bench.bidi(seconds).result());
          assertEquals(Duration.ofSeconds(2), bench.streams.get(0).incoming.deadline().remaining());

          bench.advance(1_999);
          bench.streams.get(0).reply("on time");
          open.stream.fetch(1);
          bench.advance(1);

          assertEquals(List.of("on time", "DEADLINE_EXCEEDED"), open.seen);
          assertEquals(List.of("DEADLINE_EXCEEDED"), unanswered.seen);
          assertTrue(bench.streams.get(0).isCancelled());
          assertTrue(bench.streams.get(1).isCancelled());
          assertTrue(bench.selector.outcomes.contains("n1 CANCELLED"));
        });
  }

  @Test
  void anInheritedDeadlineBoundsTheWholeStream() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          Context serving = ((ContextInternal) Vertx.currentContext()).duplicate();
          new InboundCall(Deadline.after(Duration.ofSeconds(3), bench.time), Metadata.empty())
              .attachTo(serving);
          Watched[] watched = new Watched[1];
          ((ContextInternal) serving)
              .dispatch(() -> watched[0] = new Watched(bench.serverStream().result()));
          assertEquals(Duration.ofSeconds(3), bench.streams.get(0).incoming.deadline().remaining());

          bench.advance(3_000);
        });
    bench.run(() -> assertTrue(bench.streams.get(0).isCancelled()));
  }

  @Test
  void theIdleTimeoutStartsAnewWithEveryMessage() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          Watched watched =
              new Watched(bench.bidi(CallOption.idleTimeout(Duration.ofSeconds(1))).result());
          watched.stream.resume();
          for (int i = 0; i < 5; i++) {
            bench.advance(900);
            if (i % 2 == 0) {
              bench.streams.get(0).reply("reply");
            } else {
              watched.stream.write("request");
            }
          }
          bench.advance(999);
          assertEquals(List.of("reply", "reply", "reply"), watched.seen);

          bench.advance(1);

          assertEquals(4, watched.seen.size());
          RpcException failure = Bench.cause(watched.stream.trailers());
          assertEquals(GrpcStatus.DEADLINE_EXCEEDED, failure.grpcStatus());
          assertTrue(failure.detail().contains("idleTimeout"), failure.detail());
          assertTrue(bench.streams.get(0).isCancelled());
        });
  }

  @Test
  void anotherAttemptAfterTheHandOutHasTheTimeOfTheCallToOpen() {
    bench.streamNode("n1").streamNode("n2");
    bench.run(
        () -> {
          CallOption seconds = CallOption.timeout(Duration.ofSeconds(1));
          Watched watched = new Watched(bench.bidi(seconds).result());
          bench.advance(5_000);

          refuses().run(bench.streams.get(0));
          bench.advance(5_000);

          assertEquals(List.of(), watched.seen);
          bench.streams.get(1).end();
          watched.stream.resume();
          assertEquals(List.of("end"), watched.seen);
        });
  }

  @Test
  void aHedgedStreamIsTheFirstOneThatAnswers() {
    bench.streamNode("n1").streamNode("n2", ArrivedStream::head);
    bench.run(
        () -> {
          CallOption hedge = CallOption.hedge(Duration.ofMillis(50));
          Future<RpcStream<String, String>> opening =
              bench.serverStream(CallOption.idempotent(), hedge);
          bench.advance(50);

          assertEquals("n2", opening.result().node().id());
          assertTrue(bench.streams.get(0).isCancelled());
          assertEquals(List.of("Ada"), bench.streams.get(0).requests);
          assertEquals(List.of("Ada"), bench.streams.get(1).requests);
          opening.result().cancel("enough");
          RpcStream<String, String> alone = bench.bidi(CallOption.idempotent(), hedge).result();
          bench.advance(500);
          assertEquals(3, bench.streams.size());
          alone.cancel("enough");
        });
  }
}
