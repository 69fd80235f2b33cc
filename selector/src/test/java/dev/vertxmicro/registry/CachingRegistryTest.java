// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CachingRegistryTest {

  private static final Node A = Node.of("a", "127.0.0.1:1");
  private static final Node B = Node.of("b", "127.0.0.1:2");
  private static final Node C = Node.of("c", "127.0.0.1:3");
  private static final RpcException DOWN =
      RpcException.client(GrpcStatus.UNAVAILABLE, "consul: connection refused").build();

  private final FakeTimeSource time = new FakeTimeSource();
  private final ScriptedRegistry registry = new ScriptedRegistry();
  private final CachingOptions options = new CachingOptions();
  private final CachingRegistry cache = CachingRegistry.immediate(registry, options, time);

  private static Service greeter(Node... nodes) {
    return Service.builder("greeter").version("1").build().withNodes(List.of(nodes));
  }

  private static RegistryEvent event(Action action, Node... nodes) {
    return new RegistryEvent(action, greeter(nodes));
  }

  private List<Service> known() {
    Future<List<Service>> answer = cache.get("greeter");
    assertTrue(answer.succeeded(), () -> "not known: " + answer.cause());
    return answer.result();
  }

  private RpcException failure() {
    return assertInstanceOf(RpcException.class, cache.get("greeter").cause());
  }

  private void passTtl() {
    time.advance(options.getTtl());
  }

  /** Lets time pass until the registry is asked again, and returns how many ms that took. */
  private long untilLookUp() {
    int before = registry.lookUps();
    long waited = 0;
    while (registry.lookUps() == before) {
      time.advance(Duration.ofMillis(10));
      waited += 10;
    }
    return waited;
  }

  // Looking up

  @Test
  void knownServiceIsAnsweredFromMemoryWithTheSameFuture() {
    registry.answer(greeter(A));
    Future<List<Service>> first = cache.get("greeter");

    assertEquals(List.of(greeter(A)), first.result());
    assertSame(cache.get("greeter"), cache.get("greeter"));
    assertSame(first.result(), known());
    assertEquals(1, registry.lookUps());
  }

  @Test
  void callersShareOneLookUp() {
    registry.hold();
    Future<List<Service>> one = cache.get("greeter");
    Future<List<Service>> two = cache.get("greeter");
    assertFalse(one.isComplete());

    registry.held().complete(List.of(greeter(A)));

    assertEquals(List.of(greeter(A)), one.result());
    assertEquals(List.of(greeter(A)), two.result());
    assertEquals(1, registry.lookUps());
  }

  @Test
  void aHandlerThatThrowsKeepsNoServiceFromBeingRefreshed() {
    registry.hold();
    cache
        .get("greeter")
        .onComplete(
            known -> {
              throw new IllegalStateException("boom");
            });
    registry.held().complete(List.of(greeter(A)));
    registry.answer(greeter(A, B));

    passTtl();

    assertEquals(List.of(greeter(A, B)), known());
  }

  @Test
  void unknownServiceIsNotRemembered() {
    assertEquals(List.of(), known());
    assertEquals(0, registry.watches());
    assertEquals(0, time.armed());

    registry.answer(greeter(A));

    assertEquals(List.of(greeter(A)), known());
  }

  @Test
  void failureOfTheFirstLookUpIsReportedAndNotRemembered() {
    registry.fail(DOWN);
    assertSame(DOWN, failure());
    registry.fail(new IllegalStateException("garbage"));
    RpcException wrapped = failure();
    assertEquals(503, wrapped.code());
    assertEquals(Processed.NOT_SENT, wrapped.processed());
    assertTrue(wrapped.detail().contains("garbage"), wrapped.detail());
    assertEquals(0, registry.watches());
    assertEquals(0, time.armed());

    registry.answer(greeter(A));

    assertEquals(List.of(greeter(A)), known());
  }

  @Test
  void firstLookUpThatHangsFailsAfterItsTimeout() {
    registry.hold();
    Future<List<Service>> hanging = cache.get("greeter");

    time.advance(options.getLookUpTimeout());

    RpcException failure = assertInstanceOf(RpcException.class, hanging.cause());
    assertEquals(503, failure.code());
    assertTrue(failure.detail().contains("did not answer within PT5S"), failure.detail());
    assertEquals(0, time.armed());
  }

  @Test
  void answerThatComesAfterItsTimeoutIsDropped() {
    registry.hold();
    cache.get("greeter");
    time.advance(options.getLookUpTimeout());
    Promise<List<Service>> late = registry.held();
    Future<List<Service>> second = cache.get("greeter");

    late.complete(List.of(greeter(A)));

    assertFalse(second.isComplete());
    registry.held().complete(List.of(greeter(B)));
    assertEquals(List.of(greeter(B)), second.result());
  }

  @Test
  void answerToARefreshThatComesAfterItsTimeoutIsDropped() {
    registry.answer(greeter(A));
    known();
    registry.hold();
    untilLookUp();
    Promise<List<Service>> late = registry.held();
    time.advance(options.getLookUpTimeout());
    untilLookUp();

    late.complete(List.of(greeter(B)));

    assertEquals(List.of(greeter(A)), known());
    registry.held().complete(List.of(greeter(C)));
    assertEquals(List.of(greeter(C, A)), known());
  }

  // Changes

  @Test
  void reportedChangesAreSeenAtOnce() {
    registry.answer(greeter(A));
    known();

    registry.report(event(Action.CREATE, B));
    assertEquals(List.of(greeter(A, B)), known());
    registry.report(event(Action.DELETE, A));
    assertEquals(List.of(greeter(B)), known());
    assertEquals(1, registry.lookUps());
  }

  @Test
  void answerChangesExactlyWhenTheContentChanges() {
    registry.answer(greeter(A, B));
    Future<List<Service>> before = cache.get("greeter");
    before = cache.get("greeter");

    registry.report(event(Action.UPDATE, A));
    registry.report(event(Action.DELETE, C));
    registry.answer(greeter(B, A));
    passTtl();
    assertEquals(2, registry.lookUps());
    assertSame(before, cache.get("greeter"));

    registry.report(event(Action.UPDATE, Node.of("a", "127.0.0.1:9")));
    assertNotSame(before, cache.get("greeter"));
    assertNotSame(before.result(), known());
  }

  @Test
  void changeReportedDuringALookUpIsNotLostToAnOlderAnswer() {
    registry.hold();
    cache.get("greeter");
    registry.report(event(Action.DELETE, A));
    registry.report(event(Action.CREATE, C));

    registry.held().complete(List.of(greeter(A, B)));

    assertEquals(List.of(greeter(B, C)), known());
  }

  @Test
  void changeReportedDuringARefreshIsSeenAtOnceAndKept() {
    registry.answer(greeter(A));
    known();
    registry.hold();
    passTtl();

    registry.report(event(Action.CREATE, B));
    assertEquals(List.of(greeter(A, B)), known());
    registry.held().complete(List.of(greeter(A)));

    assertEquals(List.of(greeter(A, B)), known());
  }

  @Test
  void lookUpIsRepeatedWhenItBeganBeforeTheWatchStood() {
    Promise<Void> ready = Promise.promise();
    registry.ready(ready.future());
    registry.answer(greeter(A));
    assertEquals(List.of(greeter(A)), known());
    registry.answer(greeter(A, B));

    ready.complete();

    assertEquals(List.of(greeter(A, B)), known());
    assertEquals(2, registry.lookUps());
  }

  @Test
  void lookUpIsRepeatedOnceWhenTheWatchStandsMeanwhile() {
    Promise<Void> ready = Promise.promise();
    registry.ready(ready.future());
    registry.hold();
    cache.get("greeter");
    ready.complete();
    assertEquals(1, registry.lookUps());

    registry.held().complete(List.of(greeter(A)));

    assertEquals(2, registry.lookUps());
    registry.held().complete(List.of(greeter(A)));
    assertEquals(2, registry.lookUps());
  }

  @Test
  void moreChangesThanAreKeptDuringALookUpLeadToAnother() {
    registry.hold();
    cache.get("greeter");
    for (int i = 0; i < 1_001; i++) {
      registry.report(event(Action.UPDATE, Node.of("a", "127.0.0.1:" + i)));
    }

    registry.held().complete(List.of(greeter(B)));

    assertEquals(2, registry.lookUps());
    registry.held().complete(List.of(greeter(C)));
    assertEquals(C, known().get(0).nodes().get(0));
  }

  @Test
  void registryThatCannotWatchIsReadAgainAndAskedToWatchAgain() {
    registry.ready(Future.failedFuture("no watch"));
    registry.answer(greeter(A));
    known();
    assertEquals(0, registry.watches());

    registry.answer(greeter(B));
    registry.ready(Future.succeededFuture());
    passTtl();

    assertEquals(List.of(greeter(B, A)), known());
    assertEquals(1, registry.watches());
    assertEquals(2, registry.lookUps());
  }

  // Refreshing

  @Test
  void serviceIsReadAgainWithinItsTtlWithJitter() {
    registry.answer(greeter(A));
    known();
    List<Long> waits = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      waits.add(untilLookUp());
      known();
    }

    waits.forEach(wait -> assertTrue(wait >= 48_000 && wait <= 60_010, waits.toString()));
    assertTrue(waits.stream().distinct().count() > 10, waits.toString());
  }

  @Test
  void changeThatNobodyReportedIsFoundByReadingAgain() {
    registry.answer(greeter(A));
    known();
    registry.answer(greeter(A, B));
    assertEquals(List.of(greeter(A)), known());

    passTtl();

    assertEquals(List.of(greeter(A, B)), known());
  }

  // Outages

  @Test
  void lastKnownNodesAreServedWhileTheRegistryFails() {
    registry.answer(greeter(A));
    Future<List<Service>> before = cache.get("greeter");
    before = cache.get("greeter");
    assertFalse(cache.isStale("greeter"));

    registry.fail(DOWN);
    time.advance(Duration.ofMinutes(30));

    assertSame(before, cache.get("greeter"));
    assertTrue(cache.isStale("greeter"));
  }

  @Test
  void lastKnownNodesAreServedWhileTheRegistryHangs() {
    registry.answer(greeter(A));
    known();

    registry.hold();
    time.advance(Duration.ofMinutes(30));

    assertEquals(List.of(greeter(A)), known());
    assertTrue(cache.isStale("greeter"));
  }

  @Test
  void emptyAnswerDoesNotReplaceKnownNodes() {
    registry.answer(greeter(A));
    known();

    registry.answer();
    passTtl();
    assertEquals(List.of(greeter(A)), known());
    registry.answer(greeter());
    passTtl();
    assertEquals(List.of(greeter(A)), known());

    assertTrue(cache.isStale("greeter"));
  }

  @Test
  void staleNodesAreGivenUpAfterMaxStale() {
    for (boolean empty : new boolean[] {true, false}) {
      registry.answer(greeter(A));
      known();
      if (empty) {
        registry.answer();
      } else {
        registry.fail(DOWN);
      }

      time.advance(options.getMaxStale().minusSeconds(1));
      assertEquals(List.of(greeter(A)), known());
      time.advance(Duration.ofSeconds(1));

      if (empty) {
        assertEquals(List.of(), known());
      } else {
        assertSame(DOWN, failure());
      }
      assertFalse(cache.isStale("greeter"));
      assertEquals(0, registry.watches());
    }
  }

  @Test
  void maxStaleOfZeroBelievesTheRegistryAtOnce() {
    CachingRegistry strict =
        CachingRegistry.immediate(registry, new CachingOptions().setMaxStale(Duration.ZERO), time);
    registry.answer(greeter(A));
    strict.get("greeter");

    registry.answer();
    passTtl();

    assertEquals(List.of(), strict.get("greeter").result());
  }

  @Test
  void reportedDeletesAreBelievedWhileTheRegistryFails() {
    registry.answer(greeter(A, B));
    known();
    registry.fail(DOWN);
    passTtl();

    registry.report(event(Action.DELETE, A));
    assertEquals(List.of(greeter(B)), known());
    registry.report(event(Action.DELETE));

    assertSame(DOWN, failure());
  }

  @Test
  void serviceThatWasDeletedAndComesBackIsKnownAtOnce() {
    registry.answer(greeter(A));
    known();
    registry.report(event(Action.DELETE, A));

    registry.fail(DOWN);
    registry.report(event(Action.CREATE, B));

    assertEquals(List.of(greeter(B)), known());
    assertEquals(1, registry.lookUps());
  }

  @Test
  void serviceThatCameBackIsAsFreshAsTheReport() {
    CachingOptions short30 = new CachingOptions().setMaxStale(Duration.ofSeconds(30));
    CachingRegistry cache = CachingRegistry.immediate(registry, short30, time);
    registry.answer(greeter(A));
    cache.get("greeter");
    registry.fail(DOWN);
    time.advance(Duration.ofSeconds(40));
    registry.report(event(Action.DELETE, A));
    registry.report(event(Action.CREATE, B));

    untilLookUp();

    assertEquals(List.of(greeter(B)), cache.get("greeter").result());
    assertTrue(cache.isStale("greeter"));
  }

  @Test
  void deletedServiceIsLookedUpByTheNextCaller() {
    registry.answer(greeter(A));
    known();
    registry.answer();
    registry.report(event(Action.DELETE, A));

    assertEquals(List.of(), known());
    assertEquals(2, registry.lookUps());
    assertEquals(0, registry.watches());
    assertEquals(0, time.armed());
  }

  @Test
  void failingRegistryIsAskedLessAndLessUpToOncePerTtl() {
    registry.answer(greeter(A));
    known();
    registry.fail(DOWN);
    untilLookUp();

    List<Long> waits = new ArrayList<>();
    for (long expected : new long[] {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
      waits.add(untilLookUp());
      long wait = waits.get(waits.size() - 1);
      assertTrue(wait >= 800 * expected && wait <= 1_200 * expected + 10, waits.toString());
    }
  }

  @Test
  void recoveryIsSeenAtTheNextAttempt() {
    registry.answer(greeter(A));
    known();
    registry.fail(DOWN);
    for (int minute = 0; minute < 10; minute++) {
      time.advance(Duration.ofMinutes(1));
      assertEquals(List.of(greeter(A)), known());
    }

    registry.answer(greeter(B));
    time.advance(Duration.ofSeconds(72));

    assertEquals(List.of(greeter(B, A)), known());
    assertFalse(cache.isStale("greeter"));
    time.advance(options.getGrace());
    assertEquals(List.of(greeter(B)), known());
    // and the backoff begins anew at the next outage
    registry.fail(DOWN);
    untilLookUp();
    assertTrue(untilLookUp() <= 1_210);
  }

  // Bounds and closing

  @Test
  void serviceThatNobodyReadsIsForgotten() {
    registry.answer(greeter(A));
    known();

    time.advance(options.getIdleTimeout().plus(options.getTtl().multipliedBy(2)));

    assertEquals(0, registry.watches());
    assertEquals(0, time.armed());
    int before = registry.lookUps();
    assertEquals(List.of(greeter(A)), known());
    assertEquals(before + 1, registry.lookUps());
  }

  @Test
  void serviceThatIsReadNowAndThenIsKept() {
    registry.answer(greeter(A));
    known();
    for (int i = 0; i < 10; i++) {
      time.advance(options.getIdleTimeout().minus(options.getTtl()));
      known();
    }

    assertEquals(1, registry.watches());
  }

  @Test
  void serviceThatNobodyReadsIsKeptWhileTheRegistryFails() {
    registry.answer(greeter(A));
    known();
    registry.fail(DOWN);

    time.advance(options.getMaxStale().minusMinutes(5));

    assertEquals(List.of(greeter(A)), known());
  }

  @Test
  void oneServiceTooManyTakesThePlaceOfOneNotReadLately() {
    for (String read : List.of("one", "two")) {
      CachingRegistry small =
          CachingRegistry.immediate(registry, new CachingOptions().setMaxServices(2), time);
      registry.answer(greeter(A));
      small.get("one");
      small.get("two");
      passTtl(); // both are read again, which wipes the marks of their readers
      small.get(read);

      small.get("three");

      assertEquals(2, registry.watches());
      int before = registry.lookUps();
      small.get(read);
      assertEquals(before, registry.lookUps());
      small.close();
    }
  }

  @Test
  void oneServiceTooManyFindsRoomEvenIfAllWereReadLately() {
    CachingRegistry small =
        CachingRegistry.immediate(registry, new CachingOptions().setMaxServices(2), time);
    registry.answer(greeter(A));
    for (String name : List.of("one", "two", "three", "four", "five")) {
      assertEquals(List.of(greeter(A)), small.get(name).result());
      assertTrue(registry.watches() <= 2);
    }
  }

  @Test
  void lookUpsUnderWayAreNotPushedOut() {
    CachingRegistry small =
        CachingRegistry.immediate(registry, new CachingOptions().setMaxServices(1), time);
    registry.hold();
    Future<List<Service>> first = small.get("one");

    RpcException refused = assertInstanceOf(RpcException.class, small.get("two").cause());

    assertEquals(503, refused.code());
    registry.held().complete(List.of(greeter(A)));
    assertEquals(List.of(greeter(A)), first.result());
  }

  @Test
  void closeEndsWatchesTimersAndWaitingLookUps() {
    registry.answer(greeter(A));
    known();
    registry.hold();
    Future<List<Service>> waiting = cache.get("other");

    assertTrue(cache.close().succeeded());
    assertTrue(cache.close().succeeded());

    assertEquals(503, ((RpcException) waiting.cause()).code());
    assertEquals(0, registry.watches());
    assertEquals(0, time.armed());
    for (Future<?> refused :
        List.of(
            cache.get("greeter"),
            cache.list(),
            cache.register(greeter(A), RegisterOptions.DEFAULT),
            cache.watch("greeter", event -> {}).ready())) {
      assertEquals(503, assertInstanceOf(RpcException.class, refused.cause()).code());
    }
  }

  @Test
  void answerAfterCloseChangesNothing() {
    registry.hold();
    cache.get("greeter");
    cache.close();

    registry.held().complete(List.of(greeter(A)));
    registry.report(event(Action.CREATE, B));

    assertEquals(0, time.armed());
  }

  @Test
  void listRegisterAndWatchGoThrough() {
    MemoryRegistry memory = MemoryRegistry.immediate(time);
    CachingRegistry before = CachingRegistry.immediate(memory, options, time);
    List<RegistryEvent> events = new ArrayList<>();
    before.watch("greeter", events::add);

    Registration registration = before.register(greeter(A), RegisterOptions.FOR_EVER).result();

    assertEquals(List.of("greeter"), before.list().result());
    assertEquals(List.of(event(Action.CREATE, A)), events);
    assertEquals(List.of(greeter(A)), before.get("greeter").result());
    registration.close();
    assertEquals(List.of(), before.get("greeter").result());
  }

  @Test
  void worksOnTheEventLoopOfItsMaker() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      registry.hold();
      Context home = vertx.getOrCreateContext();
      Promise<Thread> answered = Promise.promise();
      Promise<Thread> maker = Promise.promise();
      Promise<CachingRegistry> made = Promise.promise();
      home.runOnContext(
          start -> {
            CachingRegistry cache = CachingRegistry.create(vertx, registry);
            cache.get("greeter").onSuccess(nodes -> answered.complete(Thread.currentThread()));
            maker.complete(Thread.currentThread());
            made.complete(cache);
          });
      CachingRegistry cache = await(made.future());

      registry.held().complete(List.of(greeter(A)));

      assertSame(await(maker.future()), await(answered.future()));
      assertTrue(cache.get("greeter").isComplete());
      await(cache.close());
      assertEquals(0, registry.watches());
    } finally {
      await(vertx.close());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ThreadingModel.class,
      names = {"EVENT_LOOP", "WORKER"})
  void outlivesTheVerticleThatMadeIt(ThreadingModel model) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      MemoryRegistry memory = MemoryRegistry.create(vertx);
      Promise<CachingRegistry> made = Promise.promise();
      String verticle =
          await(
              vertx.deployVerticle(
                  new VerticleBase() {
                    @Override
                    public Future<?> start() {
                      made.complete(
                          CachingRegistry.create(
                              vertx, memory, new CachingOptions().setTtl(Duration.ofSeconds(1))));
                      return Future.succeededFuture();
                    }
                  },
                  new DeploymentOptions().setThreadingModel(model).setWorkerPoolName("own")));
      CachingRegistry cache = await(made.future());
      await(vertx.undeploy(verticle));

      await(memory.register(greeter(A), RegisterOptions.FOR_EVER));
      assertEquals(List.of(greeter(A)), await(cache.get("greeter")));

      // A change comes by the watch, which the cache opened at its home.
      await(memory.register(greeter(B), RegisterOptions.FOR_EVER));
      Promise<Void> seen = Promise.promise();
      vertx.setPeriodic(
          1,
          tick -> {
            if (Versions.nodes(cache.get("greeter").result()) == 2) {
              vertx.cancelTimer(tick);
              seen.complete();
            }
          });
      await(seen.future());
      await(cache.close());
    } finally {
      await(vertx.close());
    }
  }

  @Test
  void lookUpAfterTheEndOfVertxFailsInsteadOfThrowing() throws Exception {
    Vertx vertx = Vertx.vertx();
    CachingRegistry cache = CachingRegistry.create(vertx, registry);
    await(vertx.close());

    RpcException failure = assertInstanceOf(RpcException.class, cache.get("greeter").cause());

    assertEquals(503, failure.code());
    await(cache.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
