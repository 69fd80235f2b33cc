// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.ScriptedRegistry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.FakeTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every strategy with everything that composes around strategies: each two of them together at
 * least once.
 */
class CompositionTest {

  private static final int CALLS = 6_000;

  /** How many nodes of each kind there are; the last two come late, the first ones fail. */
  private static final int OF_A_KIND = 8;

  private static final List<String> STRATEGIES = List.copyOf(Strategy.names());

  /** Those that give all nodes of a group their shares of calls that do not overlap. */
  private static final Set<String> NOT_EVEN = Set.of("first", "power-of-two");

  private static final Set<String> KEYED = Set.of("ring-hash", "maglev", "shard");

  private enum Narrowed {
    NOT,
    BY_VERSION,
    BY_LABEL
  }

  private enum Failing {
    NONE,
    FEW,
    MOST
  }

  /** One row: which settings meet. */
  private record Setting(
      String strategy,
      Narrowed narrowed,
      Failing failing,
      boolean slowStart,
      boolean zone,
      boolean preferred,
      boolean subset,
      boolean key) {

    static final int[] SIZES = {STRATEGIES.size(), 3, 3, 2, 2, 2, 2, 2};

    static Setting of(int[] row) {
      return new Setting(
          STRATEGIES.get(row[0]),
          Narrowed.values()[row[1]],
          Failing.values()[row[2]],
          row[3] == 1,
          row[4] == 1,
          row[5] == 1,
          row[6] == 1,
          row[7] == 1);
    }

    boolean isEven() {
      return !NOT_EVEN.contains(strategy) && !(key && KEYED.contains(strategy));
    }

    SelectorOptions options() {
      return new SelectorOptions()
          .setSlowStart(slowStart ? Duration.ofSeconds(10) : Duration.ZERO)
          .setZone(zone ? "east" : null)
          .setSubsetting(subset);
    }

    List<Filter> filters() {
      return switch (narrowed) {
        case NOT -> List.of();
        case BY_VERSION -> List.of(Filter.versionRange("^1.2"));
        case BY_LABEL -> List.of(Filter.label("arch", "arm"));
      };
    }

    List<Filter> preferences() {
      return preferred ? List.of(Filter.label("tier", "gold")) : List.of();
    }

    SelectOptions select() {
      SelectOptions select = new SelectOptions();
      filters().forEach(select::addFilter);
      preferences().forEach(select::addPreferred);
      return key ? select.setKey("user-4711") : select;
    }
  }

  static Stream<Setting> settings() {
    return AllPairs.of(Setting.SIZES).stream().map(Setting::of);
  }

  @Test
  void eachTwoSettingsMeet() {
    Set<List<Integer>> met = new HashSet<>();
    List<int[]> rows = AllPairs.of(Setting.SIZES);
    rows.forEach(row -> met.addAll(AllPairs.met(row)));

    assertEquals(AllPairs.pairs(Setting.SIZES), met);
    assertTrue(rows.size() < 100, rows.size() + " rows");
  }

  /** A service as a setting wants it: nodes have come late and have failed. */
  private static final class World {
    final ScriptedRegistry registry = new ScriptedRegistry();
    final Setting setting;
    final RegistrySelector selector;
    final SelectOptions options;

    World(Setting setting) {
      this.setting = setting;
      this.options = setting.select();
      this.selector =
          (RegistrySelector)
              Selector.builder(registry, new FakeTimeSource())
                  .strategy(Strategy.named(setting.strategy()))
                  .options(setting.options())
                  .random(new SplittableRandom(31))
                  .build();
      serve(OF_A_KIND - 2);
      pick().done(Outcome.SUCCESS);
      serve(OF_A_KIND);
      pick().done(Outcome.SUCCESS);
      int failing =
          switch (setting.failing()) {
            case NONE -> 0;
            case FEW -> 1;
            case MOST -> 5;
          };
      for (Candidate candidate : entry().topology().candidates()) {
        if (number(candidate.id()) < failing) {
          eject(candidate.id());
        }
      }
    }

    /** Two versions, each with the same number of nodes of each zone, tier and architecture. */
    void serve(int ofAKind) {
      List<Service> versions = new ArrayList<>();
      for (String version : List.of("1.4.0", "2.0.0")) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 8 * ofAKind; i++) {
          int kind = i / ofAKind;
          String zone = kind % 2 == 0 ? "east" : "west";
          String tier = kind / 2 % 2 == 0 ? "gold" : "plain";
          String arch = kind / 4 == 0 ? "arm" : "x86";
          String id = String.join("-", "v" + version, zone, tier, arch, "" + i % ofAKind);
          nodes.add(
              Node.builder(id, "127.0.0.1:1")
                  .metadata("zone", zone)
                  .metadata("tier", tier)
                  .metadata("arch", arch)
                  .build());
        }
        versions.add(Service.builder("greeter").version(version).build().withNodes(nodes));
      }
      registry.answer(versions.toArray(Service[]::new));
    }

    void eject(String id) {
      Filter only = Filter.where(id, (service, node) -> node.id().equals(id));
      for (int i = 0; i < EjectionOptions.DEFAULT_CONSECUTIVE_FAILURES; i++) {
        selector.select("greeter", SelectOption.filter(only)).result().next().done(Fleet.LOST);
      }
    }

    ServiceEntry entry() {
      return selector.entry("greeter");
    }

    View view() {
      return entry().route(setting.filters(), setting.preferences()).view();
    }

    Next next() {
      return selector.select("greeter", options).result();
    }

    Pick pick() {
      return next().next();
    }

    boolean isKept(String id) {
      return switch (setting.narrowed()) {
        case NOT -> true;
        case BY_VERSION -> id.startsWith("v1.4.0-");
        case BY_LABEL -> id.contains("-arm-");
      };
    }

    Set<String> ejected() {
      return entry().topology().candidates().stream()
          .filter(candidate -> candidate.state().health() == Health.EJECTED)
          .map(Candidate::id)
          .collect(Collectors.toSet());
    }
  }

  private static int number(String id) {
    return Integer.parseInt(id.substring(id.lastIndexOf('-') + 1));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void callTriesEachNodeThatItMayOnceInTheOrderOfTheTiers(Setting setting) {
    World world = new World(setting);
    Set<String> ejected = world.ejected();
    boolean panic = world.view().available().panic();
    assertEquals(setting.failing() != Failing.NONE, !ejected.isEmpty());

    for (int call = 0; call < 20; call++) {
      Next next = world.next();
      List<String> tried = new ArrayList<>();
      for (int i = next.size(); i > 0; i--) {
        Pick pick = next.next();
        tried.add(pick.node().id());
        pick.done(Outcome.SUCCESS);
      }
      Set<String> different = new HashSet<>(tried);

      assertEquals(tried.size(), different.size(), tried.toString());
      assertTrue(tried.stream().allMatch(world::isKept), tried.toString());
      assertTrue(panic || tried.stream().noneMatch(ejected::contains), tried.toString());
      assertTrue(different.contains(next.next().node().id()));
      if (setting.preferred()) {
        assertInOrder(tried, "-gold-");
      }
      if (setting.zone() && setting.failing() == Failing.NONE) {
        assertInOrder(tried.stream().filter(id -> id.contains("-gold-")).toList(), "-east-");
        if (setting.preferred()) {
          assertInOrder(tried.stream().filter(id -> id.contains("-plain-")).toList(), "-east-");
        }
      }
    }
  }

  /** Asserts that those with the mark come before the others. */
  private static void assertInOrder(List<String> ids, String mark) {
    long marked = ids.stream().filter(id -> id.contains(mark)).count();
    assertTrue(
        ids.stream().limit(marked).allMatch(id -> id.contains(mark)),
        mark + " should come first: " + ids);
  }

  @ParameterizedTest
  @MethodSource("settings")
  void callsAreSpreadByTheSharesWithinAGroup(Setting setting) {
    World world = new World(setting);
    Set<String> ejected = world.ejected();
    boolean panic = world.view().available().panic();
    Map<String, Integer> picks = new TreeMap<>();
    for (int i = 0; i < CALLS; i++) {
      Pick pick = world.pick();
      picks.merge(pick.node().id(), 1, Integer::sum);
      pick.done(Outcome.SUCCESS);
    }

    assertTrue(picks.keySet().stream().allMatch(world::isKept), picks.toString());
    assertTrue(panic || picks.keySet().stream().noneMatch(ejected::contains), picks.toString());
    if (setting.preferred()) {
      assertTrue(picks.keySet().stream().allMatch(id -> id.contains("-gold-")), picks.toString());
    }
    if (setting.key() && KEYED.contains(setting.strategy())) {
      assertEquals(1, picks.size(), picks.toString());
    }
    if (setting.isEven()) {
      byGroup(world.view())
          .forEach(
              (group, shares) -> {
                Map<String, Integer> ofGroup = new TreeMap<>(picks);
                ofGroup.keySet().retainAll(shares.keySet());
                if (!ofGroup.isEmpty() && shares.size() > 1) {
                  ChiSquare.assertShares(ofGroup, shares);
                }
              });
    }
  }

  private static Map<Integer, Map<String, Double>> byGroup(View view) {
    Map<Integer, Map<String, Double>> groups = new HashMap<>();
    for (Candidate candidate : view.groups().candidates()) {
      groups
          .computeIfAbsent(candidate.group(), missing -> new TreeMap<>())
          .put(candidate.id(), candidate.share());
    }
    return groups;
  }

  @ParameterizedTest
  @MethodSource("settings")
  void viewHasWhatTheSettingSays(Setting setting) {
    World world = new World(setting);
    View view = world.view();
    int groups = (setting.zone() ? 2 : 1) * (setting.preferred() ? 2 : 1);
    int all = setting.narrowed() == Narrowed.NOT ? 128 : 64;

    int eligible = view.size() + view.available().ejected().size();
    assertEquals(setting.subset() ? Subset.LEAST * groups : all, eligible);
    assertEquals(groups, byGroup(view).size());
    for (Candidate candidate : view.groups().candidates()) {
      boolean isNew = number(candidate.id()) >= OF_A_KIND - 2;
      assertEquals(setting.slowStart() && isNew ? 0.1 : 1, candidate.share(), candidate.id());
    }
    if (!setting.subset()) {
      assertEquals(setting.failing() == Failing.MOST, view.available().panic());
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void whatIsKnownOfNodesSurvivesChangesOfTheService(Setting setting) {
    World world = new World(setting);
    Map<String, NodeState> before = states(world);
    Set<String> ejected = world.ejected();
    Set<String> eligible = ids(world.view());
    Pick open = world.pick();

    world.serve(OF_A_KIND);
    world.pick().done(Outcome.SUCCESS);

    Map<String, NodeState> after = states(world);
    before.forEach((id, state) -> assertSame(state, after.get(id), id));
    assertEquals(ejected, world.ejected());
    assertEquals(eligible, ids(world.view()));
    assertEquals(1, after.get(open.node().id()).inFlight());
    open.done(Outcome.SUCCESS);
    assertEquals(0, world.selector.openPicks());
  }

  private static Map<String, NodeState> states(World world) {
    return world.entry().topology().candidates().stream()
        .collect(Collectors.toMap(Candidate::id, Candidate::state));
  }

  private static Set<String> ids(View view) {
    return view.groups().candidates().stream().map(Candidate::id).collect(Collectors.toSet());
  }
}
