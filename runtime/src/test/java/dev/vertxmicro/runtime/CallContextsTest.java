// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.retry.Backoff;
import dev.vertxmicro.runtime.transport.MemoryTransport;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.selector.SelectOption;
import dev.vertxmicro.selector.Selector;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A call is touched on the context that made it only, whatever kind it is; on a real clock. */
class CallContextsTest {

  private static final Message HELLO = Message.reply().body(Buffer.buffer("\"hello\"")).build();
  private static final Request<String, String> REQUEST =
      Request.of("greeter", "Greeter.Hello", "Ada", String.class);

  private final Vertx vertx = Vertx.vertx();
  private final TimeSource time = TimeSource.of(vertx);
  private final RpcCounters counters = new RpcCounters();
  private final MemoryTransport transport = MemoryTransport.create("grpc", time, counters);
  private final List<Boolean> onTheContext = Collections.synchronizedList(new ArrayList<>());
  private RpcClient client;

  @BeforeEach
  void build() {
    client =
        RpcClient.builder(vertx)
            .withTransport(transport)
            .withTimeSource(time)
            .withObserver(counters)
            .with(ClientOption.calls(CallOption.address("a")))
            .build();
  }

  @AfterEach
  void close() {
    Bench.await(client.close());
    Bench.await(vertx.close());
    assertEquals(0, counters.openCalls(), "open calls");
    assertEquals(0, counters.openAttempts(), "open attempts");
    assertEquals(0, counters.openLeases(), "open leases");
    assertEquals(0, counters.openStreams(), "open streams");
    assertEquals(0, counters.openTimers(), "open timers");
  }

  private ContextInternal context(ThreadingModel model, boolean duplicate) {
    VertxInternal internal = (VertxInternal) vertx;
    assumeTrue(
        model != ThreadingModel.VIRTUAL_THREAD || internal.isVirtualThreadAvailable(),
        "virtual threads");
    ContextInternal context = internal.createContext(model);
    return duplicate ? context.duplicate() : context;
  }

  @ParameterizedTest
  @CsvSource({
    "EVENT_LOOP, false", "EVENT_LOOP, true",
    "WORKER, false", "WORKER, true",
    "VIRTUAL_THREAD, false", "VIRTUAL_THREAD, true",
  })
  void everyAttemptAndTheCallbackRunOnTheCallersContext(ThreadingModel model, boolean duplicate) {
    ContextInternal context = context(model, duplicate);
    AtomicInteger attempts = new AtomicInteger();
    transport.serve(
        "a",
        request -> {
          onTheContext.add(context.isRunningOnContext());
          return attempts.incrementAndGet() < 3
              ? Future.failedFuture(
                  RpcException.client(GrpcStatus.UNAVAILABLE, "again")
                      .processed(Processed.YES)
                      .build())
              : answeredElsewhere();
        });
    CompletableFuture<String> answer = new CompletableFuture<>();
    context.runOnContext(
        here ->
            client
                .call(
                    REQUEST,
                    CallOption.idempotent(),
                    CallOption.backoff(Backoff.fixed(Duration.ofMillis(1))))
                .onComplete(
                    done -> {
                      onTheContext.add(context.isRunningOnContext());
                      answer.complete(done.result());
                    }));

    assertEquals("hello", Bench.await(answer));
    assertEquals(List.of(true, true, true, true), onTheContext);
  }

  private Future<Message> answeredElsewhere() {
    Promise<Message> promise = Promise.promise();
    ((VertxInternal) vertx).createEventLoopContext().runOnContext(here -> promise.complete(HELLO));
    return promise.future();
  }

  @Test
  void aCallOfABlockOfBlockingCodeRunsOnTheContextNotInTheBlock() {
    ContextInternal context = context(ThreadingModel.EVENT_LOOP, false);
    transport.serve(
        "a",
        request -> {
          onTheContext.add(context.isRunningOnContext());
          return answeredElsewhere();
        });
    CompletableFuture<String> answer = new CompletableFuture<>();
    context.runOnContext(
        here ->
            context.executeBlocking(
                () -> {
                  client.call(REQUEST).onSuccess(answer::complete);
                  return null;
                }));

    assertEquals("hello", Bench.await(answer));
    assertEquals(List.of(true), onTheContext);
  }

  @ParameterizedTest
  @EnumSource(
      value = ThreadingModel.class,
      names = {"EVENT_LOOP", "WORKER", "VIRTUAL_THREAD"})
  void aCancelFromABlockOfBlockingCodeIsCarriedOver(ThreadingModel model) {
    ContextInternal context = context(model, false);
    transport.serve(
        "a",
        request -> {
          request.cancelled().onComplete(told -> onTheContext.add(context.isRunningOnContext()));
          return Promise.<Message>promise().future();
        });
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    context.runOnContext(
        here -> {
          RpcCall<String> call = client.start(REQUEST);
          call.reply().onFailure(failure::complete);
          context.executeBlocking(
              () -> {
                call.cancel("from the block");
                return null;
              });
        });

    assertEquals(499, ((RpcException) Bench.await(failure)).code());
    assertEquals(List.of(true), onTheContext);
  }

  @Test
  void aSelectionThatCompletesElsewhereIsCarriedOver() {
    ContextInternal context = context(ThreadingModel.EVENT_LOOP, true);
    transport.serve(
        "a",
        request -> {
          onTheContext.add(context.isRunningOnContext());
          return Future.succeededFuture(HELLO);
        });
    Selector addresses = selectingElsewhere();
    RpcClient waiting =
        RpcClient.builder(vertx)
            .withTransport(transport)
            .withSelector(addresses)
            .withTimeSource(time)
            .withObserver(counters)
            .build();
    CompletableFuture<String> answer = new CompletableFuture<>();
    context.runOnContext(here -> waiting.call(REQUEST).onSuccess(answer::complete));

    assertEquals("hello", Bench.await(answer));
    assertEquals(List.of(true), onTheContext);
    Bench.await(waiting.close());
  }

  private Selector selectingElsewhere() {
    return new Selector() {
      @Override
      public Future<Next> select(String service, SelectOption... options) {
        Promise<Next> promise = Promise.promise();
        Next next = new AddressChoice().open(List.of("a"), "grpc");
        ((VertxInternal) vertx)
            .createEventLoopContext()
            .runOnContext(here -> promise.complete(next));
        return promise.future();
      }

      @Override
      public void reset(String service) {}

      @Override
      public long openPicks() {
        return 0;
      }

      @Override
      public Future<Void> close() {
        return Future.succeededFuture();
      }
    };
  }

  @Test
  void aClientMayBeClosedAfterItsVertx() {
    Vertx gone = Vertx.vertx();
    RpcClient late =
        RpcClient.builder(gone).withTransport(transport).withSelector(selectingElsewhere()).build();
    Bench.await(gone.close());

    Bench.await(late.close());
  }

  /** Callers of all kinds, answers from other threads, cancels from others still, then a close. */
  @Test
  void callsOfManyContextsThatAreCancelledFromOutsideEndExactlyOnce() {
    int callers = 6;
    int callsEach = 500;
    List<RpcCall<String>> calls = Collections.synchronizedList(new ArrayList<>());
    ContextInternal outside = context(ThreadingModel.EVENT_LOOP, false);
    Random random = new Random(1);
    transport.serve(
        "a",
        request -> {
          Promise<Message> promise = Promise.promise();
          outside.runOnContext(
              here -> {
                int known = calls.size();
                if (known > 0 && random.nextBoolean()) {
                  calls.get(random.nextInt(known)).cancel("from outside");
                }
                promise.tryComplete(HELLO);
              });
          return promise.future();
        });
    AtomicInteger ended = new AtomicInteger();
    CompletableFuture<Void> all = new CompletableFuture<>();
    for (int caller = 0; caller < callers; caller++) {
      ThreadingModel model = caller % 2 == 0 ? ThreadingModel.EVENT_LOOP : ThreadingModel.WORKER;
      Context context = context(model, caller % 3 == 0);
      context.runOnContext(
          here -> {
            for (int i = 0; i < callsEach; i++) {
              RpcCall<String> call =
                  client.start(
                      REQUEST, CallOption.idempotent(), CallOption.hedge(Duration.ofMillis(1)));
              calls.add(call);
              call.reply()
                  .onComplete(
                      done -> {
                        if (ended.incrementAndGet() == callers * callsEach) {
                          all.complete(null);
                        }
                      });
            }
          });
    }
    Bench.await(all);
    Bench.await(client.close());
    assertEquals(callers * callsEach, ended.get());
    assertEquals(callers * callsEach, counters.calls());
    assertTrue(counters.attempts() <= 2L * callers * callsEach, counters.toString());
  }
}
