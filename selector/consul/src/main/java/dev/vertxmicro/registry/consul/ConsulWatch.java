// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Versions;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.registry.consul.Health.Entry;
import dev.vertxmicro.registry.consul.Health.State;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A watch on one service: a chain of blocking queries, each answer compared with what was reported.
 *
 * <p>A node that comes or changes is reported as it is. A node that goes is reported only if there
 * is proof, since whoever hears of it believes it:
 *
 * <ul>
 *   <li>It is listed and critical: proof. But a check that is critical and has not run yet proves
 *       nothing, and the node stays as it was.
 *   <li>It is missing, and the index went backwards: Consul's state is not what it was. No proof;
 *       what is missing is forgotten without a word, as Consul has forgotten it.
 *   <li>It is missing, and another entry is still there with the index it was made at: the state
 *       was kept and we may read it. Proof.
 *   <li>Nothing is there that was there. Then the servers are asked: at least one of those that
 *       were there before must still be, with the index at which it joined, else the state was lost
 *       and all is forgotten without a word; and the token must be allowed to read the service and
 *       its machines, else Consul would answer the same whatever there is; and asked once more, now
 *       that this is known, it must answer the same. Where Consul does not say either, all stays as
 *       it was, and is judged again with the next answer.
 * </ul>
 *
 * <p>The first answer is what changes are told from; it is read after the servers, so that no loss
 * in between goes unseen. After a failure the next query asks for all at once (index 0), and so it
 * does after an index that went backwards or is none, and over a new connection: Consul may have
 * been another between two queries, and one that starts anew would hold the query back until its
 * index gets there. Queries begin at least {@link #PACE} apart.
 *
 * <p>Touched on the home of the registry, but for {@link #close} and the delivery of events.
 */
final class ConsulWatch implements Watch {

  /** From the start of one query to that of the next, at least. */
  static final Duration PACE = Duration.ofMillis(100);

  /** The same where Consul gives no index to wait for. */
  static final Duration PACE_WITHOUT_INDEX = Duration.ofSeconds(1);

  /** The machines that are asked about when all nodes have gone. */
  private static final int MAX_MACHINES = 16;

  private static final System.Logger LOG = System.getLogger(ConsulWatch.class.getName());

  /** What becomes of the nodes that are missing in an answer. */
  private enum Missing {
    DELETED,
    FORGOTTEN,
    KEPT
  }

  private final ConsulRegistry registry;
  private final Agent agent;
  private final String service;
  private final Handler<RegistryEvent> handler;
  private final Executor executor;
  private final Promise<Void> ready = Promise.promise();
  private volatile boolean closed;

  // Touched on the home of the registry only.
  private @Nullable List<Service> reported;
  private Map<String, Entry> entries = Map.of();
  private Set<String> servers = Set.of();
  private long seenIndex;
  private long askIndex;
  private long askedAt;
  private int failures;
  private Agent.@Nullable Query query;
  private @Nullable Timer timer;

  ConsulWatch(
      ConsulRegistry registry,
      Agent agent,
      String service,
      Handler<RegistryEvent> handler,
      Executor executor) {
    this.registry = registry;
    this.agent = agent;
    this.service = service;
    this.handler = handler;
    this.executor = executor;
  }

  @Override
  public Future<Void> ready() {
    return ready.future();
  }

  /** Ends before it has begun. */
  void refuse(RpcException why) {
    closed = true;
    ready.tryFail(why);
  }

  /** Begins, on the home of the registry. */
  void open() {
    if (closed) {
      return;
    }
    askedAt = registry.time().nanoTime();
    if (reported != null) {
      ask();
      return;
    }
    agent
        .servers()
        .onComplete(
            told -> {
              if (closed) {
                return;
              }
              if (told.succeeded()) {
                servers = told.result();
                ask();
              } else if (isRefused(told.cause())) {
                ask();
              } else {
                failed(told.cause());
              }
            });
  }

  /** Consul refuses to say who the servers are: then there is no proof by them. */
  private static boolean isRefused(Throwable failure) {
    return RpcException.from(failure).code() == 403;
  }

  private void ask() {
    Agent.Query asked = agent.health(service, askIndex);
    query = asked;
    asked
        .answer()
        .onComplete(
            told -> {
              if (!closed) {
                query = null;
                answered(told);
              }
            });
  }

  private void answered(AsyncResult<Health> told) {
    if (told.failed()) {
      failed(told.cause());
      return;
    }
    Health health = told.result();
    failures = 0;
    registry.well(this);
    boolean backwards = health.index() < seenIndex;
    seenIndex = health.index();
    askIndex = backwards ? 0 : health.index();
    List<Service> before = reported;
    if (before == null) {
      reported = health.up(service);
      entries = health.entries();
      ready.complete();
      next();
      return;
    }
    Set<String> missing = ids(before);
    missing.removeAll(health.entries().keySet());
    judge(missing, backwards, health)
        .onComplete(
            verdict -> {
              if (!closed) {
                report(before, health, missing, verdict.result());
                next();
              }
            });
  }

  private static Set<String> ids(List<Service> versions) {
    return versions.stream()
        .flatMap(version -> version.nodes().stream())
        .map(Node::id)
        .collect(Collectors.toCollection(HashSet::new));
  }

  /** Never fails. */
  private Future<Missing> judge(Set<String> missing, boolean backwards, Health health) {
    Set<String> marks = marks(entries.values());
    boolean same = health.entries().values().stream().anyMatch(e -> marks.contains(e.mark()));
    if (missing.isEmpty() && (same || entries.isEmpty())) {
      return Future.succeededFuture(Missing.KEPT);
    }
    if (same) {
      return Future.succeededFuture(backwards ? Missing.FORGOTTEN : Missing.DELETED);
    }
    // Nothing is there that was there: from here on it is these servers that count.
    return agent
        .servers()
        .compose(
            told -> {
              Set<String> before = servers;
              servers = told.isEmpty() ? before : told;
              if (missing.isEmpty()) {
                return Future.succeededFuture(Missing.KEPT);
              }
              return backwards ? Future.succeededFuture(Missing.FORGOTTEN) : judge(before, told);
            })
        .otherwise(
            failure -> {
              LOG.log(
                  Level.DEBUG,
                  () -> "consul service " + service + ": keeps what is missing: " + failure);
              return backwards ? Missing.FORGOTTEN : Missing.KEPT;
            });
  }

  private static Set<String> marks(Collection<Entry> entries) {
    return entries.stream()
        .map(Entry::mark)
        .filter(mark -> !mark.isEmpty())
        .collect(Collectors.toSet());
  }

  private Future<Missing> judge(Set<String> before, Set<String> told) {
    if (before.isEmpty() || told.isEmpty()) {
      registry
          .complaints()
          .about(
              "consul service " + service,
              "no node is listed any more, and the token may not read the service consul to tell"
                  + " whether that is true; they stay as they were");
      return Future.succeededFuture(Missing.KEPT);
    }
    if (told.stream().noneMatch(before::contains)) {
      LOG.log(
          Level.WARNING,
          () ->
              "consul service " + service + ": Consul has lost its state; no node counts as gone");
      return Future.succeededFuture(Missing.FORGOTTEN);
    }
    List<String> machines =
        entries.values().stream().map(Entry::machine).distinct().limit(MAX_MACHINES).toList();
    return agent
        .mayRead(service, machines)
        .compose(
            allowed -> {
              if (allowed) {
                return confirmed();
              }
              registry
                  .complaints()
                  .about(
                      "consul service " + service,
                      "no node is listed any more because the token may not read it or its"
                          + " machines; they stay as they were");
              return Future.succeededFuture(Missing.KEPT);
            });
  }

  /** The token may have got its right after the answer: another one, asked for with it, counts. */
  private Future<Missing> confirmed() {
    return agent
        .health(service)
        .map(
            now -> {
              if (now.entries().isEmpty()) {
                return Missing.DELETED;
              }
              askIndex = 0;
              return Missing.KEPT;
            });
  }

  private void report(List<Service> before, Health health, Set<String> missing, Missing verdict) {
    List<Service> from =
        verdict == Missing.FORGOTTEN ? only(before, id -> !missing.contains(id)) : before;
    List<Service> parts = new ArrayList<>(health.up(service));
    parts.addAll(
        only(
            from,
            id -> {
              Entry entry = health.entries().get(id);
              return entry == null ? verdict == Missing.KEPT : entry.state() == State.UNKNOWN;
            }));
    List<Service> after = Versions.merge(parts, "consul service " + service, registry.complaints());
    Map<String, Entry> known = new LinkedHashMap<>(health.entries());
    if (verdict == Missing.KEPT) {
      entries.forEach(
          (id, entry) -> {
            if (missing.contains(id)) {
              known.putIfAbsent(id, entry);
            }
          });
    }
    entries = known;
    reported = after;
    Versions.diff(from, after).forEach(this::deliver);
  }

  private static List<Service> only(List<Service> versions, Predicate<String> which) {
    return versions.stream()
        .map(
            version ->
                version.withNodes(
                    version.nodes().stream().filter(node -> which.test(node.id())).toList()))
        .filter(version -> !version.nodes().isEmpty())
        .toList();
  }

  private void deliver(RegistryEvent event) {
    executor.execute(
        () -> {
          if (!closed) {
            handler.handle(event);
          }
        });
  }

  private void next() {
    Duration pace = askIndex == 0 && seenIndex == 0 ? PACE_WITHOUT_INDEX : PACE;
    openIn(askedAt + pace.toNanos() - registry.time().nanoTime());
  }

  private void failed(Throwable cause) {
    askIndex = 0;
    registry.failing(this, cause);
    openIn(registry.backoff(failures++).toNanos());
  }

  private void openIn(long nanos) {
    if (nanos <= 0) {
      open();
    } else {
      timer = registry.time().timer(nanos, this::open);
    }
  }

  @Override
  public void close() {
    closed = true;
    registry.run(
        () -> {
          Agent.Query asked = query;
          query = null;
          if (asked != null) {
            asked.cancel();
          }
          if (timer != null) {
            timer.cancel();
          }
          ready.tryFail(HttpExchanges.closedFailure());
          registry.forget(this);
        });
  }

  @Override
  public String toString() {
    return "watch on consul service " + service;
  }
}
