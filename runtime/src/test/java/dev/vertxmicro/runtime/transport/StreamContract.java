// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Transport} that carries streams must do with them. */
public abstract class StreamContract extends TransportContract {

  private static final int MANY = 10_000;

  /** For subclasses. */
  protected StreamContract() {}

  private static void echo(TransportPeer.Stream stream) {
    stream.requests(stream::write, () -> stream.end(Metadata.empty()));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 128, 70_000, 1_500_000})
  void streamsBodiesBothWays(int size) {
    peer().serveStreams(StreamContract::echo);
    Opened stream = open(loop());
    Buffer body = Buffer.buffer(bytes(size));

    for (int i = 0; i < 3; i++) {
      await(stream.write(body.copy()));
    }
    await(stream.end());
    stream.fetch(Long.MAX_VALUE);
    await(stream.trailers);

    assertEquals(List.of(body, body, body), List.copyOf(stream.seen));
  }

  @Test
  void streamsOnAWorkerToo() {
    peer().serveStreams(StreamContract::echo);
    Context worker = worker();
    Opened stream = open(worker);

    for (int i = 0; i < 100; i++) {
      stream.write(Buffer.buffer("no. " + i));
    }
    await(stream.end());
    stream.fetch(7);
    stream.awaitSeen(7);
    stream.fetch(Long.MAX_VALUE);
    await(stream.trailers);

    assertEquals(100, stream.seen.size());
    assertEquals("no. 99", List.copyOf(stream.seen).get(99).toString());
    assertEquals(worker, await(stream.completedOn));
  }

  @Test
  void keepsTheOrderOfManyMessages() {
    peer().serveStreams(StreamContract::echo);
    Opened stream = open(loop());
    stream.fetch(Long.MAX_VALUE);

    stream.on(
        exchange -> {
          for (int i = 0; i < MANY; i++) {
            exchange.write(Buffer.buffer().appendInt(i));
          }
          exchange.end();
        });
    await(stream.trailers);

    int expected = 0;
    for (Buffer message : stream.seen) {
      assertEquals(expected++, message.getInt(0));
    }
    assertEquals(MANY, expected);
  }

  @Test
  void handsOverWhatIsAskedForAndNoMore() {
    peer()
        .serveStreams(
            stream -> {
              for (int i = 0; i < 10; i++) {
                stream.write(Buffer.buffer("no. " + i));
              }
              stream.end(Metadata.of("x-last", "words"));
            });
    Opened stream = open(loop());
    await(stream.head);
    assertEquals(0, stream.seenAfterPause());

    stream.fetch(3);
    stream.awaitSeen(3);
    stream.fetch(1);
    stream.awaitSeen(4);
    assertEquals(4, stream.seenAfterPause());
    assertFalse(stream.trailers.isDone());

    stream.fetch(6);
    assertEquals("words", await(stream.trailers).get("x-last"));
    assertEquals(10, stream.seen.size());
  }

  @Test
  void carriesMetadataAndTimeOfStreams() {
    CompletableFuture<Duration> remaining = new CompletableFuture<>();
    peer()
        .serveStreams(
            stream -> {
              remaining.complete(stream.remaining());
              stream.head(Metadata.of("x-head", stream.headers().get("x-ask", "nothing")));
              stream.end(Metadata.of("x-tail", "last", "x-tail", "very last"));
            });

    Opened stream =
        open(
            loop(),
            request().headers(Metadata.of("X-Ask", "why")).build(),
            Deadline.after(Duration.ofSeconds(60), time()),
            SendOptions.DEFAULT);

    assertEquals("why", await(stream.head).headers().get("x-head"));
    assertEquals(List.of("last", "very last"), await(stream.trailers).getAll("X-Tail"));
    assertTrue(await(remaining).compareTo(Duration.ofSeconds(40)) > 0);
  }

  @Test
  void sendsNoTimeForAStreamWithoutDeadline() {
    CompletableFuture<Boolean> none = new CompletableFuture<>();
    peer()
        .serveStreams(
            stream -> {
              none.complete(stream.remaining() == null);
              stream.end(Metadata.empty());
            });

    await(open(loop()).trailers);

    assertTrue(await(none));
  }

  @Test
  void repliesGoOnAfterTheHalfClose() {
    peer()
        .serveStreams(
            stream ->
                stream.requests(
                    request -> {},
                    () -> {
                      stream.write(Buffer.buffer("late"));
                      stream.write(Buffer.buffer("later"));
                      stream.end(Metadata.empty());
                    }));
    Opened stream = open(loop());
    stream.fetch(Long.MAX_VALUE);

    await(stream.end());
    await(stream.trailers);

    assertEquals(List.of(Buffer.buffer("late"), Buffer.buffer("later")), List.copyOf(stream.seen));
    stream.on(exchange -> assertThrows(IllegalStateException.class, () -> exchange.write(null)));
  }

  @Test
  void theServerMayEndBeforeTheClient() {
    peer()
        .serveStreams(
            stream -> {
              stream.write(Buffer.buffer("that is all"));
              stream.end(Metadata.empty());
            });
    Opened stream = open(loop());
    stream.fetch(1);

    await(stream.trailers);

    assertEquals(1, stream.seen.size());
    assertThrows(RpcException.class, () -> await(stream.write(Buffer.buffer("late"))));
    awaitNoStreams();
  }

  @ParameterizedTest
  @EnumSource(value = GrpcStatus.class, mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void anErrorInsteadOfTheHeadFailsEverything(GrpcStatus status) {
    RpcError sent = RpcError.of("greeter", status.microCode(), "no " + status);
    peer().serveStreams(stream -> stream.fail(sent, status));

    Opened stream = open(loop());

    RpcException failure = failure(stream.head);
    assertEquals(sent, failure.error());
    assertEquals(arrivesAs(status), failure.grpcStatus());
    assertEquals(Processed.YES, failure.processed());
    assertEquals(sent, assertThrows(RpcException.class, () -> await(stream.trailers)).error());
  }

  @Test
  void anErrorComesBehindTheRepliesBeforeIt() {
    RpcError sent = RpcError.of("greeter", 404, "no more: 100 % caf\u00e9");
    peer()
        .serveStreams(
            stream -> {
              stream.write(Buffer.buffer("one"));
              stream.write(Buffer.buffer("two"));
              stream.fail(sent, GrpcStatus.NOT_FOUND);
            });
    Opened stream = open(loop());

    await(stream.head);
    stream.fetch(1);
    stream.awaitSeen(1);
    assertFalse(stream.trailers.isDone());
    stream.fetch(1);

    assertEquals(sent, assertThrows(RpcException.class, () -> await(stream.trailers)).error());
    assertEquals(2, stream.seen.size());
  }

  @Test
  void aStreamWithoutMessagesEndsWell() {
    peer()
        .serveStreams(
            stream ->
                stream.requests(none -> {}, () -> stream.end(Metadata.of("x-tail", "empty"))));
    Opened stream = open(loop());

    await(stream.end());

    assertEquals("empty", await(stream.trailers).get("x-tail"));
    assertTrue(await(stream.head).body().length() == 0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cancelTellsThePeer(boolean begun) {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    CompletableFuture<Void> arrived = new CompletableFuture<>();
    peer()
        .serveStreams(
            stream -> {
              if (begun) {
                stream.write(Buffer.buffer("one"));
                stream.write(Buffer.buffer("two"));
              }
              stream.cancelled().onSuccess(cancelled::complete);
              arrived.complete(null);
            });
    Opened stream = open(loop());
    await(arrived);
    if (begun) {
      stream.fetch(1);
      stream.awaitSeen(1);
    }

    stream.on(StreamExchange::cancel);

    RpcException failure = assertThrows(RpcException.class, () -> await(stream.trailers));
    assertEquals(499, failure.code());
    assertEquals(Processed.UNKNOWN, failure.processed());
    await(cancelled);
    stream.fetch(Long.MAX_VALUE);
    assertEquals(begun ? 1 : 0, stream.seenAfterPause());
    awaitNoStreams();
  }

  @Test
  void cancelOnAWorkerTellsThePeerToo() {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    CompletableFuture<Void> arrived = new CompletableFuture<>();
    peer()
        .serveStreams(
            stream -> {
              stream.cancelled().onSuccess(cancelled::complete);
              arrived.complete(null);
            });
    Opened stream = open(worker());
    await(arrived);

    stream.on(StreamExchange::cancel);

    assertEquals(499, assertThrows(RpcException.class, () -> await(stream.trailers)).code());
    await(cancelled);
    awaitNoStreams();
  }

  @Test
  void aRequestThatIsTooLargeFailsAlone() {
    peer().serveStreams(StreamContract::echo);
    SendOptions small = new SendOptions(Duration.ofSeconds(5), 10, 1_000, 0);
    Opened stream = open(loop(), request().build(), deadline(), small);

    RpcException refused =
        assertThrows(RpcException.class, () -> await(stream.write(Buffer.buffer(bytes(11)))));
    await(stream.write(Buffer.buffer(bytes(10))));
    await(stream.end());
    stream.fetch(Long.MAX_VALUE);
    await(stream.trailers);

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, refused.grpcStatus());
    assertEquals(Processed.NOT_SENT, refused.processed());
    assertEquals(1, stream.seen.size());
  }

  @Test
  void aReplyThatIsTooLargeEndsTheStream() {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    peer()
        .serveStreams(
            stream -> {
              stream.cancelled().onSuccess(cancelled::complete);
              stream.write(Buffer.buffer(bytes(10)));
              stream.write(Buffer.buffer(bytes(11)));
            });
    SendOptions small = new SendOptions(Duration.ofSeconds(5), 1_000, 10, 0);
    Opened stream = open(loop(), request().build(), deadline(), small);
    stream.fetch(Long.MAX_VALUE);

    RpcException failure = assertThrows(RpcException.class, () -> await(stream.trailers));

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure.grpcStatus());
    assertEquals(Processed.YES, failure.processed());
    await(cancelled);
    awaitNoStreams();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPeerThatDoesNotReadStopsTheWriter(boolean onLoop) {
    CompletableFuture<TransportPeer.Stream> served = new CompletableFuture<>();
    CompletableFuture<Context> servedOn = new CompletableFuture<>();
    AtomicInteger received = new AtomicInteger();
    CompletableFuture<Void> ended = new CompletableFuture<>();
    peer()
        .serveStreams(
            stream -> {
              stream.requests(
                  request -> received.incrementAndGet(),
                  () -> {
                    stream.end(Metadata.empty());
                    ended.complete(null);
                  });
              stream.pause();
              servedOn.complete(Vertx.currentContext());
              served.complete(stream);
            });
    Opened stream = open(onLoop ? loop() : worker());
    TransportPeer.Stream there = await(served);

    // Windows differ; that they end is what counts: 64 MB are more than any of them.
    int most = 1_000;
    int written = 0;
    while (written < most && !stream.isFullForLong()) {
      stream.write(Buffer.buffer(bytes(64 * 1024)));
      written++;
    }
    assertTrue(written < most, "never full");
    CompletableFuture<Void> drained = new CompletableFuture<>();
    stream.on(exchange -> exchange.drainHandler(() -> drained.complete(null)));
    await(servedOn).runOnContext(there2 -> there.resume());
    await(drained);
    stream.end();

    await(ended);
    assertEquals(written, received.get());
    await(stream.trailers);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aReaderThatDoesNotReadStopsThePeer(boolean onLoop) {
    AtomicLong sent = new AtomicLong();
    int most = 1_000;
    CompletableFuture<Void> full = new CompletableFuture<>();
    peer()
        .serveStreams(
            stream -> {
              Runnable writing =
                  () -> {
                    while (sent.get() < most && !stream.isFull()) {
                      stream.write(Buffer.buffer(bytes(64 * 1024)));
                      sent.incrementAndGet();
                    }
                    if (sent.get() >= most) {
                      stream.end(Metadata.empty());
                      stream.drained(() -> {});
                    } else {
                      full.complete(null);
                    }
                  };
              stream.drained(writing);
              writing.run();
            });
    Opened stream = open(onLoop ? loop() : worker());
    await(stream.head);
    await(full);
    stream.fetch(1);
    stream.awaitSeen(1);
    assertEquals(1, stream.seenAfterPause());
    assertTrue(sent.get() < most, "the peer was never stopped");

    for (int i = 1; i < 500; i++) {
      stream.fetch(1);
      stream.awaitSeen(i + 1);
    }
    stream.fetch(Long.MAX_VALUE);
    await(stream.trailers);

    assertEquals(most, stream.seen.size());
  }

  @Test
  void nobodyThereIsNotSent() {
    Opened stream =
        new Opened(loop(), peer().absentNode(), request().build(), deadline(), SendOptions.DEFAULT);

    RpcException failure = failure(stream.head);

    assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
    assertEquals(Processed.NOT_SENT, failure.processed());
    assertThrows(RpcException.class, () -> await(stream.trailers));
    assertFalse(await(stream.exchange).isSent());
  }

  @Test
  void aDeadlineThatHasPassedIsNotSent() {
    AtomicInteger arrived = new AtomicInteger();
    peer().serveStreams(stream -> arrived.incrementAndGet());

    Opened stream =
        open(
            loop(),
            request().build(),
            Deadline.after(Duration.ofNanos(-1), time()),
            SendOptions.DEFAULT);

    RpcException failure = failure(stream.head);
    assertEquals(408, failure.code());
    assertEquals(Processed.NOT_SENT, failure.processed());
    assertEquals(0, arrived.get());
  }

  @Test
  void closingWaitsForStreamsAndThenFailsThem() {
    CompletableFuture<Void> arrived = new CompletableFuture<>();
    peer()
        .serveStreams(
            stream -> {
              stream.write(Buffer.buffer("one"));
              arrived.complete(null);
            });
    Opened stream = open(loop());
    await(arrived);
    await(stream.head);

    await(closeTransport(Duration.ofMillis(50)));

    RpcException failure = assertThrows(RpcException.class, () -> await(stream.trailers));
    assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
    assertEquals(Processed.UNKNOWN, failure.processed());
    assertEquals(GrpcStatus.UNAVAILABLE, failure(open(loop()).head).grpcStatus());
  }

  @Test
  void aLostConnectionFailsTheStream() {
    if (!losesConnections()) {
      return;
    }
    CompletableFuture<Void> arrived = new CompletableFuture<>();
    peer()
        .serveStreams(
            stream -> {
              stream.write(Buffer.buffer("one"));
              arrived.complete(null);
            });
    Opened stream = open(loop());
    stream.fetch(Long.MAX_VALUE);
    await(arrived);
    stream.awaitSeen(1);

    peer().close();

    RpcException failure = assertThrows(RpcException.class, () -> await(stream.trailers));
    assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
    assertEquals(Processed.UNKNOWN, failure.processed());
    assertThrows(RpcException.class, () -> await(stream.write(Buffer.buffer("late"))));
  }

  /** Tells whether closing the peer ends its streams. */
  protected boolean losesConnections() {
    return true;
  }

  @Test
  void oneWayRequestsArriveAndComplete() {
    Queue<String> received = new ConcurrentLinkedQueue<>();
    CompletableFuture<Void> all = new CompletableFuture<>();
    peer()
        .serve(
            call -> {
              received.add(call.body().toString());
              call.reply(Message.reply().build());
              if (received.size() == 10) {
                all.complete(null);
              }
            });
    Context context = loop();
    CompletableFuture<Void> sent = new CompletableFuture<>();
    context.runOnContext(
        on -> {
          Future<?> last = Future.succeededFuture();
          for (int i = 0; i < 10; i++) {
            Message message = request().body(Buffer.buffer("no. " + i)).build();
            last =
                transport()
                    .sendOneWay(peer().node(), message, deadline(), SendOptions.DEFAULT)
                    .reply();
          }
          last.onSuccess(done -> sent.complete(null)).onFailure(sent::completeExceptionally);
        });

    await(sent);
    await(all);
    if (transport().isOrdered()) {
      assertEquals("no. 0", received.peek());
      assertEquals("no. 9", List.copyOf(received).get(9));
    }
  }

  // ---- for the tests

  private Opened open(Context context) {
    return open(context, request().build(), Deadline.NONE, SendOptions.DEFAULT);
  }

  private Opened open(Context context, Message head, Deadline deadline, SendOptions options) {
    return new Opened(context, peer().node(), head, deadline, options);
  }

  /** A stream's place is given back soon after its end. */
  private void awaitNoStreams() {
    for (int i = 0; i < 1_000 && observer().streams() > 0; i++) {
      await(vertx().executeBlocking(() -> null));
    }
    assertEquals(0, observer().streams());
  }

  /** A stream opened on a context, watched from the test's thread. */
  private final class Opened {
    final Context context;
    final CompletableFuture<StreamExchange> exchange = new CompletableFuture<>();
    final CompletableFuture<Message> head = new CompletableFuture<>();
    final CompletableFuture<Metadata> trailers = new CompletableFuture<>();
    final CompletableFuture<Context> completedOn = new CompletableFuture<>();
    final Queue<Buffer> seen = new ConcurrentLinkedQueue<>();
    private int awaited = Integer.MAX_VALUE;
    private CompletableFuture<Void> enough = new CompletableFuture<>();

    Opened(Context context, Node node, Message message, Deadline deadline, SendOptions options) {
      this.context = context;
      context.runOnContext(
          on -> {
            try {
              StreamExchange opened = transport().open(node, message, deadline, options);
              opened.handler(this::arrived);
              opened.reply().onSuccess(head::complete).onFailure(head::completeExceptionally);
              opened.trailers().onSuccess(this::ended).onFailure(this::failed);
              exchange.complete(opened);
            } catch (RuntimeException | Error thrown) {
              exchange.completeExceptionally(thrown);
              trailers.completeExceptionally(new AssertionError("open must not throw", thrown));
            }
          });
    }

    private void arrived(Buffer message) {
      seen.add(message);
      check();
    }

    private void check() {
      if (seen.size() >= awaited) {
        enough.complete(null);
      }
    }

    private void ended(Metadata last) {
      completedOn.complete(Vertx.currentContext());
      trailers.complete(last);
    }

    private void failed(Throwable failure) {
      assertInstanceOf(RpcException.class, failure);
      trailers.completeExceptionally(failure);
    }

    /** Waits until that many messages were handed over. */
    void awaitSeen(int count) {
      CompletableFuture<Void> there = new CompletableFuture<>();
      context.runOnContext(
          on -> {
            enough = there;
            awaited = count;
            check();
          });
      StreamContract.await(there);
    }

    /** Returns how many messages were handed over, after time for some that should not come. */
    int seenAfterPause() {
      for (int i = 0; i < 20; i++) {
        CompletableFuture<Void> tick = new CompletableFuture<>();
        time().timer(2_000_000, () -> tick.complete(null));
        StreamContract.await(tick);
      }
      return seen.size();
    }

    /** Tells whether the queue is full, and does not empty by itself. */
    boolean isFullForLong() {
      for (int i = 0; i < 20; i++) {
        if (!call(StreamExchange::isWriteQueueFull)) {
          return false;
        }
        CompletableFuture<Void> tick = new CompletableFuture<>();
        time().timer(2_000_000, () -> tick.complete(null));
        StreamContract.await(tick);
      }
      return true;
    }

    Future<Void> write(Buffer message) {
      return call(opened -> opened.write(message));
    }

    Future<Void> end() {
      return call(StreamExchange::end);
    }

    void fetch(long amount) {
      on(opened -> opened.fetch(amount));
    }

    void on(Consumer<StreamExchange> task) {
      call(
          opened -> {
            task.accept(opened);
            return true;
          });
    }

    private <T> T call(Function<StreamExchange, T> task) {
      CompletableFuture<T> done = new CompletableFuture<>();
      StreamExchange opened = StreamContract.await(exchange);
      context.runOnContext(
          on -> {
            try {
              done.complete(task.apply(opened));
            } catch (Throwable thrown) {
              done.completeExceptionally(thrown);
            }
          });
      return StreamContract.await(done);
    }
  }
}
