// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.DnsAnswer.Target;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One service in a {@link DnsRegistry}. Touched at the home of the registry only.
 *
 * <p>At most one query is under way; whoever looks up meanwhile waits for it. An answer with nodes
 * is good for its TTL within the bounds of the options, one without and a failure for {@link
 * #HOLD_NANOS}. While somebody watches, the name is asked again when its answer is no longer good.
 */
final class DnsName {

  /** How long a failure and an answer without nodes are not asked about again: 1 s. */
  static final long HOLD_NANOS = 1_000_000_000L;

  private static final System.Logger LOG = System.getLogger(DnsRegistry.class.getName());

  /** RFC 2782 gives a weight of 0 "a very small chance", and a node's weight is above 0. */
  private static final String WEIGHT_OF_ZERO = "0.1";

  private static final Comparator<Target> ORDER =
      Comparator.comparingInt(Target::priority)
          .thenComparing(Target::host)
          .thenComparingInt(Target::port);

  private final DnsRegistry registry;
  private final String service;
  private final String name;
  private final Set<DnsWatch> watches = new LinkedHashSet<>();
  private Set<String> absentOnce = Set.of();
  private @Nullable List<Service> last;
  private @Nullable List<Service> reported;
  private @Nullable RpcException failure;
  private @Nullable Promise<List<Service>> underWay;
  private @Nullable Timer poll;
  private long goodUntil;
  private boolean closed;

  DnsName(DnsRegistry registry, String service, String name) {
    this.registry = registry;
    this.service = service;
    this.name = name;
  }

  String service() {
    return service;
  }

  /** Tells whether it may be forgotten. */
  boolean isIdle() {
    return watches.isEmpty() && underWay == null;
  }

  /** Returns the last answer or failure while it is good, else the one that is to come. */
  Future<List<Service>> lookUp() {
    if (underWay != null) {
      return underWay.future();
    }
    if (goodUntil - time().nanoTime() > 0) {
      if (failure != null) {
        return Future.failedFuture(failure);
      }
      if (last != null) {
        return Future.succeededFuture(last);
      }
    }
    return ask();
  }

  private Future<List<Service>> ask() {
    cancelPoll();
    Promise<List<Service>> promise = Promise.promise();
    underWay = promise;
    query().onComplete(this::answered);
    return promise.future();
  }

  private Future<DnsAnswer> query() {
    try {
      return registry.queries().query(name);
    } catch (RuntimeException refused) {
      return Future.failedFuture(refused);
    }
  }

  private void answered(AsyncResult<DnsAnswer> result) {
    Promise<List<Service>> waiting = underWay;
    if (closed || waiting == null) {
      return;
    }
    underWay = null;
    if (result.failed()) {
      RpcException cause = unavailable(result.cause());
      failed(cause);
      waiting.fail(cause);
    } else {
      List<Service> versions = versions(result.result());
      found(versions, result.result().ttlSeconds());
      waiting.complete(versions);
    }
  }

  private RpcException unavailable(Throwable cause) {
    return cause instanceof RpcException known
        ? known
        : RpcException.client(GrpcStatus.UNAVAILABLE, "dns " + name + ": " + cause)
            .cause(cause)
            .build();
  }

  private void failed(RpcException cause) {
    LOG.log(Level.DEBUG, () -> "service " + service + ": " + cause);
    failure = cause;
    goodUntil = time().nanoTime() + HOLD_NANOS;
    pollIn(registry.options().getMinInterval().toNanos());
  }

  private void found(List<Service> versions, long ttlSeconds) {
    failure = null;
    last = versions;
    long least = registry.options().getMinInterval().toNanos();
    long most = Math.max(least, registry.options().getMaxInterval().toNanos());
    long ttl = Math.min(ttlSeconds, most / 1_000_000_000L + 1) * 1_000_000_000L;
    long good = versions.isEmpty() ? HOLD_NANOS : Math.max(least, Math.min(ttl, most));
    goodUntil = time().nanoTime() + good;
    pollIn(Math.max(least, good));
    if (reported == null) {
      reported = versions;
      watches.forEach(DnsWatch::stand);
    } else if (!versions.isEmpty()) {
      report(reported, versions);
    }
  }

  /**
   * Reports what has changed. A node that an answer lacks is reported as gone if the next one lacks
   * it as well: servers that give a part of many records at a time would else make nodes flap. An
   * answer without any node is not reported at all.
   */
  private void report(List<Service> before, List<Service> answer) {
    Map<String, Node> nodes = new LinkedHashMap<>();
    answer.get(0).nodes().forEach(node -> nodes.put(node.id(), node));
    Set<String> absent = new HashSet<>();
    for (Service version : before) {
      for (Node node : version.nodes()) {
        if (!nodes.containsKey(node.id()) && !absentOnce.contains(node.id())) {
          absent.add(node.id());
          nodes.put(node.id(), node);
        }
      }
    }
    absentOnce = absent;
    List<Service> after = List.of(answer.get(0).withNodes(List.copyOf(nodes.values())));
    reported = after;
    for (RegistryEvent event : Versions.diff(before, after)) {
      List.copyOf(watches).forEach(watch -> watch.deliver(event));
    }
  }

  private List<Service> versions(DnsAnswer answer) {
    List<Node> nodes = nodes(answer.targets());
    return nodes.isEmpty() ? List.of() : List.of(Service.builder(service).build().withNodes(nodes));
  }

  /** Returns the nodes in an order that does not depend on that of the records. */
  private List<Node> nodes(List<Target> targets) {
    boolean srv = registry.options().getRecords() == DnsRecords.SRV;
    Map<String, Node> nodes = new LinkedHashMap<>();
    int best = targets.stream().mapToInt(Target::priority).min().orElse(0);
    boolean weighted = targets.stream().anyMatch(target -> target.weight() > 0);
    List<Target> ordered = new ArrayList<>(targets);
    ordered.sort(ORDER);
    for (Target target : ordered) {
      if (target.priority() > best && !registry.options().isBackups()) {
        break;
      }
      String address = address(target);
      String fault = NodeFault.find(address, address).orElse(null);
      if (fault != null) {
        complain(fault + ", left out");
      } else if (nodes.containsKey(address)) {
        complain("node " + address + " comes twice, the one of the best priority is used");
      } else if (nodes.size() == registry.options().getMaxNodes()) {
        complain("more than " + nodes.size() + " nodes, the rest is left out");
        break;
      } else {
        Node.Builder node = Node.builder(address, address);
        if (registry.options().getProtocol() != null) {
          node.protocol(registry.options().getProtocol());
        }
        if (srv) {
          node.metadata(DnsRegistry.PRIORITY, String.valueOf(target.priority()));
        }
        if (weighted) {
          node.metadata(Node.WEIGHT, target.weight() == 0 ? WEIGHT_OF_ZERO : "" + target.weight());
        }
        nodes.put(address, node.build());
      }
    }
    return List.copyOf(nodes.values());
  }

  private static String address(Target target) {
    boolean v6 = target.host().indexOf(':') >= 0;
    return (v6 ? "[" + target.host() + "]" : target.host()) + ":" + target.port();
  }

  private void complain(String what) {
    registry.complaints().about("dns " + name, what);
  }

  void watch(DnsWatch watch) {
    watches.add(watch);
    if (reported == null) {
      reported = last;
    }
    if (reported != null) {
      watch.stand();
    }
    if (underWay == null && poll == null) {
      long left = goodUntil - time().nanoTime();
      if (left > 0) {
        pollIn(Math.max(left, HOLD_NANOS));
      } else {
        ask();
      }
    }
  }

  void unwatch(DnsWatch watch) {
    watches.remove(watch);
    if (watches.isEmpty()) {
      cancelPoll();
      reported = null;
      absentOnce = Set.of();
    }
  }

  /** Asks again while somebody watches; up to a tenth later, so that processes do not agree. */
  private void pollIn(long nanos) {
    cancelPoll();
    if (!watches.isEmpty()) {
      long jittered = nanos + (long) (nanos * registry.random().nextDouble(0, 0.1));
      poll =
          time()
              .timer(
                  jittered,
                  () -> {
                    poll = null;
                    ask();
                  });
    }
  }

  private void cancelPoll() {
    if (poll != null) {
      poll.cancel();
      poll = null;
    }
  }

  void close() {
    closed = true;
    cancelPoll();
    RpcException end =
        RpcException.client(GrpcStatus.UNAVAILABLE, "service " + service + ": registry closed")
            .build();
    List.copyOf(watches).forEach(watch -> watch.fail(end));
    watches.clear();
    Promise<List<Service>> waiting = underWay;
    underWay = null;
    if (waiting != null) {
      waiting.fail(end);
    }
  }

  private TimeSource time() {
    return registry.time();
  }
}
