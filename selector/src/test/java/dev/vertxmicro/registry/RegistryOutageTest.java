// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What callers are served while the registry is not what it should be, and what is told of it. */
class RegistryOutageTest {

  private static final Node A = Node.of("a", "127.0.0.1:1");
  private static final Node B = Node.of("b", "127.0.0.1:2");
  private static final Node C = Node.of("c", "127.0.0.1:3");
  private static final RpcException DOWN =
      RpcException.client(GrpcStatus.UNAVAILABLE, "consul: connection refused").build();

  private final FakeTimeSource time = new FakeTimeSource();
  private final ScriptedRegistry registry = new ScriptedRegistry();
  private final CachingOptions options = new CachingOptions();
  private final Seen seen = new Seen();
  private final CachingRegistry cache = CachingRegistry.immediate(registry, options, time, seen);

  /** The ways in which a registry is out. */
  enum Outage {
    DOWN(registry -> registry.fail(RegistryOutageTest.DOWN)),
    SLOW(ScriptedRegistry::hold),
    EMPTY(ScriptedRegistry::answer),
    EMPTY_VERSIONS(registry -> registry.answer(greeter())),
    NULL_LIST(registry -> registry.answerWith(() -> Future.succeededFuture(null))),
    NULL_VERSION(
        registry ->
            registry.answerWith(() -> Future.succeededFuture(Arrays.asList(greeter(A), null)))),
    NULL_FUTURE(registry -> registry.answerWith(() -> null)),
    THROWING(
        registry ->
            registry.answerWith(
                () -> {
                  throw new IllegalStateException("garbage");
                })),
    FOREIGN_FAILURE(registry -> registry.fail(new ClassCastException("garbage")));

    private final Consumer<ScriptedRegistry> begin;

    Outage(Consumer<ScriptedRegistry> begin) {
      this.begin = begin;
    }

    boolean isFailure() {
      return this != EMPTY && this != EMPTY_VERSIONS;
    }
  }

  /** Notes what an observer is told. */
  private static final class Seen implements RegistryObserver {
    private final List<String> events = new ArrayList<>();
    private int failures;
    private int unconfirmed;

    @Override
    public void lookUpFailed(String service, RpcException failure) {
      assertEquals(503, failure.code());
      failures++;
    }

    @Override
    public void serviceBecameStale(String service, Duration age) {
      events.add("stale " + service);
    }

    @Override
    public void serviceBecameFresh(String service, Duration age) {
      events.add("fresh after " + age.toMinutes() + " min");
    }

    @Override
    public void serviceGivenUp(String service, Duration age) {
      events.add("gave up after " + age.toMinutes() + " min");
    }

    @Override
    public void nodesUnconfirmed(String service, int before, int now) {
      assertEquals(unconfirmed, before);
      unconfirmed = now;
    }
  }

  private static Service greeter(Node... nodes) {
    return Service.builder("greeter").version("1").build().withNodes(List.of(nodes));
  }

  private static RegistryEvent event(Action action, Node... nodes) {
    return new RegistryEvent(action, greeter(nodes));
  }

  private Set<String> served() {
    Future<List<Service>> answer = cache.get("greeter");
    assertTrue(answer.succeeded(), () -> "not served: " + answer.cause());
    Set<String> ids = new TreeSet<>();
    answer.result().forEach(v -> v.nodes().forEach(node -> ids.add(node.id())));
    return ids;
  }

  /** Lets time pass in steps, and asserts that the same nodes are served all along. */
  private void servedFor(Duration duration, String... ids) {
    for (long passed = 0; passed < duration.toSeconds(); passed += 5) {
      assertEquals(Set.of(ids), served(), passed + " s");
      time.advance(Duration.ofSeconds(5));
    }
  }

  @ParameterizedTest
  @EnumSource
  void callsGoOnBoundedByMaxStaleAndRecoveryAppliesWhatWasMissed(Outage outage) {
    registry.answer(greeter(A, B));
    served();

    outage.begin.accept(registry);
    servedFor(Duration.ofMinutes(55), "a", "b");

    assertTrue(cache.isStale("greeter"));
    assertTrue(cache.age("greeter").orElseThrow().compareTo(Duration.ofMinutes(54)) > 0);
    assertEquals(List.of("stale greeter"), seen.events);
    assertEquals(outage.isFailure(), seen.failures > 0);

    registry.answer(greeter(B, C));
    time.advance(options.getTtl().multipliedBy(2));
    assertTrue(served().containsAll(Set.of("b", "c")));
    time.advance(options.getGrace());

    assertEquals(Set.of("b", "c"), served());
    assertFalse(cache.isStale("greeter"));
    assertEquals(List.of("stale greeter", "fresh after 55 min"), shortened(seen.events));
    assertEquals(0, seen.unconfirmed);
  }

  /** The refresh that ends an outage comes within a TTL, which may be the next minute. */
  private static List<String> shortened(List<String> events) {
    return events.stream().map(event -> event.replace("after 56 min", "after 55 min")).toList();
  }

  @ParameterizedTest
  @EnumSource
  void outageLongerThanMaxStaleGivesUp(Outage outage) {
    registry.answer(greeter(A));
    served();
    outage.begin.accept(registry);

    time.advance(options.getMaxStale().plus(options.getLookUpTimeout()));

    assertFalse(cache.isStale("greeter"));
    assertEquals(List.of("stale greeter", "gave up after 60 min"), seen.events);
    assertEquals(0, registry.watches());
    registry.answer(greeter(B));
    assertEquals(Set.of("b"), served());
  }

  @ParameterizedTest
  @EnumSource
  void coldStartInAnOutageIsNotRemembered(Outage outage) {
    outage.begin.accept(registry);
    Future<List<Service>> first = cache.get("greeter");
    time.advance(options.getLookUpTimeout());

    if (outage.isFailure()) {
      assertEquals(503, assertInstanceOf(RpcException.class, first.cause()).code());
    } else {
      assertEquals(0, Versions.nodes(first.result()));
    }
    registry.answer(greeter(A));
    assertEquals(Set.of("a"), served());
    assertEquals(List.of(), seen.events);
  }

  @Test
  void flappingRegistryTakesNothingAwayAndIsNotAskedWithoutEnd() {
    registry.answer(greeter(A, B));
    served();
    SplittableRandom random = new SplittableRandom(3);
    int before = registry.lookUps();

    for (int second = 0; second < 1_800; second++) {
      switch (random.nextInt(4)) {
        case 0 -> registry.fail(DOWN);
        case 1 -> registry.answer();
        case 2 -> registry.answer(greeter(A, B));
        default -> registry.answer(greeter(B, A));
      }
      time.advance(Duration.ofSeconds(1));
      Set<String> now = served();
      assertTrue(now.containsAll(Set.of("a", "b")), now + " after " + second + " s");
    }

    int asked = registry.lookUps() - before;
    assertTrue(asked < 600, "asked " + asked + " times in half an hour");
  }

  @Test
  void registryThatRestartsEmptyFillsUpWithoutTakingNodesAway() {
    registry.answer(greeter(A, B, C));
    served();

    registry.fail(DOWN);
    servedFor(Duration.ofMinutes(10), "a", "b", "c");
    registry.answer();
    servedFor(Duration.ofSeconds(60), "a", "b", "c");
    registry.answer(greeter(A));
    servedFor(Duration.ofSeconds(75), "a", "b", "c");
    assertEquals(2, seen.unconfirmed);
    registry.report(event(Action.CREATE, B));
    registry.answer(greeter(A, B));
    assertEquals(1, seen.unconfirmed);
    assertEquals(Set.of("a", "b", "c"), served());

    time.advance(options.getGrace());

    assertEquals(Set.of("a", "b"), served());
    assertEquals(0, seen.unconfirmed);
  }

  @Test
  void absenceIsBelievedAfterTheGraceAndNotBefore() {
    registry.answer(greeter(A, B));
    served();
    registry.answer(greeter(A));
    time.advance(options.getTtl());
    assertEquals(1, seen.unconfirmed);
    long asked = registry.lookUps();

    // The absence began with the first answer that lacked the node, within the last TTL.
    time.advance(options.getGrace().minus(options.getTtl().dividedBy(5)).minusMillis(1));
    assertEquals(Set.of("a", "b"), served());
    time.advance(options.getTtl().dividedBy(5));
    assertEquals(Set.of("a"), served());
    assertTrue(registry.lookUps() - asked <= 3, "asked " + (registry.lookUps() - asked));
  }

  @Test
  void nodeThatComesBackWithinItsGraceHasANewOneNextTime() {
    registry.answer(greeter(A, B));
    served();
    for (int round = 0; round < 5; round++) {
      registry.answer(greeter(A));
      time.advance(options.getTtl());
      assertEquals(Set.of("a", "b"), served());
      registry.answer(greeter(A, B));
      time.advance(options.getTtl());
      assertEquals(0, seen.unconfirmed);
    }
    assertEquals(Set.of("a", "b"), served());
  }

  @Test
  void graceBeginsAnewAfterAFailureInWhichNobodyCouldRegister() {
    registry.answer(greeter(A, B));
    served();
    registry.answer(greeter(A));
    time.advance(options.getTtl());
    registry.fail(DOWN);
    time.advance(options.getGrace().multipliedBy(2));

    registry.answer(greeter(A));
    time.advance(options.getTtl().multipliedBy(5).dividedBy(4));
    assertFalse(cache.isStale("greeter"));
    assertEquals(Set.of("a", "b"), served());

    time.advance(options.getGrace());
    assertEquals(Set.of("a"), served());
  }

  @Test
  void reportedDeleteOfAnUnconfirmedNodeIsBelievedAtOnce() {
    registry.answer(greeter(A, B));
    served();
    registry.answer(greeter(A));
    time.advance(options.getTtl());
    assertEquals(Set.of("a", "b"), served());

    registry.report(event(Action.DELETE, B));

    assertEquals(Set.of("a"), served());
    assertEquals(0, seen.unconfirmed);
  }

  @Test
  void nodeThatMovesToAnotherVersionIsNotUnconfirmed() {
    registry.answer(greeter(A, B));
    served();

    registry.answer(greeter(A), greeter(B).toBuilder().version("2").build());
    time.advance(options.getTtl());

    assertEquals(0, seen.unconfirmed);
    assertEquals(
        List.of(greeter(A), greeter(B).toBuilder().version("2").build()),
        cache.get("greeter").result());
  }

  @Test
  void versionOfWhichEveryNodeIsMissingIsKeptAsWell() {
    Service two = greeter(B).toBuilder().version("2").build();
    registry.answer(greeter(A), two);
    served();

    registry.answer(greeter(A));
    time.advance(options.getTtl());
    assertEquals(List.of(greeter(A), two), cache.get("greeter").result());

    time.advance(options.getGrace());
    assertEquals(List.of(greeter(A)), cache.get("greeter").result());
  }

  @Test
  void unconfirmedNodeIsNotServedLongerThanMaxStale() {
    CachingOptions longGrace =
        new CachingOptions().setGrace(Duration.ofHours(10)).setMaxStale(Duration.ofMinutes(5));
    CachingRegistry cache = CachingRegistry.immediate(registry, longGrace, time, seen);
    registry.answer(greeter(A, B));
    cache.get("greeter");
    registry.answer(greeter(A));

    time.advance(Duration.ofMinutes(4));
    assertEquals(2, Versions.nodes(cache.get("greeter").result()));
    time.advance(Duration.ofMinutes(1));
    assertEquals(List.of(greeter(A)), cache.get("greeter").result());

    // and no longer while the registry fails either
    registry.answer(greeter(A, B));
    time.advance(longGrace.getTtl());
    registry.answer(greeter(A));
    time.advance(Duration.ofMinutes(3));
    registry.fail(DOWN);
    time.advance(Duration.ofSeconds(200));
    assertEquals(List.of(greeter(A)), cache.get("greeter").result());
    assertEquals(0, seen.unconfirmed);
  }

  @Test
  void graceOfZeroBelievesAnAnswerAtOnce() {
    CachingRegistry strict =
        CachingRegistry.immediate(registry, new CachingOptions().setGrace(Duration.ZERO), time);
    registry.answer(greeter(A, B));
    strict.get("greeter");

    registry.answer(greeter(A));
    time.advance(options.getTtl());

    assertEquals(List.of(greeter(A)), strict.get("greeter").result());
  }

  @Test
  void partitionedWatchIsMadeUpForByReading() {
    registry.answer(greeter(A, B));
    served();

    // The watch stands and is silent; the registry has long had other nodes.
    registry.answer(greeter(B, C));
    time.advance(options.getTtl());
    assertEquals(Set.of("a", "b", "c"), served());
    time.advance(options.getGrace());

    assertEquals(Set.of("b", "c"), served());
    assertEquals(1, registry.watches());
  }

  @Test
  void watchThatThrowsOrIsNullIsOpenedAgainAtTheNextLookUp() {
    for (boolean throwing : new boolean[] {true, false}) {
      ScriptedRegistry registry = new ScriptedRegistry();
      CachingRegistry cache = CachingRegistry.immediate(registry, options, time);
      registry.answer(greeter(A));
      registry.watchWith(
          () -> {
            if (throwing) {
              throw new IllegalStateException("garbage");
            }
            return null;
          });
      assertEquals(List.of(greeter(A)), cache.get("greeter").result());

      registry.watchWith(null);
      time.advance(options.getTtl());

      assertEquals(1, registry.watches());
      cache.close();
    }
  }

  @Test
  void staleServiceThatIsClosedIsToldAsGivenUp() {
    registry.answer(greeter(A, B));
    served();
    registry.answer(greeter(A));
    time.advance(options.getTtl());
    registry.fail(DOWN);
    time.advance(options.getTtl());
    assertEquals(1, seen.unconfirmed);

    cache.close();

    assertEquals("gave up after 0 min", seen.events.get(1).replace(" 1 ", " 0 "));
    assertEquals(0, seen.unconfirmed);
    assertEquals(0, time.armed());
  }

  @Test
  void deleteOfTheLastStaleNodeIsToldAsGivenUpOnce() {
    registry.answer(greeter(A));
    served();
    registry.fail(DOWN);
    time.advance(options.getTtl());

    registry.report(event(Action.DELETE, A));
    time.advance(Duration.ofHours(2));

    assertEquals(2, seen.events.size(), seen.events.toString());
    assertTrue(seen.events.get(1).startsWith("gave up"), seen.events.toString());
  }

  @Test
  void observerThatThrowsBreaksNothing() {
    RegistryObserver broken =
        new RegistryObserver() {
          @Override
          public void lookUpFailed(String service, RpcException failure) {
            throw new IllegalStateException("broken observer");
          }

          @Override
          public void serviceBecameStale(String service, Duration age) {
            throw new AssertionError("broken observer");
          }

          @Override
          public void serviceBecameFresh(String service, Duration age) {
            throw new IllegalStateException("broken observer");
          }

          @Override
          public void serviceGivenUp(String service, Duration age) {
            throw new IllegalStateException("broken observer");
          }

          @Override
          public void nodesUnconfirmed(String service, int before, int now) {
            throw new IllegalStateException("broken observer");
          }
        };
    CachingRegistry cache = CachingRegistry.immediate(registry, options, time, broken);
    registry.answer(greeter(A, B));
    Future<List<Service>> known = cache.get("greeter");
    known = cache.get("greeter");
    registry.fail(DOWN);
    time.advance(Duration.ofMinutes(2));
    assertSame(known, cache.get("greeter"));
    registry.answer(greeter(A));
    time.advance(options.getTtl().multipliedBy(2));
    time.advance(options.getGrace());

    assertEquals(List.of(greeter(A)), cache.get("greeter").result());
    registry.fail(DOWN);
    time.advance(options.getMaxStale().multipliedBy(2));
    assertEquals(0, time.armed());
  }
}
