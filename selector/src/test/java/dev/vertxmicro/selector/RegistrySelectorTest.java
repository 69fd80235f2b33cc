// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcError;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.ScriptedRegistry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RegistrySelectorTest {

  private final FakeTimeSource time = new FakeTimeSource();
  private final ScriptedRegistry registry = new ScriptedRegistry();
  private final RecordingStrategy strategy = new RecordingStrategy();
  private final Selector selector =
      Selector.builder(registry, time).strategy(strategy).random(new SplittableRandom(7)).build();

  private static Service greeter(String version, Node... nodes) {
    return Service.builder("greeter").version(version).build().withNodes(List.of(nodes));
  }

  private static Node node(String id) {
    return Node.of(id, "127.0.0.1:1");
  }

  private Next next(SelectOption... options) {
    return selector.select("greeter", options).result();
  }

  private RpcException failure(SelectOption... options) {
    Future<Next> refused = selector.select("greeter", options);
    assertTrue(refused.failed(), "select should have failed");
    return assertInstanceOf(RpcException.class, refused.cause());
  }

  @Test
  void unknownServiceIsNotFoundByTheClient() {
    RpcException unknown = failure();

    assertEquals(404, unknown.code());
    assertEquals(RpcError.CLIENT_ID, unknown.error().id());
    assertEquals(Processed.NOT_SENT, unknown.processed());
    assertEquals("service greeter: not found", unknown.detail());
  }

  @Test
  void serviceWithoutNodesIsUnavailable() {
    registry.answer(greeter("1"));

    RpcException none = failure();

    assertEquals(503, none.code());
    assertEquals(Processed.NOT_SENT, none.processed());
    assertEquals("service greeter: has no node", none.detail());
  }

  @Test
  void filtersThatLeaveNothingAreNamedWithWhatTheyRemoved() {
    Node grpc = Node.builder("b", "127.0.0.1:1").protocol("mucp").build();
    registry.answer(greeter("1", node("a")), greeter("2", grpc, node("c")));
    Filter protocol =
        new Filter() {
          @Override
          public boolean keeps(Service service, Node node) {
            return node.protocol() == null;
          }

          @Override
          public String reason(Service service, Node node) {
            return "protocol " + node.protocol() + " which no transport speaks";
          }
        };

    RpcException none =
        failure(
            SelectOption.version("2"),
            SelectOption.filter(protocol),
            SelectOption.filter(Filter.where("not c", (s, n) -> !n.id().equals("c"))));

    assertEquals(503, none.code());
    assertEquals(Processed.NOT_SENT, none.processed());
    assertEquals(
        "service greeter: no node left of 3, filtered out: 1 by Version[value=2], 1 by protocol"
            + " mucp which no transport speaks, 1 by not c",
        none.detail());
  }

  @Test
  void manyReasonsAreCutShort() {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      nodes.add(node("n" + i));
    }
    registry.answer(greeter("1").withNodes(nodes));
    Filter each =
        new Filter() {
          @Override
          public boolean keeps(Service service, Node node) {
            return false;
          }

          @Override
          public String reason(Service service, Node node) {
            return "[" + node.id() + "]";
          }
        };

    assertEquals(
        "service greeter: no node left of 8, filtered out: 1 by [n0], 1 by [n1], 1 by [n2], 1 by"
            + " [n3], 1 by [n4] and 3 more reasons",
        failure(SelectOption.filter(each)).detail());
  }

  @Test
  void filtersNarrowByVersionLabelEndpointAndPredicate() {
    Node east = Node.builder("east", "127.0.0.1:1").metadata("zone", "east").build();
    Node west = Node.builder("west", "127.0.0.1:2").metadata("zone", "west").build();
    Service two = greeter("2", node("c")).toBuilder().endpoint("Greeter.Bye").build();
    registry.answer(greeter("1", east, west), two);

    assertEquals(Set.of("c"), reachable(SelectOption.version("2")));
    assertEquals(Set.of("west"), reachable(SelectOption.label("zone", "west")));
    assertEquals(Set.of("c"), reachable(SelectOption.endpoint("Greeter.Bye")));
    assertEquals(
        Set.of("east", "c"),
        reachable(SelectOption.filter(Filter.where("not west", (s, n) -> !n.id().equals("west")))));
    assertEquals(
        Set.of("east"), reachable(SelectOption.version("1"), SelectOption.label("zone", "east")));
  }

  private Set<String> reachable(SelectOption... options) {
    Next next = next(options);
    Set<String> ids = new HashSet<>();
    for (int i = next.size(); i > 0; i--) {
      Pick pick = next.next();
      ids.add(pick.node().id());
      pick.done(Outcome.SUCCESS);
    }
    return ids;
  }

  @Test
  void failingFilterFailsTheSelectAndNamesItself() {
    registry.answer(greeter("1", node("a")));
    IllegalStateException bug = new IllegalStateException("bug");

    RpcException failed =
        failure(
            SelectOption.filter(
                Filter.where(
                    "broken",
                    (service, node) -> {
                      throw bug;
                    })));

    assertEquals(GrpcStatus.INTERNAL, failed.grpcStatus());
    assertEquals(Processed.NOT_SENT, failed.processed());
    assertSame(bug, failed.getCause());
    assertTrue(failed.detail().contains("filter broken failed"), failed.detail());
  }

  @Test
  void failingRegistryIsUnavailableAndKeepsItsOwnError() {
    registry.fail(new IllegalStateException("connection refused"));
    RpcException wrapped = failure();
    assertEquals(503, wrapped.code());
    assertEquals(Processed.NOT_SENT, wrapped.processed());
    assertTrue(wrapped.detail().contains("connection refused"), wrapped.detail());

    RpcException own = RpcException.client(GrpcStatus.UNAVAILABLE, "consul: down").build();
    registry.fail(own);
    assertSame(own, failure());
  }

  @Test
  void eachPickTakesANodeThatTheCallHasNotTriedWhileThereIsOne() {
    registry.answer(greeter("1", node("a"), node("b"), node("c")));

    for (int call = 0; call < 50; call++) {
      assertEquals(Set.of("a", "b", "c"), reachable());
    }
  }

  @Test
  void whenAllWereTriedOnlyTheLatestIsAvoided() {
    registry.answer(greeter("1", node("a"), node("b"), node("c")));

    for (int call = 0; call < 20; call++) {
      Next next = next();
      String latest = "";
      Set<String> afterAll = new HashSet<>();
      for (int i = 0; i < 60; i++) {
        String id = next.next().node().id();
        assertNotEquals(latest, id);
        latest = id;
        if (i >= 3) {
          afterAll.add(id);
        }
      }
      assertEquals(Set.of("a", "b", "c"), afterAll);
    }
  }

  @Test
  void theOnlyNodeIsPickedAgain() {
    registry.answer(greeter("1", node("a")));
    Next next = next();

    assertEquals("a", next.next().node().id());
    assertEquals("a", next.next().node().id());
  }

  @Test
  void pickSeesTheNodesOfNowNotThoseOfTheSelect() {
    registry.answer(greeter("1", node("a")));
    Next next = next();
    assertEquals(1, next.size());

    registry.answer(greeter("1", node("b"), node("c")));

    assertEquals(2, next.size());
    assertEquals(Set.of("b", "c"), Set.of(next.next().node().id(), next.next().node().id()));
  }

  @Test
  void pickWithoutAnyNodeLeftIsUnavailable() {
    registry.answer(greeter("1", node("a")));
    Next next = next();

    registry.answer();

    RpcException none = assertThrows(RpcException.class, next::next);
    assertEquals(503, none.code());
    assertEquals(Processed.NOT_SENT, none.processed());
    assertEquals(0, next.size());
  }

  @Test
  void pickGoesOnWithTheLastNodesWhileTheRegistryFailsOrThinks() {
    registry.answer(greeter("1", node("a")));
    Next next = next();

    registry.fail(new IllegalStateException("down"));
    assertEquals("a", next.next().node().id());
    registry.hold();
    assertEquals("a", next.next().node().id());
  }

  @Test
  void secondDoneThrows() {
    registry.answer(greeter("1", node("a")));
    Next next = next();
    Pick first = next.next();
    Pick second = next.next();

    first.done(Outcome.SUCCESS);
    second.done(Outcome.CANCELLED);

    assertThrows(IllegalStateException.class, () -> first.done(Outcome.SUCCESS));
    assertThrows(IllegalStateException.class, () -> second.done(Outcome.SUCCESS));
  }

  @Test
  void openPicksAreCountedUntilTheyAreDone() {
    registry.answer(greeter("1", node("a"), node("b")));
    Next next = next();
    assertEquals(0, selector.openPicks());

    Pick first = next.next();
    Pick second = next.next();
    assertEquals(2, selector.openPicks());
    first.done(Outcome.SUCCESS);
    second.answered();
    assertEquals(1, selector.openPicks());
    registry.answer(greeter("1", node("c")));
    second.done(Outcome.SUCCESS);

    assertEquals(0, selector.openPicks());
  }

  @Test
  void whatIsKnownOfANodeSurvivesChangesOfTheService() {
    registry.answer(greeter("1", node("a"), node("b")));
    Pick open = next(SelectOption.filter(Filter.where("a", (s, n) -> n.id().equals("a")))).next();
    Candidate before = strategy.candidate("a");
    assertEquals(1, before.inFlight());

    registry.answer(greeter("2", Node.of("a", "127.0.0.1:2"), node("c")));
    next();
    Candidate after = strategy.candidate("a");

    assertSame(before.state(), after.state());
    assertEquals(1, after.inFlight());
    open.done(Outcome.SUCCESS);
    assertEquals(0, after.inFlight());
  }

  @Test
  void nodeThatLeavesAndReturnsIsRecognised() {
    registry.answer(greeter("1", node("a"), node("b")));
    next();
    NodeState before = strategy.candidate("a").state();

    registry.answer(greeter("1", node("b")));
    next();
    registry.answer(greeter("1", node("a"), node("b")));
    next();

    assertSame(before, strategy.candidate("a").state());
  }

  @Test
  void nodesThatLeftAreNotKeptWithoutBound() {
    registry.answer(greeter("1", node("first")));
    next();
    NodeState first = strategy.candidate("first").state();
    for (int i = 0; i <= ServiceEntry.MAX_DEPARTED; i++) {
      registry.answer(greeter("1", node("n" + i)));
      next();
    }

    registry.answer(greeter("1", node("first")));
    next();

    assertFalse(first == strategy.candidate("first").state(), "should have been forgotten");
  }

  @Test
  void outcomesReachTheLoadOfTheNodeWithTheirTime() {
    registry.answer(greeter("1", node("a")));
    Next next = next();

    Pick success = next.next();
    time.advance(Duration.ofMillis(5));
    success.done(Outcome.SUCCESS);
    Pick failed = next.next();
    time.advance(Duration.ofMillis(7));
    failed.done(
        Outcome.failed(RpcException.client(GrpcStatus.UNAVAILABLE, "connection refused").build()));
    Pick cancelled = next.next();
    time.advance(Duration.ofMillis(9));
    cancelled.done(Outcome.CANCELLED);

    assertEquals(List.of("SUCCESS 5", "FAILURE 7", "CANCELLED 9"), strategy.observed);
  }

  @Test
  void answeredPickIsMeasuredToTheAnswerAndInFlightToTheEnd() {
    registry.answer(greeter("1", node("a")));
    Next next = next();
    Pick stream = next.next();
    Pick broken = next.next();
    Candidate node = strategy.candidate("a");

    time.advance(Duration.ofMillis(3));
    stream.answered();
    stream.answered();
    broken.answered();
    time.advance(Duration.ofHours(1));

    assertEquals(2, node.inFlight());
    stream.done(Outcome.SUCCESS);
    broken.done(Outcome.failed(RpcException.client(GrpcStatus.UNAVAILABLE, "reset").build()));
    assertEquals(0, node.inFlight());
    assertEquals(List.of("SUCCESS 3", "SUCCESS 3", "FAILURE 0"), strategy.observed);
  }

  @Test
  void resetForgetsLoadsAndKeepsWhatIsInFlight() {
    registry.answer(greeter("1", node("a")));
    next().next();

    selector.reset("greeter");
    selector.reset("never heard of");

    assertEquals(List.of("reset"), strategy.observed);
    assertEquals(1, strategy.candidate("a").inFlight());
  }

  @Test
  void equalFiltersShareABalancerThatOutlivesChanges() {
    registry.answer(greeter("1", node("a")));
    next();
    next(SelectOption.version("1"));
    next(SelectOption.version("1"));
    assertEquals(2, strategy.balancers);
    assertEquals(2, strategy.pickers.size());

    registry.answer(greeter("1", node("b")));
    next();
    next(SelectOption.version("1"));

    assertEquals(2, strategy.balancers);
    assertEquals(4, strategy.pickers.size());
  }

  @Test
  void filtersThatAreNeverEqualAreNotKeptWithoutBound() {
    registry.answer(greeter("1", node("a")));
    Filter oldest = (service, node) -> true;
    Next first = next(SelectOption.filter(oldest));
    for (int i = 0; i < 10 * ServiceEntry.MAX_ROUTES; i++) {
      int number = i;
      next(SelectOption.filter((service, node) -> number >= 0));
    }
    int balancers = strategy.balancers;
    assertEquals(1 + 10 * ServiceEntry.MAX_ROUTES, balancers);

    // then the latest is still known, the oldest is not, and its choice still works
    Filter latest = (service, node) -> true;
    next(SelectOption.filter(latest));
    next(SelectOption.filter(latest));
    assertEquals(balancers + 1, strategy.balancers);
    next(SelectOption.filter(oldest));
    assertEquals(balancers + 2, strategy.balancers);
    registry.answer(greeter("1", node("b")));
    assertEquals("b", first.next().node().id());
  }

  @Test
  void servicesAreNotKeptWithoutBound() {
    registry.answer(greeter("1", node("a")));
    for (int i = 0; i <= RegistrySelector.MAX_SERVICES; i++) {
      assertTrue(selector.select("service" + i).succeeded());
    }

    assertTrue(
        selector.toString().endsWith(RegistrySelector.MAX_SERVICES + " services]"),
        selector.toString());
  }

  @Test
  void serviceThatIsUnknownIsNotKept() {
    registry.answer(greeter("1", node("a")));
    next();
    registry.answer();
    failure();

    assertTrue(selector.toString().endsWith(" 0 services]"), selector.toString());
  }

  @Test
  void nodeIdThatTwoVersionsNameIsOneCandidate() {
    registry.answer(greeter("1", node("a")), greeter("2", node("a"), node("b")));

    assertEquals(2, next().size());
    assertEquals(2, next(SelectOption.version("2")).size());
  }

  @Test
  void affinityKeyReachesTheStrategy() {
    registry.answer(greeter("1", node("a")));

    next(SelectOption.key("user-7")).next();
    next().next();

    assertEquals(2, strategy.keys.size());
    assertEquals("user-7", strategy.keys.get(0));
    assertEquals(null, strategy.keys.get(1));
  }

  @Test
  void preparedOptionsMeanTheSameAsOptions() {
    registry.answer(greeter("1", node("a")), greeter("2", node("b")));
    SelectOptions prepared =
        SelectOptions.of(SelectOption.version("2"), SelectOption.key("user-7"));

    Next next = selector.select("greeter", prepared).result();

    assertEquals("b", next.next().node().id());
    assertEquals("user-7", strategy.keys.get(0));
  }

  @Test
  void slowLookUpCompletesTheSelectLater() {
    registry.hold();
    Future<Next> known = selector.select("greeter");
    Future<Next> unknown = selector.select("greeter");
    Future<Next> failed = selector.select("greeter");
    assertFalse(known.isComplete());

    registry.held().complete(List.of(greeter("1", node("a"))));
    registry.held().complete(List.of());
    registry.held().fail(new IllegalStateException("down"));

    assertEquals(1, known.result().size());
    assertEquals(404, ((RpcException) unknown.cause()).code());
    assertEquals(503, ((RpcException) failed.cause()).code());
  }

  @Test
  void slowLookUpCompletesOnTheContextOfTheCaller() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      registry.hold();
      Promise<Context> asked = Promise.promise();
      Promise<Context> told = Promise.promise();
      vertx.runOnContext(
          start -> {
            selector.select("greeter").onSuccess(next -> told.complete(Vertx.currentContext()));
            asked.complete(Vertx.currentContext());
          });
      Context caller =
          asked.future().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);

      registry.held().complete(List.of(greeter("1", node("a"))));

      assertSame(
          caller,
          told.future().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS));
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void closedSelectorRefusesSelectsAndLetsOpenChoicesWork() {
    registry.answer(greeter("1", node("a")));
    Next open = next();

    assertTrue(selector.close().succeeded());
    assertTrue(selector.close().succeeded());

    assertEquals(503, failure().code());
    Pick pick = open.next();
    pick.done(Outcome.SUCCESS);
    assertEquals(0, selector.openPicks());
  }

  @Test
  void randomPicksEachNodeEquallyOften() {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      nodes.add(node("n" + i));
    }
    registry.answer(greeter("1").withNodes(nodes));
    Map<String, Integer> picks = new TreeMap<>();

    for (int i = 0; i < 100_000; i++) {
      picks.merge(next().next().node().id(), 1, Integer::sum);
    }

    int most = picks.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
    assertEquals(10, picks.size());
    assertTrue(most <= 1.3 * 10_000, picks.toString());
  }

  /** Picks at random and remembers what it was given. */
  private static final class RecordingStrategy implements Strategy {
    private final List<List<Candidate>> pickers = new ArrayList<>();
    private final List<@Nullable String> keys = new ArrayList<>();
    private final List<String> observed = new ArrayList<>();
    private int balancers;

    Candidate candidate(String id) {
      return pickers.get(pickers.size() - 1).stream()
          .filter(candidate -> candidate.id().equals(id))
          .findAny()
          .orElseThrow();
    }

    @Override
    public Balancer newBalancer(RandomGenerator random) {
      balancers++;
      Balancer uniform = Strategy.random().newBalancer(random);
      return candidates -> {
        pickers.add(candidates);
        Picker picker = uniform.picker(candidates);
        return (request, now) -> {
          keys.add(request.key());
          return picker.pick(request, now);
        };
      };
    }

    @Override
    public Load newLoad() {
      return new Load() {
        @Override
        public void observe(Outcome.Kind kind, long elapsedNanos, long now) {
          observed.add(kind + " " + elapsedNanos / 1_000_000);
        }

        @Override
        public double value(double inFlight, long ageNanos, long now) {
          return 0;
        }

        @Override
        public void reset() {
          observed.add("reset");
        }
      };
    }
  }
}
