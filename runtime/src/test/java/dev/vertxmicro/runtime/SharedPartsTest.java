// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.vertxmicro.codec.Codecs;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.runtime.transport.MemoryTransport;
import dev.vertxmicro.selector.Next;
import dev.vertxmicro.selector.Outcome;
import dev.vertxmicro.selector.Pick;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small parts that all calls of a client share. */
class SharedPartsTest {

  @Test
  void addressesComeInTurnOverCallsAndWithinACall() {
    AddressChoice addresses = new AddressChoice();
    List<String> three = List.of("a:1", "b:1", "c:1");

    assertEquals(List.of("a:1", "b:1", "c:1", "a:1"), take(addresses.open(three, "grpc"), 4));
    assertEquals(List.of("b:1", "c:1", "a:1"), take(addresses.open(three, "grpc"), 3));
    assertEquals(3, addresses.open(three, "grpc").size());
  }

  @Test
  void theNodeOfAnAddressStaysTheSame() {
    AddressChoice addresses = new AddressChoice();

    Pick first = addresses.open(List.of("a:1"), "grpc").next();
    Pick second = addresses.open(List.of("a:1"), "grpc").next();

    assertSame(first.node(), second.node());
    assertEquals("a:1", first.node().id());
  }

  @Test
  void anAddressIsGivenBackOnce() {
    Pick pick = new AddressChoice().open(List.of("a:1"), "grpc").next();
    pick.done(Outcome.SUCCESS);

    assertThrows(IllegalStateException.class, () -> pick.done(Outcome.SUCCESS));
  }

  private static List<String> take(Next next, int times) {
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      taken.add(next.next().node().address());
    }
    return taken;
  }

  @Test
  void namedValuesAreMadeOnceAndSharedBeyondTheBound() {
    Named<Object> values = new Named<>(2);

    Object a = values.get("a", Object::new);
    assertSame(a, values.get("a", Object::new));
    Object b = values.get("b", Object::new);
    assertNotSame(a, b);
    Object c = values.get("c", Object::new);
    assertSame(c, values.get("d", Object::new));
    assertNotSame(b, c);
    assertSame(a, values.get("a", Object::new));
  }

  private record Greeting(String name) {}

  @ParameterizedTest
  @CsvSource({
    "greeting, application/grpc+json",
    "buffer, application/grpc+bytes",
  })
  void theContentTypeIsTheFirstOfTheProtocolThatTakesTheBody(String body, String contentType) {
    FakeTimeSource time = new FakeTimeSource();
    Transports transports = new Transports(List.of(MemoryTransport.create(time)));
    ContentTypes types = new ContentTypes(Codecs.standard(), transports);
    Object value = body.equals("greeting") ? new Greeting("Ada") : Buffer.buffer("Ada");

    assertEquals(contentType, types.of("memory", value.getClass()));
    assertEquals(contentType, types.of("memory", value.getClass()));
  }

  @Test
  void anUnknownProtocolIsRefusedWithThoseThatAreKnown() {
    FakeTimeSource time = new FakeTimeSource();
    Transports transports = new Transports(List.of(MemoryTransport.create(time)));
    ContentTypes types = new ContentTypes(Codecs.standard(), transports);

    var refused =
        assertThrows(IllegalArgumentException.class, () -> types.of("mucp", String.class));
    assertEquals("protocol: mucp (expected: one of [memory])", refused.getMessage());
  }

  @Test
  void countersCountWhatACallDoesAndHolds() {
    try (Bench bench =
        new Bench().node("a", Bench.fail(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT)).node("b")) {
      RpcCounters counters = bench.counters;
      bench.run(
          () -> {
            bench.call();

            assertEquals(
                "RpcCounters[calls=1, failed=0, attempts=2, publishes=0, failed=0, picks=2, open:"
                    + " calls=1 attempts=1 publishes=0 leases=1 timers=1 streams=1 connections=0,"
                    + " queued=0, look-ups failed=0, services stale=0, nodes unconfirmed=0,"
                    + " limits={}]",
                counters.toString());
            assertEquals(1, counters.failedAttempts());
            bench.arrivals.get(1).fail(Bench.failure(GrpcStatus.INTERNAL, Processed.YES));
            assertEquals(1, counters.failedCalls());
            assertEquals(2, counters.failedAttempts());
          });
    }
  }

  @Test
  void countersKeepABoundedNumberOfLimits() {
    RpcCounters counters = new RpcCounters();
    for (int i = 0; i < 1_000; i++) {
      counters.limitReached("limit-" + i);
    }
    counters.limitReached("limit-0");

    assertEquals(100, counters.limits().size());
    assertEquals(2, counters.limits().get("limit-0"));
  }

  @Test
  void aRefusedRetryIsALimitThatShows() {
    try (Bench bench =
        new Bench(builder -> builder.with(o -> o.setRetryRatio(0).setMinRetriesPerSecond(0)))) {
      bench.node("a", Bench.fail(GrpcStatus.UNAVAILABLE, Processed.YES));
      bench.run(
          () -> {
            bench.call(CallOption.idempotent());

            assertEquals(Map.of("retry-budget", 1L), bench.counters.limits());
          });
    }
  }

  @Test
  void anotherBudgetHoldsForKnownServicesFromTheNextCallOn() {
    try (Bench bench =
        new Bench(builder -> builder.with(o -> o.setRetryRatio(0).setMinRetriesPerSecond(0)))) {
      bench.node(
          "a",
          Bench.fail(GrpcStatus.UNAVAILABLE, Processed.YES),
          Bench.fail(GrpcStatus.UNAVAILABLE, Processed.YES),
          Bench.ok("retried"));
      bench.run(
          () -> {
            bench.call(CallOption.idempotent());
            bench.client().init(options -> options.setMinRetriesPerSecond(1));
            var reply =
                bench.call(
                    CallOption.idempotent(),
                    CallOption.backoff(dev.vertxmicro.runtime.retry.Backoff.none()));

            assertEquals("retried", reply.result());
          });
    }
  }

  @Test
  void aBuilderMayBuildTwice() {
    try (Bench bench = new Bench().node("a")) {
      bench.run(
          () -> {
            RpcCounters counters = new RpcCounters();
            RpcClientBuilder builder =
                RpcClient.builder(bench.vertx)
                    .withTransport(bench.transport)
                    .withSelector(bench.selector)
                    .withTimeSource(bench.time)
                    .withObserver(counters);
            builder.build();
            RpcClient second = builder.build();
            RpcCall<String> call = second.start(bench.hello());

            assertEquals(1, counters.openTimers());
            call.cancel("seen enough");
          });
    }
  }

  @Test
  void aDrainTimeoutOfAgesDoesNotKeepTheClientFromClosing() {
    try (Bench bench =
        new Bench(
            builder ->
                builder.with(
                    options -> options.setDrainTimeout(Duration.ofSeconds(Long.MAX_VALUE))))) {
      Bench.await(bench.client().close());
    }
  }
}
