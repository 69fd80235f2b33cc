// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import static dev.vertxmicro.registry.consul.ScriptedAgent.entry;
import static dev.vertxmicro.registry.consul.ScriptedAgent.health;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.registry.consul.Health.Entry;
import dev.vertxmicro.registry.consul.Health.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

class ConsulWatchTest {

  private static final Entry A = entry("a", State.UP);
  private static final Entry B = entry("b", State.UP);

  private final ScriptedAgent agent = new ScriptedAgent();
  private final List<RegistryEvent> events = new ArrayList<>();
  private final Registry registry = agent.registry();
  private Watch watch;

  private void begin(Health first) {
    watch = registry.watch("greeter", events::add);
    agent.query.answer(first);
    agent.takeAsked();
  }

  /** Answers the query under way, and lets the next begin. */
  private void answer(Health health) {
    agent.query.answer(health);
    agent.time.advance(ConsulWatch.PACE_WITHOUT_INDEX);
  }

  private List<String> take() {
    List<String> all =
        events.stream()
            .map(
                event ->
                    event.action() + " " + event.service().nodes().stream().map(Node::id).toList())
            .toList();
    events.clear();
    return all;
  }

  @Test
  void standsWithTheFirstAnswerAndReportsNothingOfIt() {
    watch = registry.watch("greeter", events::add);
    assertEquals(List.of("servers", "watch greeter 0"), agent.takeAsked());
    assertFalse(watch.ready().isComplete());

    agent.query.answer(health(7, A));

    assertTrue(watch.ready().succeeded());
    assertEquals(List.of(), take());
    agent.time.advance(ConsulWatch.PACE);
    assertEquals(List.of("watch greeter 7"), agent.takeAsked());
  }

  @Test
  void reportsWhatComesChangesAndGoes() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);

    answer(health(8, A, B));
    assertEquals(List.of("CREATE [b]"), take());

    Entry moved = new Entry(State.UP, "machine", B.mark(), "1", Node.of("b", "other:2"));
    answer(health(9, A, moved));
    assertEquals(List.of("UPDATE [b]"), take());

    answer(health(9, A, moved));
    assertEquals(List.of(), take());

    answer(health(10, A));
    assertEquals(List.of("DELETE [b]"), take());
    assertEquals(0, agent.log.warnings().size());
  }

  @Test
  void aNodeThatIsCriticalIsGoneAndComesBack() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);

    answer(health(8, entry("a", State.DOWN)));
    assertEquals(List.of("DELETE [a]"), take());

    answer(health(9, A));
    assertEquals(List.of("CREATE [a]"), take());
  }

  @Test
  void aNodeWhoseCheckHasNotRunStaysAsItWas() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);

    answer(health(8, entry("a", State.UNKNOWN), entry("b", State.UNKNOWN)));
    assertEquals(List.of(), take());

    answer(health(9, A, B));
    assertEquals(List.of("CREATE [b]"), take());

    answer(health(10, entry("a", State.UNKNOWN), entry("b", State.DOWN)));
    assertEquals(List.of("DELETE [b]"), take());
    answer(health(11, entry("a", State.DOWN), entry("b", State.DOWN)));
    assertEquals(List.of("DELETE [a]"), take());
  }

  @Test
  void aMissingNodeIsGoneWithoutFurtherQuestionsWhileAnotherIsThere() {
    begin(health(7, A, B));
    agent.time.advance(ConsulWatch.PACE);
    agent.takeAsked();

    agent.query.answer(health(8, A));

    assertEquals(List.of("DELETE [b]"), take());
    assertEquals(List.of(), agent.takeAsked());
  }

  @Test
  void theOtherMayBeCriticalToShowThatTheStateWasKept() {
    begin(health(7, A, entry("b", State.DOWN)));
    agent.time.advance(ConsulWatch.PACE);

    answer(health(8, entry("b", State.DOWN)));

    assertEquals(List.of("DELETE [a]"), take());
  }

  @Test
  void theLastNodeIsGoneWhenTheServersAreThereAndTheTokenMayRead() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);
    agent.servers = Set.of("server-1 5", "server-2 9");
    agent.takeAsked();

    agent.query.answer(health(8));

    assertEquals(List.of("DELETE [a]"), take());
    assertEquals(
        List.of("servers", "mayRead greeter [machine]", "health greeter"), agent.takeAsked());
  }

  @Test
  void serversThatAreReplacedOneByOneAreStillTheSame() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);
    agent.servers = Set.of("server-1 5", "server-2 9");
    answer(health(8));
    assertEquals(List.of("DELETE [a]"), take());
    answer(health(9, A));
    take();

    agent.servers = Set.of("server-2 9");
    answer(health(10));

    assertEquals(List.of("DELETE [a]"), take());
  }

  @Test
  void lostStateDeletesNothingAndWhatComesBackIsNew() {
    begin(health(7, A, B));
    agent.time.advance(ConsulWatch.PACE);
    agent.servers = Set.of("server-1 6");

    answer(health(8));
    assertEquals(List.of(), take());

    Entry again = entry("a", State.UP, 99);
    answer(health(9, again));
    assertEquals(List.of("CREATE [a]"), take());

    // B never came back, and Consul knows nothing of it: no proof either.
    answer(health(10, again));
    assertEquals(List.of(), take());
    answer(health(11));
    assertEquals(List.of("DELETE [a]"), take());
  }

  @Test
  void afterALossTheNewServersCount() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);
    agent.servers = Set.of("server-1 6");
    answer(health(8, entry("a", State.UP, 99)));
    assertEquals(List.of(), take());

    answer(health(9));

    assertEquals(List.of("DELETE [a]"), take());
  }

  @Test
  void afterALossThatTheIndexShowsTheNewServersCount() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);
    agent.servers = Set.of("server-1 6");
    answer(health(3));
    answer(health(4, entry("a", State.UP, 4)));
    assertEquals(List.of("CREATE [a]"), take());

    answer(health(5));

    assertEquals(List.of("DELETE [a]"), take());
  }

  @Test
  void aNodeThatIsRegisteredAnewProvesNothing() {
    begin(health(7, A, B));
    agent.time.advance(ConsulWatch.PACE);
    agent.servers = Set.of("server-9 5");

    answer(health(8, entry("a", State.UP, 8)));

    assertEquals(List.of(), take());
  }

  @Test
  void entriesWithoutAMarkProveNothing() {
    Entry plain = new Entry(State.UP, "machine", "", "1", A.node());
    begin(health(7, plain, B));
    agent.time.advance(ConsulWatch.PACE);
    agent.servers = Set.of("server-1 6");

    answer(health(8, plain));

    assertEquals(List.of(), take());
  }

  @Test
  void anIndexThatGoesBackwardsDeletesNothingAndAsksForAll() {
    begin(health(7, A, B));
    agent.time.advance(ConsulWatch.PACE);
    agent.takeAsked();

    answer(health(6, A));

    assertEquals(List.of(), take());
    assertEquals(List.of("watch greeter 0"), agent.takeAsked());
    answer(health(6, A, B));
    assertEquals(List.of("CREATE [b]"), take());
    assertEquals(List.of("watch greeter 6"), agent.takeAsked());
  }

  @Test
  void anAnswerWithoutIndexIsAskedAgainAtEase() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);
    agent.takeAsked();

    agent.query.answer(health(0, A));

    agent.time.advance(ConsulWatch.PACE_WITHOUT_INDEX.minusMillis(1));
    assertEquals(List.of(), agent.takeAsked());
    agent.time.advance(Duration.ofMillis(1));
    assertEquals(List.of("watch greeter 0"), agent.takeAsked());
  }

  @Test
  void queriesKeepTheirPace() {
    begin(health(7, A));

    agent.time.advance(ConsulWatch.PACE.minusMillis(1));
    assertEquals(List.of(), agent.takeAsked());
    agent.time.advance(Duration.ofMillis(1));
    assertEquals(List.of("watch greeter 7"), agent.takeAsked());

    agent.time.advance(Duration.ofSeconds(5));
    agent.query.answer(health(8, A));
    assertEquals(List.of("watch greeter 8"), agent.takeAsked());
  }

  @Test
  void aDeniedAnswerDeletesNothingUntilTheTokenMayReadAgain() {
    begin(health(7, A, B));
    agent.time.advance(ConsulWatch.PACE);
    agent.mayRead = false;

    answer(health(8));
    answer(health(8));
    assertEquals(List.of(), take());
    assertEquals(1, agent.log.warnings().size());
    assertTrue(agent.log.warnings().get(0).contains("may not read"));

    agent.mayRead = true;
    answer(health(9, A));
    assertEquals(List.of("DELETE [b]"), take());
  }

  @Test
  void aRightThatCameAfterTheAnswerIsNoProof() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);
    agent.now = health(7, A);
    agent.takeAsked();

    answer(health(7));

    assertEquals(List.of(), take());
    assertTrue(agent.takeAsked().contains("watch greeter 0"));
  }

  @Test
  void whatIsReallyGoneMeanwhileIsReportedWhenTheTokenMayReadAgain() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);
    agent.mayRead = false;
    answer(health(8));

    agent.mayRead = true;
    answer(health(9));

    assertEquals(List.of("DELETE [a]"), take());
  }

  @Test
  void withoutAWordOnTheServersTheLastNodesStay() {
    agent.forbidsServers = true;
    begin(health(7, A, B));
    assertTrue(watch.ready().succeeded());
    agent.time.advance(ConsulWatch.PACE);

    answer(health(8, A));
    assertEquals(List.of("DELETE [b]"), take());
    answer(health(9));
    assertEquals(List.of(), take());

    agent.forbidsServers = false;
    answer(health(10));
    assertEquals(List.of(), take());
    answer(health(11));
    assertEquals(List.of("DELETE [a]"), take());
  }

  @Test
  void aFailureAsksForAllAndReportsWhatWasMissed() {
    begin(health(7, A, B));
    agent.time.advance(ConsulWatch.PACE);
    agent.takeAsked();

    agent.query.fail();
    agent.time.advance(Duration.ofMillis(100));
    assertEquals(List.of("watch greeter 0"), agent.takeAsked());
    agent.query.answer(health(12, A, entry("c", State.UP)));

    assertEquals(List.of("DELETE [b]", "CREATE [c]"), take());
  }

  @Test
  void failuresWaitLongerAndLonger() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);
    long before = agent.time.nanoTime();
    List<Long> waits = new ArrayList<>();

    for (int i = 0; i < 12; i++) {
      agent.takeAsked();
      agent.query.fail();
      while (agent.asked.isEmpty()) {
        agent.time.advance(Duration.ofMillis(1));
      }
      waits.add((agent.time.nanoTime() - before) / 1_000_000);
      before = agent.time.nanoTime();
    }

    long most = 100;
    for (long wait : waits) {
      assertTrue(wait >= most / 2 && wait <= most + 1, waits::toString);
      most = Math.min(10_000, 2 * most);
    }
  }

  @Test
  void beginsAgainUntilConsulIsThere() {
    agent.down = true;
    watch = registry.watch("greeter", events::add);
    agent.time.advance(Duration.ofSeconds(30));
    assertFalse(watch.ready().isComplete());

    agent.down = false;
    agent.time.advance(Duration.ofSeconds(10));
    agent.query.answer(health(7, A));

    assertTrue(watch.ready().succeeded());
    assertEquals(List.of(), take());
  }

  @Test
  void aFailedProofKeepsWhatIsMissing() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);
    agent.down = true;

    answer(health(8));
    assertEquals(List.of(), take());

    agent.down = false;
    answer(health(9));
    assertEquals(List.of("DELETE [a]"), take());
  }

  @Test
  void closingEndsTheQueryAndTheTimers() {
    begin(health(7, A));
    agent.time.advance(ConsulWatch.PACE);

    watch.close();
    watch.close();

    assertTrue(agent.query.cancelled);
    assertEquals(0, agent.time.armed());
    agent.time.advance(Duration.ofMinutes(1));
    assertEquals(List.of(), take());
  }

  @Test
  void closingBetweenQueriesEndsTheTimer() {
    begin(health(7, A));
    assertEquals(1, agent.time.armed());

    watch.close();

    assertEquals(0, agent.time.armed());
  }

  @Test
  void closingBeforeItStandsFailsIt() {
    watch = registry.watch("greeter", events::add);

    watch.close();

    assertTrue(watch.ready().failed());
    assertTrue(agent.query.cancelled);
  }

  @Test
  void aWatchTooManyFails() {
    Registry one = agent.registry(new ConsulOptions().setMaxWatches(1));
    Watch first = one.watch("a", events::add);

    assertTrue(one.watch("b", events::add).ready().failed());
    first.close();
    assertFalse(one.watch("b", events::add).ready().isComplete());
  }

  @Test
  void aPersonHearsOfAnOutageOnce() {
    try (RecordedLogger told = new RecordedLogger(ConsulRegistry.class)) {
      registry.watch("greeter", events::add);
      ScriptedAgent.Asked first = agent.query;
      registry.watch("clock", events::add);

      first.fail();
      agent.query.fail();
      agent.down = true;
      agent.time.advance(Duration.ofMinutes(1));

      assertEquals(1, told.messages(Level.WARNING).size(), told.messages(Level.WARNING)::toString);
    }
  }
}
