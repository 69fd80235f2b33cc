// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.ScriptedRegistry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.FakeTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Nodes that answer as a test says, called through a selector whose news are written down. */
final class Fleet implements SelectorObserver {

  static final Outcome LOST = failed(GrpcStatus.UNAVAILABLE, Processed.UNKNOWN);
  static final Outcome REFUSED = failed(GrpcStatus.UNAVAILABLE, Processed.NOT_SENT);
  static final Outcome UNIMPLEMENTED = failed(GrpcStatus.UNIMPLEMENTED, Processed.YES);
  static final Outcome INVALID = failed(GrpcStatus.INVALID_ARGUMENT, Processed.YES);

  final FakeTimeSource time = new FakeTimeSource();
  final ScriptedRegistry registry = new ScriptedRegistry();
  final List<String> news = new ArrayList<>();
  final SplittableRandom random;
  final Selector selector;
  private final Map<String, String> addresses = new LinkedHashMap<>();
  private final Map<String, Supplier<Outcome>> behaviour = new HashMap<>();
  private final Map<String, Integer> picks = new TreeMap<>();
  private final Set<String> out = new TreeSet<>();
  int mostOut;
  Duration lastTime = Duration.ZERO;

  Fleet(Strategy strategy, EjectionOptions options, int nodes, long seed) {
    this.random = new SplittableRandom(seed);
    this.selector =
        Selector.builder(registry, time)
            .strategy(strategy)
            // A node that is taken back would get little at first.
            .options(new SelectorOptions().setSlowStart(Duration.ZERO).setEjection(options))
            .observer(this)
            .random(random.split())
            .build();
    for (int i = 0; i < nodes; i++) {
      addresses.put("n" + i, "127.0.0.1:" + (9000 + i));
    }
    publish();
  }

  static Fleet of(int nodes) {
    return new Fleet(Strategy.roundRobin(), new EjectionOptions(), nodes, 1);
  }

  static Outcome failed(GrpcStatus status, Processed processed) {
    return Outcome.failed(RpcException.client(status, "as told").processed(processed).build());
  }

  private void publish() {
    List<Node> nodes = new ArrayList<>();
    addresses.forEach((id, address) -> nodes.add(Node.of(id, address)));
    registry.answer(Service.builder("greeter").build().withNodes(nodes));
  }

  void join(String id, String address) {
    addresses.put(id, address);
    publish();
  }

  void leave(String... ids) {
    addresses.keySet().removeAll(List.of(ids));
    publish();
  }

  /** From now on the node answers that. */
  void answers(String id, Outcome outcome) {
    behaves(id, () -> outcome);
  }

  void behaves(String id, Supplier<Outcome> outcome) {
    behaviour.put(id, outcome);
  }

  Pick pick(SelectOption... options) {
    Pick pick = selector.select("greeter", options).result().next();
    picks.merge(pick.node().id(), 1, Integer::sum);
    return pick;
  }

  /** Takes picks until so many are of the node, which are returned; the others succeed. */
  List<Pick> picksOf(String id, int count) {
    List<Pick> found = new ArrayList<>();
    while (found.size() < count) {
      Pick pick = pick();
      if (pick.node().id().equals(id)) {
        found.add(pick);
      } else {
        pick.done(Outcome.SUCCESS);
      }
    }
    return found;
  }

  /** Makes one call, which takes 1 ms; returns the node. */
  String call(SelectOption... options) {
    Pick pick = pick(options);
    time.advance(Duration.ofMillis(1));
    end(pick);
    return pick.node().id();
  }

  /** Ends a pick as its node behaves. */
  Outcome end(Pick pick) {
    Outcome outcome = behaviour.getOrDefault(pick.node().id(), () -> Outcome.SUCCESS).get();
    pick.done(outcome);
    return outcome;
  }

  void calls(int count) {
    for (int i = 0; i < count; i++) {
      call();
    }
  }

  /** Makes calls until the node was picked that often. */
  void callsTo(String id, int count) {
    int until = picks(id) + count;
    for (int i = 0; picks(id) < until; i++) {
      if (i > 10_000) {
        throw new AssertionError(id + " is not picked: " + this);
      }
      call();
    }
  }

  /** Makes calls until the node was ejected. */
  void eject(String id) {
    answers(id, LOST);
    callsTo(id, EjectionOptions.DEFAULT_CONSECUTIVE_FAILURES);
    if (!out.contains(id)) {
      throw new AssertionError(id + " is not ejected: " + this);
    }
  }

  void pass(Duration duration) {
    time.advance(duration);
  }

  void forget() {
    picks.clear();
    news.clear();
  }

  int picks(String id) {
    return picks.getOrDefault(id, 0);
  }

  Set<String> out() {
    return out;
  }

  long told(String beginning) {
    return news.stream().filter(line -> line.startsWith(beginning)).count();
  }

  @Override
  public void ejected(String service, Node node, EjectionCause cause, Duration time) {
    news.add("ejected " + node.id() + " " + cause);
    out.add(node.id());
    mostOut = Math.max(mostOut, out.size());
    lastTime = time;
  }

  @Override
  public void ejectionWithheld(String service, Node node, EjectionCause cause) {
    news.add("withheld " + node.id() + " " + cause);
    out.remove(node.id());
  }

  @Override
  public void readmitted(String service, Node node) {
    news.add("readmitted " + node.id());
    out.remove(node.id());
  }

  @Override
  public void probed(String service, Node node, Outcome.Kind result) {
    news.add("probed " + node.id() + " " + result);
  }

  @Override
  public void panicStarted(String service, int healthy, int nodes) {
    news.add("panic " + healthy + " of " + nodes);
  }

  @Override
  public void panicEnded(String service) {
    news.add("calm");
  }

  @Override
  public String toString() {
    return "picks " + picks + ", news " + news;
  }
}
