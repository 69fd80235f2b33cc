// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.Bench.ArrivedStream;
import dev.vertxmicro.runtime.Bench.Watched;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A stream from its opening to its end, once it goes well. */
class StreamTest {

  private final Bench bench = new Bench();

  @AfterEach
  void nothingIsLeft() {
    bench.close();
  }

  @Test
  void arrivesPausedAndHandsOverWhatIsAskedFor() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          Watched watched = new Watched(bench.serverStream().result());
          ArrivedStream served = bench.streams.get(0);
          for (String text : List.of("a", "b", "c", "d")) {
            served.reply(text);
          }
          served.end();
          assertEquals(List.of(), watched.seen);

          watched.stream.fetch(1);
          assertEquals(List.of("a"), watched.seen);

          watched.stream.fetch(2);
          assertEquals(List.of("a", "b", "c"), watched.seen);
          assertFalse(watched.stream.trailers().isComplete());

          watched.stream.resume();
          assertEquals(List.of("a", "b", "c", "d", "end"), watched.seen);
          assertEquals("words", watched.stream.trailers().result().get("x-last"));
        });
  }

  @Test
  void pauseTakesBackWhatWasAskedFor() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          Watched watched = new Watched(bench.serverStream().result());
          watched.stream.resume().pause().fetch(1);

          bench.streams.get(0).reply("a");
          bench.streams.get(0).reply("b");

          assertEquals(List.of("a"), watched.seen);
          watched.stream.cancel("enough");
        });
  }

  @Test
  void oneRequestIsFollowedByTheHalfClose() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          RpcStream<String, String> stream = bench.serverStream().result();

          assertEquals(List.of("Ada"), bench.streams.get(0).requests);
          assertTrue(bench.streams.get(0).halfClosed);
          assertThrows(IllegalStateException.class, () -> stream.write("more"));
          stream.cancel("enough");
        });
  }

  @Test
  void oneRequestWaitsForTheHead() {
    bench.streamNode("n1");
    bench.run(
        () -> {
          Future<RpcStream<String, String>> opening = bench.serverStream();
          assertFalse(opening.isComplete());

          bench.streams.get(0).head();

          assertEquals("n1", opening.result().headers().result().get("x-node"));
          assertEquals("n1", opening.result().node().id());
          opening.result().cancel("enough");
        });
  }

  @Test
  void writtenRequestsNeedNoHead() {
    bench.streamNode("n1");
    bench.run(
        () -> {
          RpcStream<String, String> stream = bench.bidi().result();
          Watched watched = new Watched(stream);
          stream.resume();
          ArrivedStream served = bench.streams.get(0);
          assertFalse(stream.headers().isComplete());

          assertTrue(stream.write("one").succeeded());
          stream.write("two");
          assertEquals(List.of("one", "two"), served.requests);
          assertFalse(served.halfClosed);
          served.reply("three");
          assertTrue(stream.headers().succeeded());
          assertTrue(stream.end().succeeded());
          assertTrue(served.halfClosed);
          served.end();

          assertEquals(List.of("three", "end"), watched.seen);
        });
  }

  @Test
  void nothingIsWrittenBehindTheHalfClose() {
    bench.streamNode("n1");
    bench.run(
        () -> {
          RpcStream<String, String> stream = bench.bidi().result();
          stream.end();

          assertThrows(IllegalStateException.class, () -> stream.write("late"));
          assertTrue(stream.end().succeeded());
          stream.cancel("enough");
        });
  }

  @Test
  void aPipeEchoesWithinTheBoundsOfBothSides() {
    bench.streamNode("n1", served -> served.incoming.pause());
    bench.run(
        () -> {
          RpcStream<String, String> stream = bench.bidi().result();
          ArrivedStream served = bench.streams.get(0);
          stream.setWriteQueueMaxSize(100);
          int written = 0;
          while (!stream.writeQueueFull()) {
            stream.write("x".repeat(20));
            written++;
          }
          assertEquals(4, written);
          List<String> drained = new ArrayList<>();
          stream.drainHandler(now -> drained.add("drained"));

          served.incoming.fetch(2);
          assertEquals(List.of(), drained);
          served.incoming.fetch(1);

          assertEquals(List.of("drained"), drained);
          assertFalse(stream.writeQueueFull());
          stream.cancel("enough");
        });
  }

  @Test
  void theServerWaitsForASlowReader() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          Watched watched = new Watched(bench.serverStream().result());
          ArrivedStream served = bench.streams.get(0);
          Buffer large = Buffer.buffer("\"" + "x".repeat(10_000) + "\"");
          int written = 0;
          while (!served.incoming.isWriteQueueFull()) {
            served.incoming.write(large);
            written++;
          }
          assertEquals(7, written);
          assertEquals(0, watched.seen.size());

          watched.stream.fetch(7);
          assertEquals(7, watched.seen.size());
          watched.stream.cancel("enough");
        });
  }

  @Test
  void aMessageThatCannotBeSentFailsAloneAndTheStreamGoesOn() {
    bench.streamNode("n1");
    bench.run(
        () -> {
          RpcStream<String, String> stream = bench.bidi(CallOption.maxRequestBytes(10)).result();

          RpcException refused = Bench.cause(stream.write("much too long"));
          stream.write("short");

          assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.grpcStatus());
          assertEquals(Processed.NOT_SENT, refused.processed());
          assertEquals(List.of("short"), bench.streams.get(0).requests);
          stream.cancel("enough");
        });
  }

  @Test
  void theEndIsToldOnceAlsoToThoseWhoListenLate() {
    bench.streamNode(
        "n1",
        served -> {
          served.head();
          served.end();
        });
    bench.run(
        () -> {
          RpcStream<String, String> stream = bench.serverStream().result();
          List<String> seen = new ArrayList<>();
          stream.endHandler(end -> seen.add("end"));
          assertTrue(stream.trailers().succeeded());
          assertEquals(List.of(), seen);

          stream.fetch(1);
          stream.fetch(1).resume().endHandler(end -> seen.add("again"));

          assertEquals(List.of("end"), seen);
        });
  }

  @Test
  void theFailureIsToldOnceAlsoToThoseWhoListenLate() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          RpcStream<String, String> stream = bench.serverStream().result();
          bench.streams.get(0).incoming.fail(Bench.failure(GrpcStatus.INTERNAL, Processed.YES));
          List<Throwable> seen = new ArrayList<>();

          stream.exceptionHandler(seen::add).endHandler(end -> seen.add(null));
          stream.exceptionHandler(seen::add).resume();

          assertEquals(1, seen.size());
        });
  }

  @Test
  void aHandlerThatThrowsLosesItsReplyOnly() {
    bench.streamNode("n1", ArrivedStream::head);
    List<Throwable> reported = new ArrayList<>();
    bench.vertx.exceptionHandler(reported::add);
    bench.run(
        () -> {
          List<String> seen = new ArrayList<>();
          RpcStream<String, String> stream = bench.serverStream().result();
          stream.handler(
              reply -> {
                if (reply.equals("bad")) {
                  throw new IllegalStateException("user");
                }
                seen.add(reply);
              });
          stream.resume();

          bench.streams.get(0).reply("bad");
          bench.streams.get(0).reply("good");

          assertEquals(List.of("good"), seen);
          stream.cancel("enough");
        });
    assertEquals(1, reported.size());
  }

  @Test
  void metadataAndContentTypeGoAlongAndTheNodeCountsAsAnswered() {
    bench.streamNode("n1", ArrivedStream::head);
    bench.run(
        () -> {
          RpcStream<String, String> stream =
              bench.serverStream(CallOption.metadata("x-tenant", "blue")).result();

          assertEquals("blue", bench.streams.get(0).incoming.head().headers().get("x-tenant"));
          assertEquals("application/grpc+json", bench.streams.get(0).incoming.head().contentType());
          assertEquals(List.of("n1 answered"), bench.selector.outcomes);
          assertEquals(1, bench.selector.openLeases());
          assertEquals(1, bench.counters.openCalls());
          assertEquals(1, bench.counters.openCallStreams());
          stream.resume();
          bench.streams.get(0).end();

          assertEquals(List.of("n1 answered", "n1 SUCCESS"), bench.selector.outcomes);
          assertEquals(0, bench.selector.openLeases());
          assertEquals(0, bench.counters.openCalls());
          assertEquals(0, bench.counters.failedCalls());
        });
  }

  @Test
  void callWrappersActOnStreams() {
    bench.streamNode("n1", ArrivedStream::head);
    List<String> seen = new ArrayList<>();
    CallWrapper adds = next -> attempt -> next.call(attempt.header("x-added", "by wrapper"));
    CallWrapper watches =
        next ->
            attempt ->
                next.call(attempt)
                    .onSuccess(
                        reply -> seen.add(reply.headers().get("x-node") + reply.node().id()));
    bench.run(
        () -> {
          RpcStream<String, String> stream =
              bench.serverStream(CallOption.wrap(adds), CallOption.wrap(watches)).result();

          assertEquals("by wrapper", bench.streams.get(0).incoming.head().headers().get("x-added"));
          assertEquals(List.of("n1n1"), seen);
          assertEquals(List.of("n1 answered"), bench.selector.outcomes);
          stream.cancel("enough");
        });
  }

  @Test
  void aCallWrapperThatAnswersAStreamItselfIsAnError() {
    bench.streamNode("n1", ArrivedStream::head);
    CallWrapper answers =
        next ->
            attempt ->
                Future.succeededFuture(
                    Reply.of("mine", Metadata.empty(), Metadata.empty(), attempt.node()));
    CallWrapper replaces =
        next ->
            attempt ->
                next.call(attempt)
                    .map(
                        reply ->
                            Reply.of("mine", Metadata.empty(), Metadata.empty(), reply.node()));
    bench.run(
        () -> {
          RpcException unsent = Bench.cause(bench.serverStream(CallOption.wrap(answers)));
          RpcException sent = Bench.cause(bench.serverStream(CallOption.wrap(replaces)));

          assertEquals(GrpcStatus.INTERNAL, unsent.grpcStatus());
          assertEquals(Processed.NOT_SENT, unsent.processed());
          assertEquals(Processed.UNKNOWN, sent.processed());
          assertTrue(bench.streams.get(0).isCancelled());
        });
  }

  @Test
  void clientWrappersSeeStreams() {
    List<String> seen = new ArrayList<>();
    ClientWrapper wrapper =
        next ->
            new ForwardingRpcClient() {
              @Override
              protected RpcClient delegate() {
                return next;
              }

              @Override
              public <Q, R> Future<RpcStream<Q, R>> stream(
                  Request<Q, R> request, CallOption... options) {
                seen.add("stream " + request.endpoint());
                return super.stream(request, options);
              }

              @Override
              public Future<Void> send(Request<?, ?> request, CallOption... options) {
                seen.add("send " + request.endpoint());
                return super.send(request, options);
              }
            };
    Bench wrapped = new Bench(builder -> builder.wrap(wrapper));
    wrapped.streamNode("n1", ArrivedStream::head).node("n2", Bench.ok("ignored"));
    wrapped.run(
        () -> {
          wrapped.serverStream().result().cancel("enough");
          assertTrue(wrapped.client().send(wrapped.hello(), CallOption.address("n2")).succeeded());
        });
    wrapped.close();
    assertEquals(List.of("stream Greeter.Hello", "send Greeter.Hello"), seen);
  }

  @Test
  void oneWayRequestsWaitForNoReplyAndKeepTheirOrder() {
    bench.node("n1");
    bench.run(
        () -> {
          for (int i = 0; i < 100; i++) {
            Request<String, String> request =
                Request.of("greeter", "Greeter.Tell", "no. " + i, String.class);
            assertTrue(bench.client().send(request).succeeded());
          }

          for (int i = 0; i < 100; i++) {
            assertEquals(
                "\"no. " + i + "\"", bench.arrivals.get(i).request().message().body().toString());
          }
          assertTrue(bench.transport.isOrdered());
          assertEquals(0, bench.counters.openCalls());
        });
  }

  @Test
  void aRequestWithoutBodyIsForStreamsOnly() {
    bench.streamNode("n1");
    Request<String, String> request =
        Request.stream("greeter", "Greeter.Chat", String.class, String.class);

    assertThrows(IllegalArgumentException.class, () -> bench.client().call(request));
    assertThrows(IllegalArgumentException.class, () -> bench.client().send(request));
  }

  @Test
  void methodsMayBeCalledFromOtherThreads() {
    bench.streamNode("n1");
    List<RpcStream<String, String>> opened = new ArrayList<>();
    bench.run(() -> opened.add(bench.bidi().result()));
    RpcStream<String, String> stream = opened.get(0);
    List<String> seen = new ArrayList<>();

    stream.handler(seen::add).endHandler(end -> seen.add("end")).resume();
    Bench.await(stream.write("one"));
    Bench.await(stream.end());
    bench.run(
        () -> {
          assertEquals(List.of("one"), bench.streams.get(0).requests);
          bench.streams.get(0).reply("two");
          bench.streams.get(0).end();
        });
    Bench.await(stream.trailers());
    bench.run(() -> assertEquals(List.of("two", "end"), seen));
  }

  @Test
  void countsWhatItSaw() {
    bench.streamNode("n1", ArrivedStream::head, ArrivedStream::head);
    bench.run(
        () -> {
          bench.serverStream().result().cancel("enough");
          Watched watched = new Watched(bench.serverStream().result());
          watched.stream.resume();
          bench.streams.get(1).end();

          assertEquals(2, bench.counters.callStreams());
          assertEquals(2, bench.counters.calls());
          assertEquals(1, bench.counters.failedCalls());
          assertEquals(2, bench.counters.picks());
          assertEquals(Map.of(), bench.counters.limits());
        });
  }

  @Test
  void anOpenStreamCountsAsAnOpenCall() {
    Bench small = new Bench(b -> b.with(options -> options.setMaxOpenCalls(1)));
    small.streamNode("n1", ArrivedStream::head);
    small.run(
        () -> {
          RpcStream<String, String> stream = small.serverStream().result();

          RpcException refused = Bench.cause(small.bidi());
          assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.grpcStatus());
          stream.cancel("enough");

          small.bidi().result().cancel("enough");
        });
    small.close();
  }

  @Test
  void closingTheClientWaitsForStreamsAndThenFailsThem() {
    Bench closing =
        new Bench(b -> b.with(options -> options.setDrainTimeout(Duration.ofSeconds(5))));
    closing.streamNode("n1", ArrivedStream::head, ArrivedStream::head);
    closing.run(
        () -> {
          Watched quick = new Watched(closing.serverStream().result());
          Watched slow = new Watched(closing.serverStream().result());
          quick.stream.resume();
          slow.stream.resume();
          closing.client().close();

          closing.streams.get(0).reply("still");
          closing.streams.get(0).end();
          assertEquals(List.of("still", "end"), quick.seen);
          assertEquals(GrpcStatus.UNAVAILABLE, Bench.cause(closing.serverStream()).grpcStatus());
          assertEquals(List.of(), slow.seen);
        });
    closing.run(() -> closing.advance(5_000));
    closing.run(
        () -> assertTrue(closing.streams.get(1).isCancelled(), closing.counters.toString()));
    closing.close();
  }
}
