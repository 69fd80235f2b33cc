// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.DnsAnswer.Target;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DnsRegistryTest {

  private final FakeTimeSource time = new FakeTimeSource();
  private final Script dns = new Script();
  private final DnsOptions options = new DnsOptions().setName("_grpc._tcp.{service}.test");
  private final List<RegistryEvent> events = new ArrayList<>();
  private DnsRegistry registry = DnsRegistry.immediate(options, time, dns);

  /** DNS as a test says. */
  private static final class Script implements DnsQueries {
    private final List<String> asked = new ArrayList<>();
    private Supplier<Future<DnsAnswer>> answer = () -> Future.succeededFuture(DnsAnswer.NOTHING);
    private boolean closed;

    void answer(long ttl, Target... targets) {
      answer = () -> Future.succeededFuture(new DnsAnswer(List.of(targets), ttl));
    }

    void fail() {
      answer = () -> Future.failedFuture("SERVFAIL");
    }

    @Override
    public Future<DnsAnswer> query(String name) {
      asked.add(name);
      return answer.get();
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static Target srv(String host, int port, int priority, int weight) {
    return new Target(host, port, priority, weight);
  }

  private static Target a() {
    return srv("a.test", 1, 0, 0);
  }

  private static Target b() {
    return srv("b.test", 2, 0, 0);
  }

  private void open(DnsOptions options) {
    registry = DnsRegistry.immediate(options, time, dns);
  }

  private List<Node> nodes() {
    Future<List<Service>> answer = registry.get("greeter");
    assertTrue(answer.succeeded(), () -> "not known: " + answer.cause());
    return answer.result().stream().flatMap(version -> version.nodes().stream()).toList();
  }

  private Set<String> ids() {
    return nodes().stream().map(Node::id).collect(Collectors.toCollection(TreeSet::new));
  }

  private static String text(RegistryEvent event) {
    return event.action() + " " + event.service().nodes().stream().map(Node::id).toList();
  }

  private List<String> reported() {
    List<String> texts = events.stream().map(DnsRegistryTest::text).toList();
    events.clear();
    return texts;
  }

  private RpcException failure() {
    return assertInstanceOf(RpcException.class, registry.get("greeter").cause());
  }

  // Records

  @Test
  void srvRecordsAreNodesWithPriorityAndWeight() {
    dns.answer(60, srv("b.test", 9000, 1, 30), srv("a.test", 9001, 1, 10));

    assertEquals(
        List.of(
            Node.builder("a.test:9001", "a.test:9001")
                .metadata("priority", "1")
                .metadata("weight", "10")
                .build(),
            Node.builder("b.test:9000", "b.test:9000")
                .metadata("priority", "1")
                .metadata("weight", "30")
                .build()),
        nodes());
    assertEquals(List.of("_grpc._tcp.greeter.test"), dns.asked);
    assertEquals("latest", registry.get("greeter").result().get(0).version());
  }

  @Test
  void recordsOfABetterPriorityHideTheOthersUnlessBackupsAreAskedFor() {
    dns.answer(60, srv("c.test", 1, 20, 1), srv("a.test", 1, 10, 1), srv("b.test", 1, 20, 1));
    assertEquals(Set.of("a.test:1"), ids());

    open(new DnsOptions(options).setBackups(true));

    assertEquals(
        List.of("10", "20", "20"),
        nodes().stream().map(node -> node.metadata().get(DnsRegistry.PRIORITY)).toList());
    assertEquals(Set.of("a.test:1", "b.test:1", "c.test:1"), ids());
  }

  @Test
  void weightOfZeroIsASmallOneBesideOthersAndNoneWithoutThem() {
    dns.answer(60, srv("a.test", 1, 0, 0), srv("b.test", 1, 0, 65_535));
    assertEquals(List.of(0.1, 65_535.0), nodes().stream().map(Node::weight).toList());

    open(options);
    dns.answer(60, a(), b());
    assertEquals(List.of(1.0, 1.0), nodes().stream().map(Node::weight).toList());
  }

  @Test
  void addressesAreNodesAtThePortOfTheOptions() {
    open(
        new DnsOptions()
            .setName("{service}.test")
            .setRecords(DnsRecords.AAAA)
            .setPort(8080)
            .setProtocol("grpc"));
    dns.answer(60, srv("::1", 8080, 0, 0));

    assertEquals(
        List.of(Node.builder("[::1]:8080", "[::1]:8080").protocol("grpc").build()), nodes());
  }

  @ParameterizedTest
  @EnumSource(
      value = DnsRecords.class,
      names = {"A", "AAAA"})
  void addressesWithoutAPortAreRefused(DnsRecords records) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> open(new DnsOptions().setRecords(records)));

    assertEquals(
        "port: 0 (expected: 1 to 65535, as " + records + " records have none)",
        refused.getMessage());
  }

  @Test
  void orderOfRecordsChangesNothing() {
    registry.watch("greeter", events::add);
    dns.answer(1, a(), b());
    time.advance(Duration.ofMinutes(1));
    List<Node> before = nodes();

    dns.answer(1, b(), a());
    time.advance(Duration.ofMinutes(1));

    assertEquals(before, nodes());
  }

  @Test
  void unusableRecordsAreLeftOutAndTheRestIsServed() {
    dns.answer(
        60,
        srv("a.test", 0, 0, 1),
        srv("", 5, 0, 1),
        srv("b.test", 2, 0, 1),
        srv("b.test", 2, 0, 9),
        srv("c d.test", 2, 0, 1));

    assertEquals(Set.of("b.test:2"), ids());
  }

  @Test
  void nodesAreBounded() {
    open(new DnsOptions(options).setMaxNodes(2));
    dns.answer(60, srv("c.test", 1, 0, 0), srv("b.test", 1, 0, 0), srv("a.test", 1, 0, 0));

    assertEquals(Set.of("a.test:1", "b.test:1"), ids());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a..b", "a/b", "ü", "a\n"})
  void serviceThatMakesNoDnsNameIsUnknownWithoutAQuery(String service) {
    assertEquals(List.of(), registry.get(service).result());
    assertEquals(List.of(), registry.get("x".repeat(64)).result());
    assertEquals(List.of(), registry.get("abcdefghi.".repeat(30) + "a").result());
    assertTrue(registry.watch(service, events::add).ready().failed());
    assertEquals(List.of(), dns.asked);
  }

  // Asking, and not asking

  @Test
  void lookUpsThatComeTogetherShareAQuery() {
    Promise<DnsAnswer> held = Promise.promise();
    dns.answer = held::future;
    List<Future<List<Service>>> waiting = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      waiting.add(registry.get("greeter"));
    }
    assertFalse(waiting.get(0).isComplete());

    held.complete(new DnsAnswer(List.of(a()), 60));

    waiting.forEach(answer -> assertEquals(1, Versions.nodes(answer.result())));
    assertEquals(1, dns.asked.size());
  }

  @ParameterizedTest
  @CsvSource({"0, 30", "5, 30", "45, 45", "200, 200", "4000000000, 300"})
  void answerIsGoodForItsTtlWithinBounds(long ttl, long seconds) {
    dns.answer(ttl, a());
    List<Service> first = registry.get("greeter").result();

    time.advance(Duration.ofSeconds(seconds).minusMillis(1));
    for (int i = 0; i < 1_000; i++) {
      assertSame(first, registry.get("greeter").result());
    }
    assertEquals(1, dns.asked.size());
    time.advance(Duration.ofMillis(1));
    nodes();

    assertEquals(2, dns.asked.size());
  }

  @Test
  void failureIsNotUnknownAndIsAskedAboutAgainAfterASecond() {
    dns.fail();
    RpcException failure = failure();
    assertEquals(503, failure.code());
    assertTrue(failure.detail().contains("SERVFAIL"), failure.detail());

    for (int i = 0; i < 1_000; i++) {
      assertSame(failure, failure());
    }
    assertEquals(1, dns.asked.size());
    time.advance(Duration.ofSeconds(1));
    dns.answer(60, a());

    assertEquals(Set.of("a.test:1"), ids());
  }

  @Test
  void nothingIsUnknownAndIsAskedAboutAgainAfterASecond() {
    assertEquals(List.of(), nodes());
    assertEquals(List.of(), nodes());
    assertEquals(1, dns.asked.size());

    time.advance(Duration.ofSeconds(1));
    dns.answer(60, a());

    assertEquals(Set.of("a.test:1"), ids());
  }

  @Test
  void queryThatThrowsIsAFailure() {
    dns.answer =
        () -> {
          throw new IllegalStateException("closed");
        };

    assertEquals(503, failure().code());
  }

  @Test
  void servicesAreBounded() {
    open(new DnsOptions(options).setMaxServices(2));
    dns.answer(60, a());
    Watch watch = registry.watch("one", events::add);
    registry.get("two");
    registry.get("three");
    registry.get("one");
    registry.get("two");
    assertEquals(4, dns.asked.size());

    registry.watch("two", events::add);
    RpcException refused = assertInstanceOf(RpcException.class, registry.get("three").cause());
    assertEquals(503, refused.code());
    assertTrue(registry.watch("three", events::add).ready().failed());

    watch.close();
    assertTrue(registry.get("three").succeeded());
  }

  // Watching

  @Test
  void watchedServiceIsAskedForOnScheduleWithJitter() {
    dns.answer(60, a());
    registry.watch("greeter", events::add);
    List<Integer> perHour = new ArrayList<>();
    for (int hour = 0; hour < 3; hour++) {
      int before = dns.asked.size();
      time.advance(Duration.ofHours(1));
      perHour.add(dns.asked.size() - before);
    }

    // Every 60 to 66 s.
    perHour.forEach(count -> assertTrue(count >= 54 && count <= 60, perHour.toString()));
    assertEquals(List.of(), reported());
  }

  @Test
  void callersDoNotMakeAWatchedServiceBeAskedForMoreOften() {
    dns.answer(1, a());
    registry.watch("greeter", events::add);
    for (int i = 0; i < 3_600; i++) {
      nodes();
      time.advance(Duration.ofSeconds(1));
    }

    assertTrue(dns.asked.size() <= 121, dns.asked.size() + " queries in an hour");
  }

  @Test
  void watchReportsWhatDiffers() {
    dns.answer(1, a());
    Watch watch = registry.watch("greeter", events::add);
    assertTrue(watch.ready().succeeded());
    assertEquals(List.of(), reported());

    dns.answer(1, a(), b());
    time.advance(Duration.ofSeconds(33));
    assertEquals(List.of("CREATE [b.test:2]"), reported());

    dns.answer(1, srv("a.test", 1, 0, 7), srv("b.test", 2, 0, 7));
    time.advance(Duration.ofSeconds(33));
    assertEquals(List.of("UPDATE [a.test:1, b.test:2]"), reported());
  }

  @Test
  void nodeIsReportedAsGoneWhenTwoAnswersInARowLackIt() {
    dns.answer(1, a(), b());
    registry.watch("greeter", events::add);

    dns.answer(1, a());
    time.advance(Duration.ofSeconds(33));
    assertEquals(List.of(), reported());
    assertEquals(Set.of("a.test:1"), ids());
    dns.answer(1, b());
    time.advance(Duration.ofSeconds(33));
    assertEquals(List.of(), reported());
    dns.answer(1, b());
    time.advance(Duration.ofSeconds(33));

    assertEquals(List.of("DELETE [a.test:1]"), reported());
  }

  @Test
  void answerWithoutNodesAndFailuresReportNothing() {
    dns.answer(1, a());
    registry.watch("greeter", events::add);

    dns.answer(1);
    time.advance(Duration.ofMinutes(10));
    dns.fail();
    time.advance(Duration.ofMinutes(10));
    assertEquals(List.of(), reported());
    dns.answer(1, a(), b());
    time.advance(Duration.ofMinutes(1));

    assertEquals(List.of("CREATE [b.test:2]"), reported());
  }

  @Test
  void watchStandsOnceDnsAnswers() {
    dns.fail();
    Watch watch = registry.watch("greeter", events::add);
    time.advance(Duration.ofMinutes(5));
    assertFalse(watch.ready().isComplete());

    dns.answer(1, a());
    time.advance(Duration.ofMinutes(1));

    assertTrue(watch.ready().succeeded());
    assertEquals(List.of(), reported());
  }

  @Test
  void watchOnAnAnswerThatIsGoodNeedsNoQuery() {
    dns.answer(300, a());
    nodes();
    Watch first = registry.watch("greeter", events::add);
    first.close();
    Watch second = registry.watch("greeter", events::add);

    assertTrue(first.ready().succeeded() && second.ready().succeeded());
    assertEquals(1, dns.asked.size());
    dns.answer(300, b());
    time.advance(Duration.ofSeconds(330));
    assertEquals(List.of("CREATE [b.test:2]"), reported());
  }

  @Test
  void closedWatchReportsNothingAndEndsThePolling() {
    dns.answer(1, a());
    Watch watch = registry.watch("greeter", events::add);

    watch.close();
    watch.close();
    dns.answer(1, b());
    time.advance(Duration.ofHours(1));

    assertEquals(List.of(), reported());
    assertEquals(1, dns.asked.size());
    assertEquals(0, time.armed());
  }

  // Under a cache

  @Test
  void outageOfDnsIsNoOutageOfTheService() {
    CachingRegistry cache = CachingRegistry.immediate(registry, new CachingOptions(), time);
    dns.answer(1, a(), b());
    assertEquals(2, Versions.nodes(cache.get("greeter").result()));

    for (int minute = 0; minute < 59; minute++) {
      if (minute % 2 == 0) {
        dns.fail();
      } else {
        dns.answer(1);
      }
      time.advance(Duration.ofMinutes(1));
      assertEquals(2, Versions.nodes(cache.get("greeter").result()), "minute " + minute);
    }
    dns.answer(1, b());
    time.advance(Duration.ofMinutes(4));

    assertEquals(1, Versions.nodes(cache.get("greeter").result()));
    cache.close();
    assertEquals(0, time.armed());
  }

  // What DNS cannot do, and the end

  @Test
  void writingAndListingFailClearly() {
    Service greeter = Service.builder("greeter").node(Node.of("a", "h:1")).build();
    RpcException refused =
        assertInstanceOf(
            RpcException.class, registry.register(greeter, RegisterOptions.DEFAULT).cause());
    assertEquals(501, refused.code());
    assertEquals("register greeter: a dns registry can only look services up", refused.detail());
    assertEquals(501, ((RpcException) registry.list().cause()).code());
  }

  @Test
  void closeEndsEverything() {
    dns.answer = () -> Promise.<DnsAnswer>promise().future();
    Future<List<Service>> waiting = registry.get("greeter");
    Watch watch = registry.watch("greeter", events::add);

    assertTrue(registry.close().succeeded());
    assertTrue(registry.close().succeeded());

    assertTrue(dns.closed);
    assertEquals(0, time.armed());
    for (Future<?> refused :
        List.of(
            waiting,
            watch.ready(),
            registry.get("greeter"),
            registry.list(),
            registry.register(Service.builder("greeter").build(), RegisterOptions.DEFAULT),
            registry.watch("greeter", events::add).ready())) {
      assertEquals(503, assertInstanceOf(RpcException.class, refused.cause()).code());
    }
  }

  @Test
  void eventsSayWhichVersionTheyAreAbout() {
    dns.answer(1, a());
    registry.watch("greeter", events::add);
    dns.answer(1, a(), b());
    time.advance(Duration.ofSeconds(33));

    RegistryEvent event = events.get(0);
    assertEquals(Action.CREATE, event.action());
    assertEquals("greeter", event.service().name());
    assertEquals("latest", event.service().version());
  }
}
