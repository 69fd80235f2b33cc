// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.fail;
import static dev.vertxmicro.runtime.Bench.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.codec.Codec;
import dev.vertxmicro.codec.Message;
import dev.vertxmicro.codec.TypeRef;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.runtime.retry.CallInfo;
import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.Transport;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Pick;
import dev.vertxmicro.selector.SelectOption;
import dev.vertxmicro.selector.Selector;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What users plug in may be broken: the call ends all the same, once, and leaves nothing behind.
 */
class UserCodeTest {

  private static final IllegalStateException BROKEN = new IllegalStateException("broken part");

  static Stream<Arguments> brokenSelections() {
    Next throwing =
        () -> {
          throw BROKEN;
        };
    return Stream.of(
        Arguments.of(
            (Supplier<Future<Next>>)
                () -> {
                  throw BROKEN;
                },
            "broken part"),
        Arguments.of((Supplier<Future<Next>>) () -> null, "null"),
        Arguments.of((Supplier<Future<Next>>) () -> Future.succeededFuture(null), "null"),
        Arguments.of((Supplier<Future<Next>>) () -> Future.failedFuture(BROKEN), "broken part"),
        Arguments.of(
            (Supplier<Future<Next>>) () -> Future.succeededFuture(throwing), "broken part"),
        Arguments.of((Supplier<Future<Next>>) () -> Future.succeededFuture(() -> null), "null"));
  }

  @ParameterizedTest
  @MethodSource("brokenSelections")
  void aBrokenSelectorEndsTheCall(Supplier<Future<Next>> selection, String said) {
    try (Bench bench = new Bench(builder -> builder.withSelector(selecting(selection)))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call();

            assertEquals(500, cause(reply).code());
            assertEquals(Processed.NOT_SENT, cause(reply).processed());
            assertTrue(cause(reply).detail().contains(said), cause(reply).toString());
          });
    }
  }

  @Test
  void aLeaseThatThrowsWhenItEndsDoesNotKeepTheCallOpen() {
    Pick pick =
        new Pick() {
          @Override
          public Node node() {
            return Node.of("a", "a");
          }

          @Override
          public void done(Outcome outcome) {
            throw BROKEN;
          }
        };
    Selector selector = selecting(() -> Future.succeededFuture(() -> pick));
    try (Bench bench = new Bench(builder -> builder.withSelector(selector))) {
      List<Throwable> reported = new ArrayList<>();
      bench.node("a", ok("fine"));
      bench.run(
          () -> {
            Vertx.currentContext().exceptionHandler(reported::add);

            assertEquals("fine", bench.call().result());
            assertEquals(List.of(BROKEN), reported);
          });
    }
  }

  @Test
  void aCodecThatThrowsWhileEncodingEndsTheCall() {
    try (Bench bench = new Bench(builder -> builder.withCodec(codec(true, false)))) {
      bench.node("a", ok("never"));
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.contentType("text/broken"));

            assertEquals(500, cause(reply).code());
            assertEquals(Processed.NOT_SENT, cause(reply).processed());
            assertSame(BROKEN, cause(reply).getCause());
          });
    }
  }

  @Test
  void aCodecThatThrowsWhileDecodingEndsTheCall() {
    try (Bench bench = new Bench(builder -> builder.withCodec(codec(false, true)))) {
      bench.node("a", ok("unreadable"));
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.contentType("text/broken"));

            assertEquals(500, cause(reply).code());
            assertEquals(Processed.YES, cause(reply).processed());
            assertSame(BROKEN, cause(reply).getCause());
          });
    }
  }

  @Test
  void aCallWrapperThatAnswersNothingFailsTheAttempt() {
    CallWrapper nothing = next -> attempt -> Future.succeededFuture(null);
    try (Bench bench = new Bench().node("a", ok("x"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.wrap(nothing));

            assertEquals(500, cause(reply).code());
            assertTrue(cause(reply).detail().contains("null"), cause(reply).toString());
          });
    }
  }

  @Test
  void aCallWrapperThatFailsBeforeItSendsIsNotHeldAgainstTheNode() {
    CallWrapper broken = next -> attempt -> Future.failedFuture(BROKEN);
    try (Bench bench = new Bench().node("a", ok("x"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.wrap(broken));

            assertEquals(Processed.NOT_SENT, cause(reply).processed());
            assertEquals(List.of("a CANCELLED"), bench.selector.outcomes);
          });
    }
  }

  @Test
  void aCallWrapperMayGoOnFromAnotherThread() {
    Promise<Void> token = Promise.promise();
    List<Context> sentOn = new ArrayList<>();
    CallWrapper waiting = next -> attempt -> token.future().compose(go -> next.call(attempt));
    try (Bench bench = new Bench()) {
      bench.selector.add("a");
      bench.transport.serve(
          "a",
          request -> {
            sentOn.add(Vertx.currentContext());
            return Future.succeededFuture(Message.reply().body(Buffer.buffer("\"sent\"")).build());
          });
      List<Context> calledOn = new ArrayList<>();
      List<Future<String>> reply = new ArrayList<>();
      bench.run(
          () -> {
            calledOn.add(Vertx.currentContext());
            reply.add(bench.call(CallOption.wrap(waiting)));
          });
      token.complete();

      assertEquals("sent", Bench.await(reply.get(0)));
      bench.run(() -> assertEquals(calledOn, sentOn));
    }
  }

  @Test
  void whatACallWrapperLeavesOpenIsGivenUpWithTheAttempt() {
    CallWrapper impatient =
        next ->
            attempt -> {
              next.call(attempt);
              return Future.succeededFuture(
                  Reply.of("cached", Metadata.empty(), Metadata.empty(), attempt.node()));
            };
    try (Bench bench = new Bench().node("a")) {
      bench.run(
          () -> {
            assertEquals("cached", bench.call(CallOption.wrap(impatient)).result());
            assertTrue(bench.arrivals.get(0).isCancelled());
            assertEquals(0, bench.counters.openStreams());
          });
    }
  }

  @Test
  void aCallWrapperThatSendsTwiceGivesUpTheFirst() {
    CallWrapper twice =
        next ->
            attempt -> {
              Future<Reply<?>> first = next.call(attempt);
              return next.call(attempt).eventually(() -> first.otherwiseEmpty());
            };
    try (Bench bench = new Bench().node("a", Bench.hang(), ok("second"))) {
      bench.run(
          () -> {
            assertEquals("second", bench.call(CallOption.wrap(twice)).result());
            assertTrue(bench.arrivals.get(0).isCancelled());
            assertEquals(0, bench.counters.openStreams());
          });
    }
  }

  @Test
  void aTransportThatThrowsFailsTheAttempt() {
    Transport broken = sending(() -> BROKEN);
    try (Bench bench = new Bench(builder -> builder.withTransport(broken))) {
      bench.selector.add("a");
      bench.run(() -> assertEquals(500, cause(bench.call()).code()));
    }
  }

  @Test
  void aTransportThatReturnsNullFailsTheAttempt() {
    Transport broken = sending(() -> null);
    try (Bench bench = new Bench(builder -> builder.withTransport(broken))) {
      bench.selector.add("a");
      bench.run(() -> assertEquals(500, cause(bench.call()).code()));
    }
  }

  @Test
  void aHandlerInMemoryThatReturnsNullFailsItsCaller() {
    try (Bench bench = new Bench()) {
      bench.selector.add("a");
      bench.transport.serve("a", request -> null);
      bench.run(() -> assertEquals(500, cause(bench.call()).code()));
      bench.transport.serve("a", request -> Future.succeededFuture(null));
      bench.run(() -> assertEquals(500, cause(bench.call()).code()));
    }
  }

  @Test
  void anObserverThatThrowsChangesNothing() {
    RpcObserver broken = new BrokenObserver();
    try (Bench bench = new Bench(builder -> builder.withObserver(broken))) {
      bench.node("a", fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT)).node("b", ok("fine"));
      bench.run(() -> assertEquals("fine", bench.call().result()));
      bench.node("a", ok("never"));
      bench.run(
          () -> assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, cause(refused(bench)).grpcStatus()));
    }
  }

  private static Future<String> refused(Bench bench) {
    return bench.call(CallOption.maxRequestBytes(1));
  }

  @Test
  void aBackoffWithoutAnAnswerEndsTheCall() {
    try (Bench bench = new Bench().node("a", ok("never"))) {
      bench.run(
          () -> {
            Future<String> reply = bench.call(CallOption.backoff((call, attempt) -> null));

            assertEquals(500, cause(reply).code());
            assertTrue(cause(reply).detail().contains("backoff"), cause(reply).toString());
          });
    }
  }

  @Test
  void aBackoffOfAgesIsAWaitBehindTheDeadline() {
    Duration ages = Duration.ofSeconds(Long.MAX_VALUE);
    try (Bench bench = new Bench().node("a", fail(GrpcStatus.UNAVAILABLE, Processed.YES))) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    CallOption.idempotent(),
                    CallOption.backoff((call, attempt) -> attempt == 0 ? Duration.ZERO : ages));

            assertEquals(503, cause(reply).code());
          });
    }
  }

  @Test
  void anErrorInAPolicyEndsTheCall() {
    try (Bench bench = new Bench().node("a", fail(GrpcStatus.UNAVAILABLE, Processed.YES))) {
      bench.run(
          () -> {
            Future<String> reply =
                bench.call(
                    CallOption.retry(
                        (call, attempt, failure) -> {
                          throw new NoClassDefFoundError("lost.Class");
                        }));

            assertEquals(500, cause(reply).code());
            assertEquals(Processed.YES, cause(reply).processed());
            assertFalse(cause(reply).getSuppressed().length == 0);
          });
    }
  }

  private static Selector selecting(Supplier<Future<Next>> selection) {
    return new Selector() {
      @Override
      public Future<Next> select(String service, SelectOption... options) {
        return selection.get();
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

  private static Codec codec(boolean failsToEncode, boolean failsToDecode) {
    return new Codec() {
      @Override
      public Set<String> contentTypes() {
        return Set.of("text/broken");
      }

      @Override
      public boolean handles(Type type) {
        return true;
      }

      @Override
      public Buffer encode(Object value) {
        if (failsToEncode) {
          throw BROKEN;
        }
        return Buffer.buffer();
      }

      @Override
      public <T> T decode(Buffer body, TypeRef<T> type) {
        if (failsToDecode) {
          throw BROKEN;
        }
        throw new AssertionError("nothing to decode");
      }
    };
  }

  private static Transport sending(Supplier<IllegalStateException> thrown) {
    return new Transport() {
      @Override
      public String protocol() {
        return "grpc";
      }

      @Override
      public List<String> contentTypes() {
        return List.of("application/json");
      }

      @Override
      public Exchange send(Node node, Message request, Deadline deadline, SendOptions options) {
        IllegalStateException failure = thrown.get();
        if (failure != null) {
          throw failure;
        }
        return null;
      }

      @Override
      public void setPool(PoolLimits limits) {}

      @Override
      public Future<Void> close(Deadline grace) {
        return Future.succeededFuture();
      }
    };
  }

  /** Throws whatever it sees. */
  private static final class BrokenObserver implements RpcObserver {

    @Override
    public void callStarted(CallInfo call) {
      throw BROKEN;
    }

    @Override
    public void callEnded(CallInfo call, RpcException failure, int attempts) {
      throw BROKEN;
    }

    @Override
    public void attemptStarted(CallInfo call, int number, Node node) {
      throw BROKEN;
    }

    @Override
    public void attemptEnded(CallInfo call, int number, Node node, RpcException failure) {
      throw BROKEN;
    }

    @Override
    public void picked(CallInfo call, Node node) {
      throw BROKEN;
    }

    @Override
    public void released(CallInfo call, Node node) {
      throw BROKEN;
    }

    @Override
    public void timerArmed() {
      throw BROKEN;
    }

    @Override
    public void timerEnded() {
      throw BROKEN;
    }

    @Override
    public void lookUpFailed(String service, RpcException failure) {
      throw BROKEN;
    }

    @Override
    public void serviceBecameStale(String service, Duration age) {
      throw BROKEN;
    }

    @Override
    public void serviceBecameFresh(String service, Duration age) {
      throw BROKEN;
    }

    @Override
    public void serviceGivenUp(String service, Duration age) {
      throw BROKEN;
    }

    @Override
    public void nodesUnconfirmed(String service, int before, int now) {
      throw BROKEN;
    }

    @Override
    public void limitReached(String limit) {
      throw BROKEN;
    }
  }
}
