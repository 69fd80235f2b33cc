// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.CompositeOptions.Reading;
import dev.vertxmicro.registry.CompositeOptions.Writing;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompositeRegistryTest {

  private static final Node A = Node.of("a", "127.0.0.1:1");
  private static final Node B = Node.of("b", "127.0.0.1:2");
  private static final Node C = Node.of("c", "127.0.0.1:3");
  private static final RpcException DOWN =
      RpcException.client(GrpcStatus.UNAVAILABLE, "consul: connection refused").build();

  private final FakeTimeSource time = new FakeTimeSource();
  private final ScriptedRegistry first = new ScriptedRegistry();
  private final ScriptedRegistry second = new ScriptedRegistry();
  private final CompositeOptions options = new CompositeOptions();
  private final List<RegistryEvent> events = new ArrayList<>();
  private CompositeRegistry registry;

  private void open(Reading reading) {
    registry =
        CompositeRegistry.immediate(options.setReading(reading), time, List.of(first, second));
  }

  private static Service greeter(Node... nodes) {
    return Service.builder("greeter").version("1").build().withNodes(List.of(nodes));
  }

  private static RegistryEvent event(Action action, Node... nodes) {
    return new RegistryEvent(action, greeter(nodes));
  }

  private Set<String> ids() {
    Future<List<Service>> answer = registry.get("greeter");
    assertTrue(answer.succeeded(), () -> "not known: " + answer.cause());
    return answer.result().stream()
        .flatMap(version -> version.nodes().stream())
        .map(Node::id)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private RpcException failure() {
    return assertInstanceOf(RpcException.class, registry.get("greeter").cause());
  }

  private List<RegistryEvent> reported() {
    List<RegistryEvent> now = List.copyOf(events);
    events.clear();
    return now;
  }

  // Both

  @ParameterizedTest
  @EnumSource
  void memberThatFailsDoesNotFailTheRest(Reading reading) {
    open(reading);
    second.answer(greeter(B));

    first.fail(DOWN);
    assertEquals(Set.of("b"), ids());
    first.answerWith(
        () -> {
          throw new IllegalStateException("garbage");
        });
    assertEquals(Set.of("b"), ids());
    first.answerWith(() -> null);
    assertEquals(Set.of("b"), ids());
    first.answerWith(() -> Future.succeededFuture(null));
    assertEquals(Set.of("b"), ids());
    first.answerWith(() -> Future.succeededFuture(Arrays.asList(greeter(A), null)));
    assertEquals(Set.of("b"), ids());
  }

  @ParameterizedTest
  @EnumSource
  void memberThatHangsIsNotWaitedForForEver(Reading reading) {
    open(reading);
    first.hold();
    second.answer(greeter(B));
    Future<List<Service>> answer = registry.get("greeter");
    assertFalse(answer.isComplete());

    time.advance(options.getMemberTimeout());

    assertEquals(List.of(greeter(B)), answer.result());
    first.held().complete(List.of(greeter(A)));
    assertEquals(0, time.armed());
  }

  @ParameterizedTest
  @EnumSource
  void unknownIsOnlyWhatEveryMemberSaysIsUnknown(Reading reading) {
    open(reading);
    assertEquals(Set.of(), ids());

    first.fail(DOWN);
    RpcException failure = failure();
    assertEquals(503, failure.code());
    assertTrue(failure.detail().contains("connection refused"), failure.detail());
    assertSame(DOWN, failure.getCause());

    second.fail(new IllegalStateException("other"));
    assertEquals(1, failure().getSuppressed().length);
  }

  @ParameterizedTest
  @EnumSource
  void callersShareOneLookUp(Reading reading) {
    open(reading);
    first.hold();
    Future<List<Service>> one = registry.get("greeter");
    Future<List<Service>> two = registry.get("greeter");

    first.held().complete(List.of(greeter(A)));

    assertEquals(List.of(greeter(A)), one.result());
    assertEquals(List.of(greeter(A)), two.result());
    assertEquals(1, first.lookUps());
  }

  @ParameterizedTest
  @EnumSource
  void watchStandsWhenOneMemberDoesAndFailsWhenNoneDoes(Reading reading) {
    open(reading);
    first.ready(Future.failedFuture("no watch"));
    Watch watch = registry.watch("greeter", events::add);
    assertTrue(watch.ready().succeeded());
    assertEquals(0, first.watches());
    watch.close();
    watch.close();
    assertEquals(0, second.watches());

    second.ready(Future.failedFuture("no watch"));
    assertTrue(registry.watch("greeter", events::add).ready().failed());
    assertEquals(0, time.armed());
  }

  @ParameterizedTest
  @EnumSource
  void watchOfAMemberThatHangsIsNotWaitedForForEver(Reading reading) {
    open(reading);
    first.ready(Promise.<Void>promise().future());
    Watch watch = registry.watch("greeter", events::add);
    assertFalse(watch.ready().isComplete());

    time.advance(options.getMemberTimeout());

    assertTrue(watch.ready().succeeded());
  }

  @ParameterizedTest
  @EnumSource
  void watchOfAMemberThatFailedIsOpenedAgainByTheNextLookUp(Reading reading) {
    open(reading);
    first.ready(Future.failedFuture("no watch"));
    second.watchWith(
        () -> {
          throw new IllegalStateException("garbage");
        });
    registry.watch("greeter", events::add);
    first.ready(Future.succeededFuture());
    second.watchWith(null);

    registry.get("greeter");
    registry.get("greeter");

    assertEquals(1, first.watches());
    assertEquals(1, second.watches());
    first.report(event(Action.CREATE, A));
    assertEquals(List.of(event(Action.CREATE, A)), reported());
  }

  @ParameterizedTest
  @EnumSource
  void closedWatchReportsNothingAndOthersGoOn(Reading reading) {
    open(reading);
    Watch closed = registry.watch("greeter", event -> events.add(null));
    registry.watch("greeter", events::add);
    closed.close();

    first.report(event(Action.CREATE, A));

    assertEquals(List.of(event(Action.CREATE, A)), events);
    assertEquals(1, first.watches());
  }

  // Failover

  @Test
  void firstMemberThatHasNodesAnswers() {
    open(Reading.FAILOVER);
    first.answer(greeter(A));
    second.answer(greeter(B));
    assertEquals(Set.of("a"), ids());
    assertEquals(0, second.lookUps());

    first.answer(greeter());
    assertEquals(Set.of("b"), ids());
    first.answer(greeter(A));
    assertEquals(Set.of("a"), ids());
  }

  @Test
  void changesAreThoseOfTheMemberThatAnswers() {
    open(Reading.FAILOVER);
    registry.watch("greeter", events::add);
    first.answer(greeter(A));
    second.answer(greeter(B));
    ids();

    second.report(event(Action.DELETE, B));
    assertEquals(List.of(), reported());
    first.report(event(Action.CREATE, C));
    assertEquals(List.of(event(Action.CREATE, C)), reported());

    first.fail(DOWN);
    ids();
    first.report(event(Action.DELETE, A));
    assertEquals(List.of(), reported());
    second.report(event(Action.UPDATE, B));
    assertEquals(List.of(event(Action.UPDATE, B)), reported());
  }

  @Test
  void firstMemberToKnowAnUnknownServiceReportsIt() {
    open(Reading.FAILOVER);
    registry.watch("greeter", events::add);
    ids();

    second.report(event(Action.CREATE, B));
    first.report(event(Action.CREATE, A));

    assertEquals(List.of(event(Action.CREATE, B)), reported());
  }

  // Union

  @Test
  void unionHasTheNodesOfAllAndEachIdOnce() {
    open(Reading.UNION);
    first.answer(greeter(A, B));
    second.answer(
        greeter(Node.of("b", "127.0.0.1:9"), C), greeter(C).toBuilder().version("2").build());

    assertEquals(List.of(greeter(A, B, C)), registry.get("greeter").result());
  }

  @Test
  void nodeThatOneDeletesAndAnotherNamesIsNotDeleted() {
    open(Reading.UNION);
    registry.watch("greeter", events::add);
    first.answer(greeter(A, B));
    second.answer(greeter(B));
    ids();

    first.report(event(Action.DELETE, B));
    assertEquals(List.of(), reported());
    first.report(event(Action.DELETE, A));
    assertEquals(List.of(event(Action.DELETE, A)), reported());
    second.report(event(Action.DELETE));
    assertEquals(List.of(event(Action.DELETE, B)), reported());
  }

  @Test
  void nodeThatBothNameChangesAsTheFirstSays() {
    open(Reading.UNION);
    registry.watch("greeter", events::add);
    first.answer(greeter(A));
    second.answer(greeter(A));
    ids();
    Node moved = Node.of("a", "127.0.0.1:9");

    second.report(event(Action.UPDATE, moved));
    assertEquals(List.of(), reported());
    first.report(event(Action.UPDATE, moved));
    assertEquals(List.of(event(Action.UPDATE, moved)), reported());
    first.report(event(Action.DELETE, moved));
    assertEquals(List.of(), reported());
  }

  @Test
  void deleteOfWhatWasNeverReadIsPassedOn() {
    open(Reading.UNION);
    registry.watch("greeter", events::add);

    first.report(event(Action.DELETE, A));

    assertEquals(List.of(event(Action.DELETE, A)), reported());
  }

  @Test
  void memberThatFailsTakesPartWithItsLastAnswerForMaxStale() {
    open(Reading.UNION);
    first.answer(greeter(A));
    second.answer(greeter(B));
    ids();

    first.fail(DOWN);
    time.advance(options.getMaxStale().minusSeconds(1));
    assertEquals(Set.of("a", "b"), ids());
    time.advance(Duration.ofSeconds(1));

    assertEquals(Set.of("b"), ids());
  }

  @Test
  void changeReportedDuringALookUpIsNotLostToAnOlderAnswer() {
    open(Reading.UNION);
    registry.watch("greeter", events::add);
    first.hold();
    Future<List<Service>> answer = registry.get("greeter");
    first.report(event(Action.DELETE, A));
    first.report(event(Action.CREATE, C));

    first.held().complete(List.of(greeter(A, B)));

    assertEquals(List.of(greeter(B, C)), answer.result());
  }

  @Test
  void unionUnderACacheServesWhileOneMemberIsOut() {
    open(Reading.UNION);
    CachingRegistry cache = CachingRegistry.immediate(registry, new CachingOptions(), time);
    first.answer(greeter(A));
    second.answer(greeter(B));
    cache.get("greeter");

    first.fail(DOWN);
    for (int minute = 0; minute < 58; minute++) {
      time.advance(Duration.ofMinutes(1));
      assertEquals(2, Versions.nodes(cache.get("greeter").result()), "minute " + minute);
      assertFalse(cache.isStale("greeter"));
    }
  }

  // Names

  @Test
  void namesAreThoseOfTheFirstThatAnswersOrOfAll() {
    open(Reading.FAILOVER);
    first.answer(greeter(A));
    second.answer(Service.builder("clock").node(B).build());
    assertEquals(List.of("greeter"), registry.list().result());
    first.fail(DOWN);
    assertEquals(List.of("clock"), registry.list().result());

    open(Reading.UNION);
    assertEquals(List.of("clock"), registry.list().result());
    first.answer(greeter(A));
    assertEquals(List.of("clock", "greeter"), registry.list().result());

    first.fail(DOWN);
    second.fail(DOWN);
    for (Reading reading : Reading.values()) {
      open(reading);
      assertEquals(503, ((RpcException) registry.list().cause()).code());
    }
  }

  // Writing

  private CompositeRegistry writing(Writing writing, Registry... members) {
    return CompositeRegistry.immediate(
        new CompositeOptions().setWriting(writing), time, List.of(members));
  }

  @Test
  void registrationGoesToTheFirstOrToAll() {
    MemoryRegistry one = MemoryRegistry.immediate(time);
    MemoryRegistry two = MemoryRegistry.immediate(time);
    for (Writing writing : Writing.values()) {
      CompositeRegistry composite = writing(writing, one, two);
      Registration registration = composite.register(greeter(A), RegisterOptions.FOR_EVER).result();
      assertEquals(greeter(A), registration.service());
      assertEquals(1, one.get("greeter").result().size());
      assertEquals(writing == Writing.ALL ? 1 : 0, two.get("greeter").result().size());

      assertTrue(registration.close().succeeded());
      assertTrue(registration.close().succeeded());
      assertEquals(0, one.get("greeter").result().size());
      assertEquals(0, two.get("greeter").result().size());
    }
  }

  @Test
  void registrationThatOneMemberRefusesIsTriedAgainThereUntilItIsClosed() {
    Late late = new Late(MemoryRegistry.immediate(time));
    MemoryRegistry other = MemoryRegistry.immediate(time);
    CompositeRegistry composite = writing(Writing.ALL, late, other);

    Registration registration = composite.register(greeter(A), RegisterOptions.FOR_EVER).result();
    time.advance(Duration.ofMinutes(5));
    assertEquals(11, late.tries);
    late.up = true;
    time.advance(Duration.ofSeconds(CompositeRegistration.RETRY_SECONDS));

    assertEquals(List.of(greeter(A)), late.get("greeter").result());
    assertEquals(0, time.armed());
    registration.close();
    assertEquals(List.of(), late.get("greeter").result());
  }

  @Test
  void registrationThatIsClosedIsNotTriedAgain() {
    Late late = new Late(MemoryRegistry.immediate(time));
    CompositeRegistry composite = writing(Writing.ALL, MemoryRegistry.immediate(time), late);
    Registration registration = composite.register(greeter(A), RegisterOptions.FOR_EVER).result();

    registration.close();
    late.up = true;
    time.advance(Duration.ofHours(1));

    assertEquals(1, late.tries);
    assertEquals(List.of(), late.get("greeter").result());
  }

  @Test
  void memberThatHangsDoesNotHoldUpARegistrationAndMayTakeItLater() {
    MemoryRegistry one = MemoryRegistry.immediate(time);
    Late hanging = new Late(MemoryRegistry.immediate(time));
    Promise<Registration> held = Promise.promise();
    hanging.held = held.future();
    CompositeRegistry composite = writing(Writing.ALL, hanging, one);

    Future<Registration> registered = composite.register(greeter(A), RegisterOptions.FOR_EVER);
    assertFalse(registered.isComplete());
    time.advance(options.getMemberTimeout());
    assertTrue(registered.succeeded());
    time.advance(Duration.ofMinutes(5));
    assertEquals(1, hanging.tries);

    held.handle(hanging.memory.register(greeter(A), RegisterOptions.FOR_EVER));
    time.advance(Duration.ofMinutes(5));
    assertEquals(0, time.armed());
    registered.result().close();
    assertEquals(List.of(), hanging.get("greeter").result());
    assertEquals(List.of(), one.get("greeter").result());
  }

  @Test
  void registrationThatFailedAndIsTakenLateIsGivenBack() {
    Late hanging = new Late(MemoryRegistry.immediate(time));
    Promise<Registration> held = Promise.promise();
    hanging.held = held.future();
    Future<Registration> registered =
        writing(Writing.FIRST, hanging).register(greeter(A), RegisterOptions.FOR_EVER);
    time.advance(options.getMemberTimeout());
    assertEquals(503, ((RpcException) registered.cause()).code());

    held.handle(hanging.memory.register(greeter(A), RegisterOptions.FOR_EVER));

    assertEquals(List.of(), hanging.get("greeter").result());
    assertEquals(0, time.armed());
  }

  @Test
  void registrationThatNobodyTakesFails() {
    RpcException refused =
        assertInstanceOf(
            RpcException.class,
            writing(Writing.ALL, first, second)
                .register(greeter(A), RegisterOptions.FOR_EVER)
                .cause());

    assertEquals(503, refused.code());
    assertTrue(refused.detail().contains("register greeter"), refused.detail());
    assertEquals(0, time.armed());
  }

  /** Takes registrations only once it is up. */
  private static final class Late implements Registry {
    private final MemoryRegistry memory;
    private boolean up;
    private Future<Registration> held;
    private int tries;

    Late(MemoryRegistry memory) {
      this.memory = memory;
    }

    @Override
    public Future<Registration> register(Service service, RegisterOptions options) {
      tries++;
      if (held != null) {
        return held;
      }
      return up ? memory.register(service, options) : Future.failedFuture(DOWN);
    }

    @Override
    public Future<List<Service>> get(String service) {
      return memory.get(service);
    }

    @Override
    public Future<List<String>> list() {
      return memory.list();
    }

    @Override
    public Watch watch(String service, io.vertx.core.Handler<RegistryEvent> handler) {
      return memory.watch(service, handler);
    }

    @Override
    public Future<Void> close() {
      return memory.close();
    }
  }

  // The end

  @Test
  void closeEndsWatchesAndRegistrationsAndLeavesTheMembersOpen() {
    MemoryRegistry one = MemoryRegistry.immediate(time);
    registry = CompositeRegistry.immediate(options, time, List.of(one, second));
    registry.register(greeter(A), RegisterOptions.DEFAULT);
    registry.watch("greeter", events::add);
    second.hold();
    Future<List<Service>> waiting = registry.get("nobody");

    assertTrue(registry.close().succeeded());
    assertTrue(registry.close().succeeded());

    assertEquals(503, ((RpcException) waiting.cause()).code());
    assertEquals(0, second.watches());
    assertEquals(List.of(), one.get("greeter").result());
    time.advance(options.getMemberTimeout());
    assertEquals(0, time.armed());
  }

  @Test
  void noMemberIsRefused() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> CompositeRegistry.immediate(options, time, List.of()));

    assertEquals("members: none (expected: at least one)", refused.getMessage());
  }

  @Test
  void rememberedServicesAreBounded() {
    options.setMaxServices(2);
    open(Reading.UNION);
    first.answer(greeter(A));
    for (int i = 0; i < 10; i++) {
      registry.get("s" + i);
    }
    first.fail(DOWN);

    assertTrue(registry.get("s9").succeeded());
    assertTrue(registry.get("s0").failed());
  }

  @Test
  void eventsRunOnTheContextOfTheWatcher() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      MemoryRegistry memory = MemoryRegistry.create(vertx);
      CompositeRegistry composite =
          CompositeRegistry.create(vertx, new CompositeOptions(), List.of(memory));
      Promise<Context> watching = Promise.promise();
      Promise<Context> told = Promise.promise();
      vertx.runOnContext(
          start -> {
            Watch watch =
                composite.watch("greeter", event -> told.complete(Vertx.currentContext()));
            Context here = Vertx.currentContext();
            watch.ready().onSuccess(stands -> watching.complete(here));
          });
      Context watcher = await(watching.future());

      await(composite.register(greeter(A), RegisterOptions.FOR_EVER));

      assertSame(watcher, await(told.future()));
      assertEquals(List.of(greeter(A)), await(composite.get("greeter")));
      await(composite.close());
      assertEquals(List.of(), await(memory.get("greeter")));
    } finally {
      await(vertx.close());
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
