// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.FakeWires.FakeWire;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeerRegistryTest {

  static final Duration ANSWER = Duration.ofMillis(100);

  private static final Duration PROBE = Duration.ofSeconds(4);
  private static final RegisterOptions LIVING =
      new RegisterOptions(Duration.ofSeconds(9), Duration.ofSeconds(3));

  private final FakeTimeSource time = new FakeTimeSource();
  private final FakeWires wires = new FakeWires();
  private final FakeWire wire = wires.join();
  private final PeerRegistry registry = registry(wire, time);
  private final PeerRegistry other = registry(wires.join(), time);
  private final List<RegistryEvent> events = new ArrayList<>();

  static PeerRegistry registry(FakeWire wire, FakeTimeSource time) {
    return registry(wire, time, 0, 100);
  }

  private static PeerRegistry registry(
      FakeWire wire, FakeTimeSource time, int quorum, int maxNodes) {
    return new PeerRegistry(
        wire,
        new PeerSettings("fake", ANSWER, quorum, PROBE, Duration.ofSeconds(1), maxNodes, 2),
        time,
        Home.IMMEDIATE,
        () -> Runnable::run,
        new Complaints(System.getLogger("fake"), time));
  }

  private static Service greeter(String version, String... ids) {
    Service.Builder service = Service.builder("greeter").version(version);
    for (String id : ids) {
      service.node(Node.of(id, "127.0.0.1:" + (1_000 + id.charAt(0))));
    }
    return service.build();
  }

  private List<Service> found(PeerRegistry in) {
    Future<List<Service>> answer = in.get("greeter");
    time.advance(ANSWER);
    return answer.result();
  }

  private void watch() {
    Watch watch = other.watch("greeter", events::add);
    time.advance(ANSWER);
    assertTrue(watch.ready().succeeded());
  }

  @Test
  void waitsForAnswersUntilTheTimeIsOver() {
    registry.register(greeter("1", "a"), LIVING);

    Future<List<Service>> answer = other.get("greeter");
    time.advance(ANSWER.minusNanos(1));
    assertFalse(answer.isComplete());
    time.advance(Duration.ofNanos(1));

    assertEquals(List.of(greeter("1", "a")), answer.result());
  }

  @Test
  void enoughNodesOfOneVersionEndALookUp() {
    PeerRegistry hasty = registry(wires.join(), time, 2, 100);
    registry.register(greeter("1", "a"), LIVING);
    registry.register(greeter("2", "b"), LIVING);
    assertFalse(hasty.get("greeter").isComplete());

    registry.register(greeter("2", "c"), LIVING);

    assertTrue(hasty.get("greeter").succeeded());
  }

  @Test
  void nobodyWhoListensEndsALookUp() {
    assertEquals(List.of(), registry.get("greeter").result());
    assertEquals(0, time.armed());
  }

  @Test
  void whoHasDiedIsNotFound() {
    registry.register(greeter("1", "a"), LIVING);
    other.register(greeter("1", "b"), LIVING);

    wire.die();

    assertEquals(List.of(greeter("1", "b")), found(other));
  }

  @Test
  void watchReportsWhoHasDiedAfterItsTtl() {
    registry.register(greeter("1", "a"), LIVING);
    watch();

    wire.die();
    time.advance(FakeWires.TTL.minus(ANSWER).minusNanos(1));
    assertEquals(List.of(), events);
    time.advance(Duration.ofNanos(1));

    assertEquals(List.of(new RegistryEvent(Action.DELETE, greeter("1", "a"))), events);
  }

  @Test
  void whoAnswersNeedNotAnnounceItself() {
    registry.register(greeter("1", "a"), RegisterOptions.FOR_EVER);
    watch();

    time.advance(FakeWires.TTL.multipliedBy(20));

    assertEquals(List.of(), events);
    assertTrue(wires.questions > 20, () -> wires.questions + " questions");
  }

  @Test
  void whoAnnouncesItselfIsNotAsked() {
    registry.register(greeter("1", "a"), LIVING);
    watch();
    int before = wires.questions;

    time.advance(FakeWires.TTL.multipliedBy(20));

    assertEquals(before, wires.questions);
    assertEquals(List.of(), events);
  }

  @Test
  void registrationWithoutSignsOfLifeEndsWithItsTtl() {
    watch();
    registry.register(greeter("1", "a"), new RegisterOptions(Duration.ofSeconds(3), Duration.ZERO));

    time.advance(Duration.ofSeconds(3));

    assertEquals(
        List.of(
            new RegistryEvent(Action.CREATE, greeter("1", "a")),
            new RegistryEvent(Action.DELETE, greeter("1", "a"))),
        events);
    assertEquals(List.of(), found(other));
  }

  @Test
  void nobodyGoesWhileTheWireIsLost() {
    registry.register(greeter("1", "a"), LIVING);
    watch();

    wires.lose();
    time.advance(FakeWires.TTL.multipliedBy(5));
    wires.restore();
    time.advance(FakeWires.TTL.minusSeconds(1));

    assertEquals(List.of(), events);
  }

  @Test
  void whoDiedWhileTheWireWasLostGoesATtlAfterItIsBack() {
    registry.register(greeter("1", "a"), LIVING);
    watch();

    wires.lose();
    wire.die();
    time.advance(FakeWires.TTL.multipliedBy(5));
    wires.restore();
    time.advance(FakeWires.TTL.minusSeconds(1));
    assertEquals(List.of(), events);
    time.advance(PROBE);

    assertEquals(List.of(new RegistryEvent(Action.DELETE, greeter("1", "a"))), events);
  }

  @Test
  void whatWasMissedIsHeardWhenTheWireIsBack() {
    Future<Registration> first = registry.register(greeter("1", "a"), RegisterOptions.FOR_EVER);
    watch();
    assertTrue(first.succeeded());
    FakeWire late = wires.join();
    PeerRegistry third = registry(late, time);

    wires.lose();
    assertFailed(third.register(greeter("1", "c"), LIVING));
    wires.restore();
    assertEquals(List.of(), events);
    third.register(greeter("1", "c"), LIVING);

    assertEquals(List.of(new RegistryEvent(Action.CREATE, greeter("1", "c"))), events);
  }

  private static void assertFailed(Future<?> future) {
    RpcException failure = assertInstanceOf(RpcException.class, future.cause());
    assertEquals(503, failure.code());
    assertEquals(Processed.NOT_SENT, failure.processed());
  }

  @Test
  void lookUpFailsWhenTheWireIsLostMeanwhile() {
    registry.register(greeter("1", "a"), LIVING);
    Future<List<Service>> answer = other.get("greeter");

    wires.lose();

    assertFailed(answer);
    assertFailed(other.get("greeter"));
    assertFailed(other.list());
  }

  @Test
  void watchStandsWhenTheWireCanBeOpened() {
    registry.register(greeter("1", "a"), LIVING);
    wires.lose();
    Watch watch = other.watch("greeter", events::add);
    time.advance(Duration.ofSeconds(10));
    assertFalse(watch.ready().isComplete());

    wires.restore();
    time.advance(Duration.ofSeconds(2));

    assertTrue(watch.ready().succeeded());
    registry.register(greeter("1", "b"), LIVING);
    assertEquals(List.of(new RegistryEvent(Action.CREATE, greeter("1", "b"))), events);
  }

  @Test
  void nodeThatMovesToAnotherVersionLeavesTheOldOne() {
    registry.register(greeter("1", "a", "b"), LIVING);
    watch();

    registry.register(greeter("2", "a"), LIVING);

    assertEquals(
        List.of(
            new RegistryEvent(Action.DELETE, greeter("1", "a")),
            new RegistryEvent(Action.CREATE, greeter("2", "a"))),
        events);
    assertEquals(List.of(greeter("1", "b"), greeter("2", "a")), found(other));
  }

  @Test
  void deleteWithoutNodesTakesTheVersion() {
    registry.register(greeter("1", "a"), LIVING);
    registry.register(greeter("2", "b"), LIVING);
    watch();

    wires.join().withdraw(greeter("1"));

    assertEquals(List.of(new RegistryEvent(Action.DELETE, greeter("1", "a"))), events);
  }

  @Test
  void nodesBeyondTheBoundAreLeftOut() {
    PeerRegistry small = registry(wires.join(), time, 0, 2);
    small.watch("greeter", events::add);
    time.advance(ANSWER);

    registry.register(greeter("1", "a", "b", "c"), LIVING);

    assertEquals(List.of(greeter("1", "a", "b")), found(small));
    assertEquals(List.of(new RegistryEvent(Action.CREATE, greeter("1", "a", "b"))), events);
  }

  @Test
  void servicesBeyondTheBoundAreNotWatched() {
    Watch first = other.watch("a", events::add);
    other.watch("b", events::add);
    RpcException refused =
        assertInstanceOf(RpcException.class, other.watch("c", events::add).ready().cause());
    assertTrue(refused.getMessage().contains("2 services"), refused.getMessage());

    first.close();
    time.advance(ANSWER);

    assertEquals(null, other.watch("c", events::add).ready().cause());
  }

  @Test
  void whatCannotBeWrittenIsNotRegistered() {
    Service unfit = Service.builder("greeter").node(Node.of("unwritable", "127.0.0.1:1")).build();

    RpcException refused =
        assertInstanceOf(RpcException.class, registry.register(unfit, LIVING).cause());

    assertEquals(400, refused.code());
    assertEquals(0, time.armed());
    assertEquals(List.of(), found(other));
  }

  @Test
  void closeLeavesNoTimer() {
    registry.register(greeter("1", "a"), LIVING);
    registry.register(greeter("1", "b"), new RegisterOptions(Duration.ofSeconds(3), Duration.ZERO));
    watch();
    Future<List<Service>> answer = other.get("greeter");

    registry.close();
    other.close();

    assertFailed(answer);
    assertEquals(0, time.armed());
  }
}
