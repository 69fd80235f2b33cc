// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryContract;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.registry.RegistryProvider;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The registry over an etcd in memory, on virtual time. */
class EtcdRegistryTest extends RegistryContract {

  private static final String KEY = "/micro/registry/greeter/";
  private static final Duration TTL = Duration.ofSeconds(10);
  private static final RegisterOptions LIVING = new RegisterOptions(TTL, Duration.ofSeconds(3));

  private final FakeTimeSource time = new FakeTimeSource();
  private final FakeEtcd etcd = new FakeEtcd(time);
  private final List<RegistryEvent> events = new ArrayList<>();

  @Override
  protected Registry open() {
    return open(new EtcdOptions());
  }

  private EtcdRegistry open(EtcdOptions options) {
    return new EtcdRegistry(Home.immediate(time), etcd, options, time, () -> Runnable::run);
  }

  @Override
  protected void pass(Duration duration) {
    time.advance(duration);
  }

  private static Service greeter(String version, Node... nodes) {
    return Service.builder("greeter").version(version).build().withNodes(List.of(nodes));
  }

  private static Node node(String id, int port) {
    return Node.of(id, "127.0.0.1:" + port);
  }

  private static String json(String id, int port) {
    return "{\"name\":\"greeter\",\"version\":\"1\",\"nodes\":[{\"id\":\""
        + id
        + "\",\"address\":\"127.0.0.1:"
        + port
        + "\"}]}";
  }

  private void put(String id, int port) {
    etcd.put(KEY + id, json(id, port));
  }

  private List<RegistryEvent> takeEvents() {
    List<RegistryEvent> taken = List.copyOf(events);
    events.clear();
    return taken;
  }

  private static RegistryEvent event(Action action, Node... nodes) {
    return new RegistryEvent(action, greeter("1", nodes));
  }

  private static RpcException failure(Future<?> future) {
    return assertInstanceOf(RpcException.class, future.cause());
  }

  // reading

  @Test
  void isFoundByItsName() {
    RegistryProvider provider =
        ServiceLoader.load(RegistryProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(found -> found.name().equals("etcd"))
            .findFirst()
            .orElseThrow();

    assertInstanceOf(EtcdRegistries.class, provider);
  }

  @Test
  void whatIsNoEntryOfTheServiceIsSkippedAndTheRestServed() {
    put("a", 1);
    etcd.put(KEY + "garbage", "{");
    etcd.put(KEY + "empty", "");
    etcd.put(KEY + "list", "[]");
    etcd.put(KEY + "nodeless", "{\"name\":\"greeter\",\"version\":\"1\",\"nodes\":null}");
    etcd.put(KEY + "port", json("port", 70_000));
    etcd.put(KEY + "copy", json("a", 2));
    etcd.put(KEY + "below/c", json("below/c", 3));
    etcd.put(
        KEY + "two",
        "{\"name\":\"greeter\",\"version\":\"1\",\"nodes\":[{\"id\":\"two\",\"address\":\"h:1\"},"
            + "{\"id\":\"three\",\"address\":\"h:2\"}]}");
    etcd.put(
        KEY + "other",
        "{\"name\":\"other\",\"version\":\"1\",\"nodes\":[{\"id\":\"other\",\"address\":\"h:1\"}]}");
    put("b", 2);

    assertEquals(List.of(greeter("1", node("a", 1), node("b", 2))), await(open().get("greeter")));
  }

  @Test
  void namesWithASlashShareKeysAndNotNodes() {
    Registry registry = open();
    Service slash = Service.builder("a/b").node(node("x/1", 1)).build();
    Service dash = Service.builder("a-b").node(node("y", 2)).build();
    await(registry.register(slash, LIVING));
    await(registry.register(dash, LIVING));

    assertEquals(List.of(slash), await(registry.get("a/b")));
    assertEquals(List.of(dash), await(registry.get("a-b")));
    assertEquals(List.of("a-b"), await(registry.list()));
    assertTrue(etcd.value("/micro/registry/a-b/x-1").contains("\"x/1\""));
  }

  @Test
  void aServiceOfManyNodesIsReadInPages() {
    Node[] nodes = IntStream.range(0, 2_500).mapToObj(i -> node("n" + i, 1)).toArray(Node[]::new);
    await(open().register(greeter("1", nodes), LIVING));
    etcd.asked();

    List<Service> found = await(open().get("greeter"));

    assertEquals(2_500, found.get(0).nodes().size());
    assertEquals(List.of("range", "range", "range"), etcd.asked());
  }

  @Test
  void pagesThatAreTooLargeAreReadInSmallerOnes() {
    Node[] nodes = IntStream.range(0, 500).mapToObj(i -> node("n" + i, 1)).toArray(Node[]::new);
    await(open().register(greeter("1", nodes), LIVING));
    etcd.limitPages(100);

    assertEquals(500, await(open().get("greeter")).get(0).nodes().size());
  }

  @Test
  void entriesThatAreTooLargeByThemselvesAreSkipped() {
    put("a", 1);
    etcd.limitPages(0);

    assertEquals(List.of(), await(open().get("greeter")));
  }

  @Test
  void moreNodesThanAllowedAreAFailure() {
    put("a", 1);
    put("b", 2);
    put("c", 3);

    RpcException failure = failure(open(new EtcdOptions().setMaxNodes(2)).get("greeter"));

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure.grpcStatus());
    assertTrue(failure.detail().contains("maxNodes"), failure.detail());
  }

  @Test
  void namesAreListedFromKeysOnlyAndForeignKeysPassedOver() {
    IntStream.range(0, 2_300).forEach(i -> put("n" + i, 1));
    etcd.put("/micro/registry/clock/1", "{");
    etcd.put("/micro/registry/no-node", "");
    etcd.put("/micro/registry/", "");
    etcd.put("/micro/registry/zebra/1", "");
    etcd.put("/micro/other/x/1", "");
    etcd.asked();

    assertEquals(List.of("clock", "greeter", "zebra"), await(open().list()));
    // Not three: the second begins behind the service that the first ended in.
    assertEquals(List.of("range", "range"), etcd.asked());
  }

  @Test
  void anEtcdThatHasTooMuchToDoIsNotAskedForLess() {
    etcd.fail(GrpcStatus.RESOURCE_EXHAUSTED);

    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure(open().get("greeter")).grpcStatus());
    assertEquals(GrpcStatus.RESOURCE_EXHAUSTED, failure(open().list()).grpcStatus());
    assertEquals(List.of("range", "range"), etcd.asked());
  }

  @Test
  void notBeingAllowedIsAFailureAndNotAnEmptyAnswer() {
    etcd.fail(GrpcStatus.PERMISSION_DENIED);
    Registry registry = open();

    for (Future<?> refused :
        List.of(
            registry.get("greeter"),
            registry.list(),
            registry.register(greeter("1", node("a", 1)), LIVING),
            registry.watch("greeter", events::add).ready())) {
      assertEquals(403, failure(refused).code());
    }
    assertEquals(Processed.NOT_SENT, failure(registry.get("greeter")).processed());
  }

  // registering

  @Test
  void eachNodeIsOneEntryOnOneLeaseOfTheTtlInWholeSeconds() {
    RegisterOptions options = new RegisterOptions(Duration.ofMillis(1_500), Duration.ofSeconds(1));
    await(open().register(greeter("1", node("a", 1), node("b", 2)), options));

    assertTrue(etcd.value(KEY + "a").contains("\"127.0.0.1:1\""));
    assertFalse(etcd.value(KEY + "a").contains("\"127.0.0.1:2\""));
    assertEquals(etcd.leaseOf(KEY + "a"), etcd.leaseOf(KEY + "b"));
    assertEquals(List.of(2L), etcd.ttls());
  }

  @Test
  void withoutATtlThereIsNoLease() {
    Registry registry = open();
    Registration registration =
        await(registry.register(greeter("1", node("a", 1)), RegisterOptions.FOR_EVER));
    time.advance(Duration.ofDays(2));

    assertEquals(0, etcd.leaseOf(KEY + "a"));
    assertEquals(List.of(), etcd.ttls());
    assertEquals(0, time.armed());

    await(registration.close());
    assertNull(etcd.value(KEY + "a"));
  }

  @Test
  void withoutALeaseWhatAnotherHasTakenOverIsNotDeleted() {
    Registry registry = open();
    Registration first =
        await(registry.register(greeter("1", node("a", 1)), RegisterOptions.FOR_EVER));
    put("a", 2);

    await(first.close());

    assertEquals(json("a", 2), etcd.value(KEY + "a"));
  }

  @Test
  void withALeaseWhatAnotherHasTakenOverIsNeitherWrittenNorDeleted() {
    Registration first = await(open().register(greeter("1", node("a", 1)), LIVING));
    put("a", 2);

    time.advance(Duration.ofSeconds(9));
    assertEquals(json("a", 2), etcd.value(KEY + "a"));
    await(first.close());

    assertEquals(json("a", 2), etcd.value(KEY + "a"));
  }

  @Test
  void aMemberThatIsBehindDoesNotMakeUsWriteOverAnother() {
    await(open().register(greeter("1", node("a", 1)), LIVING));
    put("a", 2);
    etcd.lag();

    time.advance(Duration.ofSeconds(9));

    assertEquals(json("a", 2), etcd.value(KEY + "a"));
  }

  @Test
  void anEntryThatWentMissingIsWrittenAgain() {
    await(open().register(greeter("1", node("a", 1), node("b", 2)), LIVING));
    String before = etcd.value(KEY + "b");
    etcd.delete(KEY + "b");

    time.advance(Duration.ofSeconds(3));

    assertEquals(before, etcd.value(KEY + "b"));
    assertEquals(etcd.leaseOf(KEY + "a"), etcd.leaseOf(KEY + "b"));
  }

  @Test
  void withoutALeaseButWithAnIntervalAnEntryThatWentMissingIsWrittenAgain() {
    await(
        open()
            .register(
                greeter("1", node("a", 1)),
                new RegisterOptions(Duration.ZERO, Duration.ofSeconds(3))));
    etcd.lose();

    time.advance(Duration.ofSeconds(3));

    assertTrue(etcd.value(KEY + "a").contains("127.0.0.1:1"));
  }

  @Test
  void aLeaseThatIsLostIsReplaced() {
    await(open().register(greeter("1", node("a", 1)), LIVING));
    long before = etcd.leaseOf(KEY + "a");
    etcd.lose();

    time.advance(Duration.ofSeconds(3));

    assertNotEquals(before, etcd.leaseOf(KEY + "a"));
    assertEquals(List.of(10L), etcd.ttls());
    time.advance(Duration.ofMinutes(1));
    assertTrue(etcd.value(KEY + "a").contains("127.0.0.1:1"));
  }

  @Test
  void aLeaseThatExpiredInAnOutageIsReplacedAfterIt() {
    await(open().register(greeter("1", node("a", 1)), LIVING));
    etcd.fail(GrpcStatus.UNAVAILABLE);
    time.advance(Duration.ofMinutes(1));
    etcd.expireAll();
    assertNull(etcd.value(KEY + "a"));

    etcd.heal();
    // Not the interval: what failed is tried again sooner.
    time.advance(EtcdOptions.DEFAULT_MAX_BACKOFF);

    assertTrue(etcd.value(KEY + "a").contains("127.0.0.1:1"));
  }

  @Test
  void inAnOutageSignsOfLifeAreTriedNoMoreOftenThanTheBackoffAllows() {
    RegisterOptions rare = new RegisterOptions(Duration.ofHours(2), Duration.ofHours(1));
    await(open().register(greeter("1", node("a", 1)), rare));
    etcd.fail(GrpcStatus.UNAVAILABLE);
    time.advance(Duration.ofHours(1));
    etcd.asked();

    time.advance(Duration.ofMinutes(10));

    // At most one in 5 s, at least one in 10 s, a few more at first.
    int tries = etcd.asked().size();
    assertTrue(tries >= 60 && tries <= 130, tries + " tries");
  }

  @Test
  void aRegistrationThatFailsLeavesNothingBehind() {
    etcd.fail(GrpcStatus.UNAVAILABLE);
    Registry registry = open();

    RpcException failure = failure(registry.register(greeter("1", node("a", 1)), LIVING));

    assertEquals(503, failure.code());
    assertEquals(0, time.armed());
    etcd.heal();
    time.advance(Duration.ofMinutes(1));
    assertNull(etcd.value(KEY + "a"));
  }

  @Test
  void closingARegistrationInAnOutageFailsAndEndsItsSignsOfLife() {
    Registration registration = await(open().register(greeter("1", node("a", 1)), LIVING));
    etcd.fail(GrpcStatus.UNAVAILABLE);

    assertEquals(503, failure(registration.close()).code());
    assertEquals(503, failure(registration.close()).code());

    etcd.heal();
    time.advance(TTL);
    assertNull(etcd.value(KEY + "a"));
  }

  @Test
  void closingTheRegistryInAnOutageSucceedsAndLeavesNoTimer() {
    Registry registry = open();
    await(registry.register(greeter("1", node("a", 1)), RegisterOptions.DEFAULT));
    await(registry.watch("greeter", events::add).ready());
    etcd.fail(GrpcStatus.UNAVAILABLE);

    await(registry.close());

    assertTrue(etcd.isClosed());
    // The one of the lease, in etcd.
    assertEquals(1, time.armed());
  }

  @Test
  void namesThatGoMicroTakesOutOfPathsAndIdsOfOneKeyAreRefused() {
    Registry registry = open();
    Service dots = Service.builder("..").node(node("a", 1)).build();

    assertThrows(IllegalArgumentException.class, () -> registry.register(dots, LIVING));
    assertThrows(
        IllegalArgumentException.class,
        () -> registry.register(greeter("1", node(".", 1)), LIVING));
    assertThrows(
        IllegalArgumentException.class,
        () -> registry.register(greeter("1", node("a/b", 1), node("a-b", 2)), LIVING));
  }

  @Test
  void aNodeThatIsTooLargeIsRefused() {
    Service large =
        greeter("1", Node.builder("a", "h:1").metadata("x", "y".repeat(1 << 20)).build());

    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> open().register(large, LIVING));
    assertTrue(refused.getMessage().startsWith("service: "), refused.getMessage());
  }

  // watching

  private Watch watched() {
    Watch watch = open().watch("greeter", events::add);
    await(watch.ready());
    return watch;
  }

  @Test
  void allChangesOfABatchAreReported() {
    put("a", 1);
    put("b", 2);
    watched();

    etcd.delete(KEY + "a", KEY + "b");

    assertEquals(List.of(event(Action.DELETE, node("a", 1), node("b", 2))), takeEvents());
  }

  @Test
  void whatIsKnownWhenTheWatchOpensIsNotReported() {
    put("a", 1);
    watched();

    assertEquals(List.of(), takeEvents());
    put("a", 2);
    put("a", 2);
    assertEquals(List.of(event(Action.UPDATE, node("a", 2))), takeEvents());
  }

  @Test
  void changesWhileTheWatchIsInterruptedAreReportedWhenItResumes() {
    put("a", 1);
    put("b", 2);
    watched();
    etcd.endWatches(Failures.unavailable("lost", Processed.UNKNOWN, null));

    etcd.delete(KEY + "a");
    put("c", 3);
    assertEquals(List.of(), takeEvents());
    time.advance(Duration.ofSeconds(1));

    assertEquals(
        List.of(event(Action.DELETE, node("a", 1)), event(Action.CREATE, node("c", 3))),
        takeEvents());
  }

  @Test
  void aWatchThatIsInterruptedWhileItCatchesUpLosesNothing() {
    put("a", 1);
    watched();
    etcd.endWatches(Failures.unavailable("lost", Processed.UNKNOWN, null));
    put("b", 2);
    etcd.delete(KEY + "a");
    etcd.interruptTheNextWatch();

    time.advance(Duration.ofSeconds(1));

    assertEquals(
        List.of(event(Action.CREATE, node("b", 2)), event(Action.DELETE, node("a", 1))),
        takeEvents());
  }

  @Test
  void aWatchThatWasCreatedInThePastIsNotBelieved() {
    put("a", 1);
    watched();
    etcd.endWatches(Failures.unavailable("lost", Processed.UNKNOWN, null));
    etcd.createTheNextWatchAt(1);
    etcd.asked();

    time.advance(Duration.ofSeconds(1));

    assertEquals(List.of("range", "watch", "range", "watch"), etcd.asked());
    assertEquals(1, etcd.watches());
  }

  @Test
  void anInterruptedWatchIsTriedAgainWithGrowingWaitsAndNoEvents() {
    put("a", 1);
    watched();
    etcd.fail(GrpcStatus.UNAVAILABLE);
    etcd.asked();

    time.advance(Duration.ofMinutes(10));

    int tries = etcd.asked().size();
    assertTrue(tries >= 60 && tries <= 130, tries + " tries");
    etcd.heal();
    time.advance(EtcdOptions.DEFAULT_MAX_BACKOFF);
    assertEquals(1, etcd.watches());
    assertEquals(List.of(), takeEvents());
  }

  @Test
  void aWatchThatIsNoLongerAllowedDeletesNobodyAndGoesOnWhenItIs() {
    put("a", 1);
    watched();
    etcd.fail(GrpcStatus.PERMISSION_DENIED);
    time.advance(Duration.ofMinutes(1));
    assertEquals(List.of(), takeEvents());

    etcd.heal();
    put("b", 2);
    time.advance(EtcdOptions.DEFAULT_MAX_BACKOFF);

    assertEquals(List.of(event(Action.CREATE, node("b", 2))), takeEvents());
  }

  @Test
  void whenHistoryIsCompactedTheServiceIsReadAnewAndTheDifferenceReported() {
    put("a", 1);
    put("b", 2);
    put("c", 3);
    watched();
    etcd.endWatches(Failures.unavailable("lost", Processed.UNKNOWN, null));

    etcd.delete(KEY + "a");
    put("b", 22);
    put("d", 4);
    etcd.compact();
    time.advance(Duration.ofSeconds(1));

    assertEquals(
        List.of(
            event(Action.DELETE, node("a", 1)),
            event(Action.UPDATE, node("b", 22)),
            event(Action.CREATE, node("d", 4))),
        takeEvents());
    put("e", 5);
    assertEquals(List.of(event(Action.CREATE, node("e", 5))), takeEvents());
  }

  @Test
  void whenARunningWatchIsEndedByCompactionDeletesAreBelieved() {
    put("a", 1);
    watched();
    etcd.endWatchesAsCompacted();
    etcd.delete(KEY + "a");
    etcd.compact();

    time.advance(Duration.ofSeconds(1));

    assertEquals(List.of(event(Action.DELETE, node("a", 1))), takeEvents());
  }

  @Test
  void anEtcdThatHasForgottenEverythingHasDeletedNobody() {
    put("a", 1);
    put("b", 2);
    watched();
    etcd.lose();
    time.advance(Duration.ofSeconds(1));
    assertEquals(List.of(), takeEvents());

    put("a", 1);
    put("b", 22);
    put("c", 3);

    assertEquals(
        List.of(event(Action.UPDATE, node("b", 22)), event(Action.CREATE, node("c", 3))),
        takeEvents());
    etcd.delete(KEY + "b");
    assertEquals(List.of(event(Action.DELETE, node("b", 22))), takeEvents());
  }

  @Test
  void anEtcdThatHasForgottenAndWasOvertakenIsFoundOut() {
    put("a", 1);
    put("b", 2);
    watched();
    etcd.lose();
    // The revision goes past the one that the watch knows before the watch comes back.
    IntStream.range(0, 10).forEach(i -> etcd.put("/elsewhere/" + i, ""));
    put("b", 2);

    time.advance(Duration.ofSeconds(1));

    assertEquals(List.of(), takeEvents());
    put("a", 11);
    assertEquals(List.of(event(Action.UPDATE, node("a", 11))), takeEvents());
  }

  @Test
  void anEtcdThatHasForgottenWasOvertakenAndCompactedHasDeletedNobody() {
    put("a", 1);
    put("b", 2);
    watched();
    etcd.lose();
    IntStream.range(0, 10).forEach(i -> etcd.put("/elsewhere/" + i, ""));
    put("b", 2);
    etcd.compact();

    time.advance(Duration.ofSeconds(1));

    assertEquals(List.of(), takeEvents());
  }

  @Test
  void anotherClusterOrAnOlderTermHasDeletedNobody() {
    put("a", 1);
    put("b", 2);
    put("unchanged", 3);
    watched();
    etcd.endWatches(Failures.unavailable("lost", Processed.UNKNOWN, null));
    etcd.delete(KEY + "a");
    etcd.compact();
    etcd.beAnotherCluster(8);
    time.advance(Duration.ofSeconds(1));
    assertEquals(List.of(), takeEvents());

    etcd.endWatches(Failures.unavailable("lost", Processed.UNKNOWN, null));
    etcd.delete(KEY + "b");
    etcd.compact();
    etcd.beginTerm(1);
    time.advance(Duration.ofSeconds(1));
    assertEquals(List.of(), takeEvents());
    put("a", 11);
    assertEquals(List.of(event(Action.UPDATE, node("a", 11))), takeEvents());
  }

  @Test
  void aForgottenNodeThatComesBackInAnotherVersionLeavesTheOldOne() {
    put("a", 1);
    watched();
    etcd.lose();
    time.advance(Duration.ofSeconds(1));

    etcd.put(KEY + "a", json("a", 1).replace("\"version\":\"1\"", "\"version\":\"2\""));

    assertEquals(
        List.of(
            event(Action.DELETE, node("a", 1)),
            new RegistryEvent(Action.CREATE, greeter("2", node("a", 1)))),
        takeEvents());
  }

  @Test
  void progressMovesTheWatchOnPastACompaction() {
    put("a", 1);
    watched();
    IntStream.range(0, 10).forEach(i -> etcd.put("/elsewhere/" + i, ""));
    etcd.reportProgress();
    etcd.compact();
    etcd.endWatches(Failures.unavailable("lost", Processed.UNKNOWN, null));
    etcd.asked();

    time.advance(Duration.ofSeconds(1));

    // One read of the keys as they were: what it knows is not compacted.
    assertEquals(List.of("range", "watch"), etcd.asked());
  }

  @Test
  void aRevisionInFragmentsIsReportedAsItComes() {
    put("a", 1);
    put("b", 2);
    watched();

    etcd.deleteInFragments(KEY + "a", KEY + "b", true);

    assertEquals(
        List.of(event(Action.DELETE, node("a", 1)), event(Action.DELETE, node("b", 2))),
        takeEvents());
  }

  @Test
  void aRevisionOfWhichAFragmentIsMissingIsReadAnew() {
    put("a", 1);
    put("b", 2);
    put("c", 3);
    watched();
    etcd.deleteInFragments(KEY + "a", KEY + "b", false);
    takeEvents();

    etcd.endWatches(Failures.unavailable("lost", Processed.UNKNOWN, null));
    time.advance(Duration.ofSeconds(1));

    assertEquals(List.of(event(Action.DELETE, node("b", 2))), takeEvents());
  }

  @Test
  void anAnswerThatIsTooLargeForTheWatchIsReadInsteadAndDeletesAreBelieved() {
    put("a", 1);
    watched();
    etcd.endWatches(Failures.exhausted("too large"));
    etcd.delete(KEY + "a");
    put("b", 2);

    time.advance(Duration.ofSeconds(1));

    assertEquals(
        List.of(event(Action.DELETE, node("a", 1)), event(Action.CREATE, node("b", 2))),
        takeEvents());
  }

  @Test
  void garbageInPlaceOfANodeIsNoEventAndItsDeletionStillIs() {
    put("a", 1);
    watched();

    etcd.put(KEY + "a", "{");
    etcd.put(KEY + "b", "{");
    assertEquals(List.of(), takeEvents());
    etcd.delete(KEY + "a", KEY + "b");

    assertEquals(List.of(event(Action.DELETE, node("a", 1))), takeEvents());
  }

  @Test
  void moreNodesThanAllowedEndTheWatchUntilThereAreFewer() {
    Watch watch = open(new EtcdOptions().setMaxNodes(2)).watch("greeter", events::add);
    await(watch.ready());
    put("a", 1);
    put("b", 2);
    put("c", 3);
    assertEquals(0, etcd.watches());
    takeEvents();

    etcd.delete(KEY + "a");
    time.advance(EtcdOptions.DEFAULT_MAX_BACKOFF);

    assertEquals(1, etcd.watches());
    assertEquals(List.of(event(Action.DELETE, node("a", 1))), takeEvents());
  }

  @Test
  void aClosedWatchLeavesNothingBehind() {
    put("a", 1);
    Watch standing = watched();
    Watch waiting = watched();
    assertEquals(2, etcd.watches());

    standing.close();
    assertEquals(1, etcd.watches());
    etcd.fail(GrpcStatus.UNAVAILABLE);
    assertEquals(1, time.armed());
    waiting.close();
    waiting.close();

    assertEquals(0, time.armed());
    assertEquals(List.of(), takeEvents());
  }

  @Test
  void aWatchThatCannotBeOpenedSaysSoAndIsOver() {
    etcd.fail(GrpcStatus.UNAVAILABLE);

    RpcException failure = failure(open().watch("greeter", events::add).ready());

    assertEquals(503, failure.code());
    assertEquals(Processed.NOT_SENT, failure.processed());
    assertEquals(0, time.armed());
  }
}
