// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static dev.vertxmicro.runtime.Bench.cause;
import static dev.vertxmicro.runtime.Bench.fail;
import static dev.vertxmicro.runtime.Bench.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.wrapper.CacheStats;
import dev.vertxmicro.runtime.wrapper.ResponseCache;
import dev.vertxmicro.runtime.wrapper.ResponseCacheOptions;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ResponseCacheTest {

  private static final CallOption IDEMPOTENT = CallOption.idempotent();
  private static final CallOption MINUTE = ResponseCache.ttl(Duration.ofMinutes(1));
  private static final CallOption LONG = CallOption.timeout(Duration.ofSeconds(50));

  private final Bench bench = new Bench();
  private ResponseCache cache = cache(new ResponseCacheOptions());
  private RpcClient client = cache.wrap(bench.client());

  private ResponseCache cache(ResponseCacheOptions options) {
    return ResponseCache.create(options, bench.time);
  }

  private void use(ResponseCacheOptions options) {
    cache = cache(options);
    client = cache.wrap(bench.client());
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private RpcCall<String> start(String name, CallOption... more) {
    CallOption[] options = java.util.Arrays.copyOf(more, more.length + 2);
    options[more.length] = IDEMPOTENT;
    options[more.length + 1] = MINUTE;
    return client.start(Request.of("greeter", "Greeter.Hello", name, String.class), options);
  }

  private Future<String> call(String name, CallOption... more) {
    return start(name, more).reply();
  }

  private void answer(int arrival, String text) {
    bench.arrivals.get(arrival).answer(text);
  }

  @Test
  void answersEqualCallsUntilTheTtlIsOver() {
    bench.node("n", ok("one"), ok("two"));
    bench.run(
        () -> {
          assertEquals("one", call("Ada").result());
          bench.advance(59_999);
          assertEquals("one", call("Ada").result());
          assertEquals(1, bench.reached().size());
          bench.advance(1);
          assertEquals("two", call("Ada").result());

          CacheStats stats = cache.stats();
          assertEquals(1, stats.hits());
          assertEquals(2, stats.misses());
          assertEquals(1, stats.entries());
        });
  }

  @Test
  void aCallMayWantAYoungerReply() {
    bench.node("n", ok("one"), ok("two"));
    bench.run(
        () -> {
          call("Ada");
          bench.advance(10_000);

          Future<String> younger =
              client.call(
                  Request.of("greeter", "Greeter.Hello", "Ada", String.class),
                  IDEMPOTENT,
                  ResponseCache.ttl(Duration.ofSeconds(10)));

          assertEquals("two", younger.result());
        });
  }

  @Test
  void callsWithoutTtlOrNotIdempotentPassByAndAreNotKept() {
    bench.node("n", ok("1"), ok("2"), ok("3"), ok("4"));
    bench.run(
        () -> {
          Request<String, String> hello = bench.hello();
          assertEquals("1", client.call(hello, IDEMPOTENT).result());
          assertEquals("2", client.call(hello, IDEMPOTENT).result());
          assertEquals("3", client.call(hello, MINUTE).result());
          assertEquals("4", client.call(hello, MINUTE).result());

          assertEquals(new CacheStats(0, 0, 0, 0, 0, 0, 0), cache.stats());
        });
  }

  @Test
  void theTtlOfTheClientHoldsForAllIdempotentCallsThatSayNothingElse() {
    use(new ResponseCacheOptions().setTtl(Duration.ofSeconds(5)));
    bench.node("n", ok("1"), ok("2"));
    bench.run(
        () -> {
          Request<String, String> hello = bench.hello();
          assertEquals("1", client.call(hello, IDEMPOTENT).result());
          assertEquals("1", client.call(hello, IDEMPOTENT).result());

          Future<String> fresh = client.call(hello, IDEMPOTENT, ResponseCache.ttl(Duration.ZERO));

          assertEquals("2", fresh.result());
        });
  }

  @Test
  void whateverTellsCallsApartTellsRepliesApart() {
    bench.node("n", ok("1"), ok("2"), ok("3"), ok("4"), ok("5"), ok("6"));
    bench.run(
        () -> {
          assertEquals("1", call("Ada").result());
          assertEquals("2", call("Bob").result());
          assertEquals("3", call("Ada", CallOption.metadata("authorization", "a")).result());
          assertEquals("4", call("Ada", CallOption.metadata("Authorization", "b")).result());
          Request<String, String> other = Request.of("greeter", "Greeter.Bye", "Ada", String.class);
          assertEquals("5", client.call(other, IDEMPOTENT, MINUTE).result());
          Request<String, String> mine = bench.hello().withMetadata("Micro-Namespace", "x");
          assertEquals("6", client.call(mine, IDEMPOTENT, MINUTE).result());

          assertEquals("1", call("Ada").result());
          assertEquals("1", call("Ada", CallOption.metadata("X-Trace", "7")).result());
          assertEquals("4", call("Ada", CallOption.metadata("AUTHORIZATION", "b")).result());
        });
  }

  @Test
  void eachCallerGetsAnObjectOfItsOwn() {
    bench.node("n", arrival -> Future.succeededFuture(list()));
    bench.run(
        () -> {
          Request<String, List<Integer>> request =
              Request.of("greeter", "Greeter.List", "Ada", new dev.vertxmicro.codec.TypeRef<>() {});
          List<Integer> first = client.call(request, IDEMPOTENT, MINUTE).result();
          first.add(2);

          List<Integer> second = client.call(request, IDEMPOTENT, MINUTE).result();

          assertNotSame(first, second);
          assertEquals(List.of(1), second);
          assertEquals(1, bench.reached().size());
        });
  }

  private static dev.vertxmicro.codec.Message list() {
    return dev.vertxmicro.codec.Message.reply()
        .body(io.vertx.core.buffer.Buffer.buffer("[1]"))
        .build();
  }

  @Test
  void equalCallsUnderWayAreMadeOnce() {
    bench.node("n");
    bench.run(
        () -> {
          Future<String> one = call("Ada");
          Future<String> two = call("Ada");
          Future<String> other = call("Bob");
          assertEquals(2, bench.reached().size());

          answer(0, "x");

          assertEquals("x", one.result());
          assertEquals("x", two.result());
          assertFalse(other.isComplete());
          assertEquals(1, cache.stats().joined());
          answer(1, "y");
        });
  }

  @Test
  void whoWaitsMayBeInMoreHurryThanWhoCalls() {
    bench.node("n");
    bench.run(
        () -> {
          Future<String> patient = call("Ada", LONG);
          Future<String> hasty = call("Ada", CallOption.timeout(Duration.ofMillis(10)));

          bench.advance(10);

          assertEquals(408, cause(hasty).code());
          assertFalse(patient.isComplete());
          answer(0, "x");
          assertEquals("x", patient.result());
        });
  }

  @Test
  void whoWaitsCallsItselfWhenTheOtherIsCancelled() {
    bench.node("n");
    bench.run(
        () -> {
          RpcCall<String> leader = start("Ada", LONG);
          Future<String> follower = call("Ada", LONG);

          leader.cancel("enough");
          assertEquals(499, cause(leader.reply()).code());
          assertEquals(2, bench.reached().size());
          answer(1, "x");

          assertEquals("x", follower.result());
        });
  }

  @Test
  void whoWaitsCallsItselfWhenTheOtherIsOutOfTimeButNoLongerThanItMay() {
    bench.node("n");
    bench.run(
        () -> {
          CallOption once = CallOption.retries(0);
          call("Ada", once, CallOption.timeout(Duration.ofMillis(10)));
          Future<String> follower = call("Ada", once, CallOption.timeout(Duration.ofMillis(30)));

          bench.advance(10);
          assertEquals(2, bench.reached().size());
          bench.advance(19);
          assertFalse(follower.isComplete());
          bench.advance(1);

          assertEquals(408, cause(follower).code());
        });
  }

  @Test
  void aWaitThatIsCancelledLeavesTheOthersAlone() {
    bench.node("n");
    bench.run(
        () -> {
          Future<String> leader = call("Ada", LONG);
          RpcCall<String> follower = start("Ada", LONG);

          follower.cancel("enough");
          assertEquals(499, cause(follower.reply()).code());
          answer(0, "x");

          assertEquals("x", leader.result());
        });
  }

  @Test
  void failuresAreSharedButNotKept() {
    bench.node("n", Bench.hang(), ok("good"));
    bench.run(
        () -> {
          Future<String> one = call("Ada");
          Future<String> two = call("Ada");
          bench.arrivals.get(0).fail(Bench.failure(GrpcStatus.NOT_FOUND, Processed.YES));
          assertEquals(404, cause(one).code());
          assertEquals(404, cause(two).code());

          assertEquals("good", call("Ada").result());
        });
  }

  @Test
  void failuresOfTheServerAreKeptIfWanted() {
    use(new ResponseCacheOptions().setErrorTtl(Duration.ofSeconds(5)));
    bench.node(
        "n",
        fail(GrpcStatus.NOT_FOUND, Processed.YES),
        ok("good"),
        fail(GrpcStatus.UNAVAILABLE, Processed.UNKNOWN),
        ok("good"));
    bench.run(
        () -> {
          CallOption once = CallOption.retries(0);
          assertEquals(404, cause(call("Ada", once)).code());
          assertEquals(404, cause(call("Ada", once)).code());
          assertEquals(1, bench.reached().size());
          bench.advance(5_000);
          assertEquals("good", call("Ada", once).result());

          assertEquals(503, cause(call("Bob", once)).code());
          assertEquals("good", call("Bob", once).result());
        });
  }

  @Test
  void theLeastRecentlyWantedMakesRoom() {
    use(new ResponseCacheOptions().setMaxEntries(2));
    bench.node("n", ok("a"), ok("b"), ok("c"), ok("b again"));
    bench.run(
        () -> {
          call("A");
          call("B");
          call("A");
          call("C");

          assertEquals("a", call("A").result());
          assertEquals("c", call("C").result());
          assertEquals("b again", call("B").result());
          assertEquals(2, cache.stats().evicted());
          assertEquals(2, cache.stats().entries());
        });
  }

  @Test
  void bytesAreBounded() {
    use(new ResponseCacheOptions().setMaxBytes(2_000).setMaxEntryBytes(1_000));
    String large = "x".repeat(500);
    bench.node("n", ok(large), ok(large), ok(large), ok("x".repeat(1_000)));
    bench.run(
        () -> {
          call("A");
          call("B");
          assertEquals(2, cache.stats().entries());
          call("C");
          assertEquals(2, cache.stats().entries());
          assertTrue(cache.stats().bytes() <= 2_000, cache.stats()::toString);
          call("D");

          assertEquals(1, cache.stats().uncacheable());
          assertEquals(2, cache.stats().entries());
        });
  }

  @Test
  void whatIsForgottenIsNotServedAndWhatIsUnderWayIsNotKept() {
    bench.node("n", ok("1"), Bench.hang(), ok("3"), ok("4"));
    bench.run(
        () -> {
          call("Ada");
          cache.forget("greeter", "Greeter.Hello");
          assertEquals(0, cache.stats().entries());
          assertEquals(0, cache.stats().bytes());
          Future<String> underWay = call("Ada");
          cache.clear();
          answer(1, "2");
          assertEquals("2", underWay.result());

          assertEquals("3", call("Ada").result());
        });
  }

  @Test
  void aRefusedRequestLeavesNoFlight() {
    bench.node("n", ok("x"));
    bench.run(
        () -> {
          assertThrows(IllegalArgumentException.class, () -> call("Ada", CallOption.retries(-1)));
          assertEquals("x", call("Ada").result());
        });
  }

  @Test
  void callersOnOtherContextsGetTheirReplyThere() {
    bench.node("n", ok("x"));
    CompletableFuture<Boolean> there = new CompletableFuture<>();
    bench.run(() -> call("Ada"));

    io.vertx.core.Context other = bench.vertx.getOrCreateContext();
    other.runOnContext(
        on ->
            call("Ada")
                .onComplete(done -> there.complete(io.vertx.core.Vertx.currentContext() == other)));

    assertTrue(Bench.await(there));
  }

  @Test
  void closedClientsStillFail() {
    bench.node("n", ok("x"));
    bench.run(
        () -> {
          client.close();
          RpcException failure = cause(call("Ada"));
          assertEquals(503, failure.code());
        });
  }
}
