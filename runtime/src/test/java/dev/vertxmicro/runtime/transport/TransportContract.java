// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link Transport} must do. One small subclass for each engine, by way of {@link
 * StreamContract} if it carries streams.
 */
public abstract class TransportContract {

  /** The endpoint that tests call; the service is {@value #SERVICE}. */
  protected static final String ENDPOINT = "Greeter.Hello";

  /** The service that tests call. */
  protected static final String SERVICE = "greeter";

  /** Bounds every wait of a test, so that what hangs fails. */
  private static final long PATIENCE_SECONDS = 10;

  private final CountingObserver observer = new CountingObserver();
  private Vertx vertx;
  private Transport transport;
  private TransportPeer peer;

  /** For subclasses. */
  protected TransportContract() {}

  /** Returns a new transport under test. */
  protected abstract Transport transport(
      Vertx vertx, TimeSource time, TransportObserver observer, PoolLimits limits);

  /** Starts a server that speaks with the transport. */
  protected abstract TransportPeer peer(Vertx vertx);

  /** Tells whether the transport has connections, and so counts and bounds them. */
  protected boolean hasConnections() {
    return true;
  }

  /** Tells whether its requests leave this process. */
  protected boolean hasSockets() {
    return true;
  }

  /** Tells whether a request that was cancelled is told to the peer. */
  protected boolean tellsCancel() {
    return true;
  }

  /** Tells whether the protocol has metadata. */
  protected boolean carriesMetadata() {
    return true;
  }

  /** Tells whether the protocol tells the peer how much time remains. */
  protected boolean tellsDeadline() {
    return true;
  }

  /** Tells whether the error of the peer arrives as it was made. */
  protected boolean carriesErrors() {
    return true;
  }

  /** Returns a body that carries {@code content}, in a protocol whose bodies have a form. */
  protected Buffer pack(Buffer content) {
    return content;
  }

  /** Returns what {@link #pack} has put into a body. */
  protected Buffer unpack(Buffer body) {
    return body;
  }

  /** Returns a body of that many bytes, or of the fewest above that the protocol can carry. */
  protected Buffer sized(int bytes) {
    return Buffer.buffer(bytes(bytes));
  }

  private Buffer packed(String text) {
    return pack(Buffer.buffer(text));
  }

  private String unpacked(Message reply) {
    return unpack(reply.body()).toString();
  }

  /** Returns what the client can know of a status that the server fails with. */
  protected GrpcStatus arrivesAs(GrpcStatus status) {
    return status;
  }

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    transport = transport(vertx, TimeSource.of(vertx), observer, new PoolLimits(4, Duration.ZERO));
    peer = peer(vertx);
  }

  @AfterEach
  void stop() {
    await(closeTransport(Duration.ofSeconds(5)));
    peer.close();
    await(vertx.close());
    assertEquals("connections=0, streams=0, queued=0", observer.toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 128, 70_000, 1_500_000})
  void carriesBodiesBothWays(int size) {
    peer.serve(call -> call.reply(Message.reply().body(call.body()).build()));
    byte[] bytes = bytes(size);

    Message reply = await(send(request().body(pack(Buffer.buffer(bytes))).build()));

    assertEquals(Buffer.buffer(bytes), unpack(reply.body()));
    assertEquals(Message.Kind.REPLY, reply.kind());
  }

  @Test
  void carriesEveryContentTypeItNames() {
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    peer.serve(
        call -> {
          seen.add(call.contentType());
          call.reply(Message.reply().contentType(call.contentType()).build());
        });
    assertFalse(transport.contentTypes().isEmpty());

    for (String contentType : transport.contentTypes()) {
      Message reply = await(send(request().contentType(contentType).build()));
      assertFalse(reply.contentType().isEmpty(), contentType);
    }

    assertEquals(transport.contentTypes().size(), seen.size());
  }

  @Test
  void namesTheEndpoint() {
    peer.serve(call -> call.reply(Message.reply().body(packed(call.endpoint())).build()));

    String endpoint = unpacked(await(send(request().build())));

    assertTrue(endpoint.endsWith("Hello"), endpoint);
  }

  @Test
  void carriesMetadataBothWays() {
    assumeTrue(carriesMetadata(), "no metadata in this protocol");
    peer.serve(
        call ->
            call.reply(
                Message.reply()
                    .headers(Metadata.of("x-head", call.headers().get("x-ask", "nothing")))
                    .trailers(Metadata.of("x-tail", "last", "x-tail", "very last"))
                    .build()));

    Message reply = await(send(request().headers(Metadata.of("X-Ask", "why")).build()));

    assertEquals("why", reply.headers().get("x-head"));
    assertEquals(List.of("last", "very last"), reply.trailers().getAll("X-Tail"));
  }

  @ParameterizedTest
  @EnumSource(value = GrpcStatus.class, mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void reportsTheErrorOfTheServer(GrpcStatus status) {
    RpcError sent =
        RpcError.of("greeter", status.microCode(), "no " + status + ": 100 % caf\u00e9");
    peer.serve(call -> call.fail(sent, status));

    RpcException failure = failure(send(request().build()));

    if (carriesErrors()) {
      assertEquals(sent, failure.error());
    }
    assertEquals(arrivesAs(status), failure.grpcStatus());
    assertEquals(Processed.YES, failure.processed());
  }

  @Test
  void sendsTheTimeThatRemains() {
    assumeTrue(tellsDeadline(), "no deadline in this protocol");
    CompletableFuture<Duration> seen = new CompletableFuture<>();
    peer.serve(
        call -> {
          seen.complete(call.remaining());
          call.reply(Message.reply().build());
        });

    await(send(request().build(), Deadline.after(Duration.ofSeconds(60), time())));

    Duration remaining = await(seen);
    assertNotNull(remaining);
    assertTrue(
        remaining.compareTo(Duration.ofSeconds(60)) <= 0
            && remaining.compareTo(Duration.ofSeconds(40)) > 0,
        remaining.toString());
  }

  @Test
  void sendsNoTimeWithoutDeadline() {
    CompletableFuture<Boolean> none = new CompletableFuture<>();
    peer.serve(
        call -> {
          none.complete(call.remaining() == null);
          call.reply(Message.reply().build());
        });

    await(send(request().build(), Deadline.NONE));

    assertTrue(await(none));
  }

  @Test
  void sendsNothingAfterTheDeadline() {
    AtomicInteger served = countCalls();

    RpcException failure =
        failure(send(request().build(), Deadline.after(Duration.ofNanos(-1), time())));

    assertEquals(408, failure.code());
    assertEquals(GrpcStatus.DEADLINE_EXCEEDED, failure.grpcStatus());
    assertEquals(Processed.NOT_SENT, failure.processed());
    await(send(request().build()));
    assertEquals(1, served.get());
  }

  @Test
  void failsAndTellsThePeerWhenCancelled() {
    CompletableFuture<TransportPeer.Call> arrived = new CompletableFuture<>();
    peer.serve(arrived::complete);
    Sent sent = start(loop(), request().build(), deadline(), SendOptions.DEFAULT);
    TransportPeer.Call call = await(arrived);

    sent.cancel();

    RpcException failure = failure(sent.reply);
    assertEquals(499, failure.code());
    assertEquals(GrpcStatus.CANCELLED, failure.grpcStatus());
    assertEquals(Processed.UNKNOWN, failure.processed());
    if (tellsCancel()) {
      await(call.cancelled());
    }
  }

  @Test
  void sendsNothingWhenCancelledBeforeItLeft() {
    AtomicInteger served = countCalls();
    Context loop = loop();
    CompletableFuture<Boolean> left = new CompletableFuture<>();
    CompletableFuture<Message> reply = new CompletableFuture<>();

    loop.runOnContext(
        v -> {
          Exchange exchange =
              transport.send(peer.node(), request().build(), deadline(), SendOptions.DEFAULT);
          left.complete(exchange.isSent());
          exchange.cancel();
          exchange.reply().onComplete(reply::complete, reply::completeExceptionally);
        });

    boolean wasSent = await(left);
    if (!wasSent) {
      RpcException failure = failure(reply);
      assertEquals(499, failure.code());
      assertEquals(Processed.NOT_SENT, failure.processed());
      await(send(request().build()));
      assertEquals(1, served.get());
    }
  }

  @Test
  void doesNothingWhenCancelledAfterTheReply() {
    peer.serve(call -> call.reply(Message.reply().body(packed("fine")).build()));
    Sent sent = start(loop(), request().build(), deadline(), SendOptions.DEFAULT);
    await(sent.reply);

    sent.cancel();

    assertEquals("fine", unpacked(await(sent.exchange).reply().result()));
    assertTrue(await(sent.exchange).isSent());
  }

  @Test
  void dialsForAsLongAsItTakesIfThatIsForEver() {
    countCalls();
    SendOptions options = new SendOptions(ChronoUnit.FOREVER.getDuration(), 1000, 1000, 0);

    await(start(loop(), request().build(), deadline(), options).reply);
  }

  @Test
  void mayBeChangedAndClosedAfterItsVertx() {
    assumeTrue(hasSockets());
    countCalls();
    Vertx closing = Vertx.vertx();
    Transport other =
        transport(closing, TimeSource.of(closing), observer, new PoolLimits(1, Duration.ZERO));
    CompletableFuture<Message> reply = new CompletableFuture<>();
    closing.runOnContext(
        v ->
            other
                .send(peer.node(), request().build(), deadline(), SendOptions.DEFAULT)
                .reply()
                .onComplete(reply::complete, reply::completeExceptionally));
    await(reply);

    await(closing.close());
    other.setPool(new PoolLimits(2, Duration.ZERO));

    await(other.close(Deadline.after(Duration.ofSeconds(5), TimeSource.of(closing))));
    await(other.close(Deadline.NONE));
  }

  @Test
  void failsWhatRunsAndWhatWaitsWhenItsVertxCloses() {
    assumeTrue(hasSockets());
    CompletableFuture<TransportPeer.Call> arrived = new CompletableFuture<>();
    peer.serve(arrived::complete);
    Vertx closing = Vertx.vertx();
    Transport other =
        transport(closing, TimeSource.of(closing), observer, new PoolLimits(1, Duration.ZERO));
    CompletableFuture<List<Future<Message>>> started = new CompletableFuture<>();
    closing.runOnContext(
        v ->
            started.complete(
                Stream.generate(request()::build)
                    .limit(3)
                    .map(
                        request ->
                            other
                                .send(peer.node(), request, deadline(), SendOptions.DEFAULT)
                                .reply())
                    .toList()));
    await(arrived);

    await(closing.close());

    for (Future<Message> reply : await(started)) {
      failure(reply.toCompletionStage().toCompletableFuture());
    }
  }

  @ParameterizedTest
  @CsvSource({"100, 100, true", "101, 100, false", "0, 0, true", "1, 0, false"})
  void boundsTheRequest(int size, int most, boolean fits) {
    AtomicInteger served = countCalls();
    SendOptions options = new SendOptions(Duration.ofSeconds(5), most, 1000, 0);
    Message request = request().body(sized(size)).build();

    CompletableFuture<Message> reply = start(loop(), request, deadline(), options).reply;

    if (fits) {
      await(reply);
    } else {
      RpcException failure = failure(reply);
      assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure.grpcStatus());
      assertEquals(Processed.NOT_SENT, failure.processed());
    }
    assertEquals(fits ? 1 : 0, served.get());
  }

  @ParameterizedTest
  @CsvSource({"100, 100, true", "101, 100, false", "70000, 100, false", "1, 0, false"})
  void boundsTheReply(int size, int most, boolean fits) {
    peer.serve(call -> call.reply(Message.reply().body(sized(size)).build()));
    SendOptions options = new SendOptions(Duration.ofSeconds(5), 1000, most, 0);

    CompletableFuture<Message> reply = start(loop(), request().build(), deadline(), options).reply;

    if (fits) {
      assertEquals(size, await(reply).body().length());
    } else {
      assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure(reply).grpcStatus());
    }
  }

  @Test
  void reportsThatNobodyListens() {
    Sent sent = start(loop(), peer.absentNode(), request().build(), deadline());

    RpcException failure = failure(sent.reply);

    assertEquals(503, failure.code());
    assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
    assertEquals(Processed.NOT_SENT, failure.processed());
    assertFalse(await(sent.exchange).isSent());
  }

  @Test
  void completesOnTheContextThatSent() {
    peer.serve(call -> call.reply(Message.reply().build()));
    Context root = loop();
    Context duplicate = ((ContextInternal) root).duplicate();

    for (Context context : List.of(root, duplicate, worker())) {
      assertSame(context, await(start(context, request().build()).completedOn), "reply");
      assertSame(
          context,
          await(start(context, peer.absentNode(), request().build(), deadline()).completedOn),
          "failure");
    }
  }

  @Test
  void servesWorkersToo() {
    peer.serve(call -> call.reply(Message.reply().body(call.body()).build()));
    Context worker = worker();
    List<CompletableFuture<Message>> replies = new ArrayList<>();

    for (int i = 0; i < 50; i++) {
      Message request = request().body(packed("worker " + i)).build();
      replies.add(start(worker, request).reply);
    }

    for (int i = 0; i < 50; i++) {
      assertEquals("worker " + i, unpacked(await(replies.get(i))));
    }
  }

  @Test
  void cancelsForWorkersToo() {
    CompletableFuture<TransportPeer.Call> arrived = new CompletableFuture<>();
    peer.serve(arrived::complete);
    Sent sent = start(worker(), request().build());
    TransportPeer.Call call = await(arrived);

    sent.cancel();

    assertEquals(499, failure(sent.reply).code());
    if (tellsCancel()) {
      await(call.cancelled());
    }
  }

  @Test
  void keepsRepliesApart() {
    peer.serve(call -> call.reply(Message.reply().body(call.body()).build()));
    List<Context> loops = List.of(loop(), loop(), loop());
    List<CompletableFuture<Message>> replies = new ArrayList<>();

    for (int i = 0; i < 1_000; i++) {
      Message request = request().body(packed("call " + i)).build();
      replies.add(start(loops.get(i % 3), request).reply);
    }

    for (int i = 0; i < 1_000; i++) {
      assertEquals("call " + i, unpacked(await(replies.get(i))));
    }
    if (hasConnections()) {
      assertTrue(observer.mostConnections() <= 4, "connections: " + observer.mostConnections());
    }
  }

  @Test
  void failsNoExchangeWhenThePoolChanges() {
    peer.serve(call -> call.reply(Message.reply().body(call.body()).build()));
    List<Context> loops = List.of(loop(), loop());
    List<CompletableFuture<Message>> replies = new ArrayList<>();
    List<PoolLimits> limits =
        List.of(
            new PoolLimits(1, Duration.ZERO),
            new PoolLimits(8, Duration.ofMinutes(1)),
            new PoolLimits(2, Duration.ofNanos(1)),
            new PoolLimits(3, Duration.ZERO));

    for (int i = 0; i < 2_000; i++) {
      Message request = request().body(packed("call " + i)).build();
      replies.add(start(loops.get(i % 2), request).reply);
      if (i % 50 == 49) {
        await(replies.get(i - 49));
        transport.setPool(limits.get(i / 50 % limits.size()));
      }
    }

    for (int i = 0; i < 2_000; i++) {
      assertEquals("call " + i, unpacked(await(replies.get(i))));
    }
  }

  @Test
  void letsExchangesEndBeforeItCloses() {
    CompletableFuture<TransportPeer.Call> arrived = new CompletableFuture<>();
    peer.serve(arrived::complete);
    CompletableFuture<Message> reply = send(request().build());
    TransportPeer.Call call = await(arrived);

    Future<Void> closed = closeTransport(Duration.ofSeconds(30));
    RpcException late = failure(send(request().build()));
    assertFalse(closed.isComplete());
    call.reply(Message.reply().body(packed("in time")).build());

    assertEquals(GrpcStatus.UNAVAILABLE, late.grpcStatus());
    assertEquals(Processed.NOT_SENT, late.processed());
    assertEquals("in time", unpacked(await(reply)));
    await(closed);
  }

  @Test
  void failsWhatStillRunsWhenTheGraceExpires() {
    CompletableFuture<TransportPeer.Call> arrived = new CompletableFuture<>();
    peer.serve(arrived::complete);
    CompletableFuture<Message> reply = send(request().build());
    await(arrived);

    await(closeTransport(Duration.ofMillis(1)));

    RpcException failure = failure(reply);
    assertEquals(GrpcStatus.UNAVAILABLE, failure.grpcStatus());
    assertEquals(Processed.UNKNOWN, failure.processed());
  }

  @Test
  void mayBeClosedTwice() {
    peer.serve(call -> call.reply(Message.reply().build()));
    await(send(request().build()));

    Future<Void> first = closeTransport(Duration.ofSeconds(5));
    Future<Void> second = closeTransport(Duration.ofSeconds(5));

    await(first);
    await(second);
    assertEquals(GrpcStatus.UNAVAILABLE, failure(send(request().build())).grpcStatus());
  }

  // what subclasses use for tests of their own

  /** Returns the Vert.x of this test. */
  protected final Vertx vertx() {
    return vertx;
  }

  /** Returns the clock of this test. */
  protected final TimeSource time() {
    return TimeSource.of(vertx);
  }

  /** Returns what sees the transport under test. */
  protected final CountingObserver observer() {
    return observer;
  }

  /** Returns the transport under test. */
  protected final Transport transport() {
    return transport;
  }

  /** Returns the server. */
  protected final TransportPeer peer() {
    return peer;
  }

  /** Starts a request with the transport's first content type. */
  protected final Message.Builder request() {
    return Message.request(SERVICE, ENDPOINT).contentType(transport.contentTypes().get(0));
  }

  /** Sends a request from an event loop, with a deadline that no test reaches. */
  protected final CompletableFuture<Message> send(Message request) {
    return send(request, deadline());
  }

  /** Sends a request from an event loop. */
  protected final CompletableFuture<Message> send(Message request, Deadline deadline) {
    return start(loop(), request, deadline, SendOptions.DEFAULT).reply;
  }

  /** Waits, but not for ever. */
  protected static <T> T await(Future<T> future) {
    return await(future.toCompletionStage().toCompletableFuture());
  }

  /** Waits, but not for ever. */
  protected static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits for the failure of a reply. */
  protected static RpcException failure(CompletableFuture<Message> reply) {
    return assertThrows(RpcException.class, () -> await(reply));
  }

  private Sent start(Context context, Message request) {
    return start(context, peer.node(), request, deadline());
  }

  private Sent start(Context context, Message request, Deadline deadline, SendOptions options) {
    return new Sent(context, peer.node(), request, deadline, options);
  }

  private Sent start(Context context, Node node, Message request, Deadline deadline) {
    return new Sent(context, node, request, deadline, SendOptions.DEFAULT);
  }

  /** Returns a deadline that no test reaches. */
  protected final Deadline deadline() {
    return Deadline.after(Duration.ofMinutes(1), time());
  }

  /** Closes the transport under test. */
  protected final Future<Void> closeTransport(Duration grace) {
    return transport.close(Deadline.after(grace, time()));
  }

  private AtomicInteger countCalls() {
    AtomicInteger calls = new AtomicInteger();
    peer.serve(
        call -> {
          calls.incrementAndGet();
          call.reply(Message.reply().build());
        });
    return calls;
  }

  /** Returns a context of one of the event loops; never twice the same. */
  protected final Context loop() {
    Context context =
        ((ContextInternal) vertx.getOrCreateContext()).owner().createEventLoopContext();
    assertTrue(context.isEventLoopContext());
    return context;
  }

  /** Returns the context of a worker verticle. */
  protected final Context worker() {
    CompletableFuture<Context> started = new CompletableFuture<>();
    VerticleBase verticle =
        new VerticleBase() {
          @Override
          public Future<?> start() {
            started.complete(Vertx.currentContext());
            return Future.succeededFuture();
          }
        };
    await(
        vertx.deployVerticle(
            verticle, new DeploymentOptions().setThreadingModel(ThreadingModel.WORKER)));
    Context worker = await(started);
    assertTrue(worker.isWorkerContext());
    return worker;
  }

  /** Returns bytes that are not all the same. */
  protected static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31 + i / 256);
    }
    return bytes;
  }

  /** An exchange sent from a context, watched from the test's thread. */
  private final class Sent {
    final Context context;
    final CompletableFuture<Exchange> exchange = new CompletableFuture<>();
    final CompletableFuture<Message> reply = new CompletableFuture<>();
    final CompletableFuture<Context> completedOn = new CompletableFuture<>();

    Sent(Context context, Node node, Message request, Deadline deadline, SendOptions options) {
      this.context = context;
      context.runOnContext(
          v -> {
            try {
              Exchange started = transport.send(node, request, deadline, options);
              exchange.complete(started);
              started.reply().onComplete(this::ended, this::failed);
            } catch (RuntimeException | Error thrown) {
              exchange.completeExceptionally(thrown);
              reply.completeExceptionally(new AssertionError("send must not throw", thrown));
            }
          });
    }

    private void ended(Message message) {
      completedOn.complete(Vertx.currentContext());
      reply.complete(message);
    }

    private void failed(Throwable failure) {
      completedOn.complete(Vertx.currentContext());
      assertInstanceOf(RpcException.class, failure);
      reply.completeExceptionally(failure);
    }

    void cancel() {
      context.runOnContext(v -> exchange.join().cancel());
    }
  }
}
