// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.selector;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The selector: asks the registry, keeps an entry per service, and opens a choice on it.
 *
 * <p>On the path of a call whose service is known nothing is locked, and two objects are made: the
 * choice, which is also the first pick, and the future that it comes in.
 */
final class RegistrySelector implements Selector {

  /** Only services that the registry knows get an entry; this bounds even those. */
  static final int MAX_SERVICES = 10_000;

  private final Registry registry;
  private final TimeSource time;
  private final Strategy strategy;
  private final RandomGenerator random;
  private final SelectorObserver observer;
  private final EjectionOptions ejection;
  private final Tiering tiering;
  private final SpillOver spillOver;
  private final SlowStart slowStart;
  private final @Nullable Peers peers;
  private final ConcurrentMap<String, ServiceEntry> entries = new ConcurrentHashMap<>();
  private final LongAdder opened = new LongAdder();
  private final LongAdder closed = new LongAdder();
  private volatile boolean shut;

  RegistrySelector(SelectorBuilder parts) {
    this.registry = parts.registry();
    this.time = parts.time();
    this.strategy = parts.strategy();
    this.random = parts.random();
    this.observer = GuardedSelectorObserver.of(parts.observer());
    SelectorOptions options = parts.options();
    this.tiering = options.toTiering();
    this.spillOver = new SpillOver(options.getSpillThreshold());
    this.slowStart = options.toSlowStart();
    this.peers = options.isSubsetting() ? new Peers(this, options, random.nextLong()) : null;
    this.ejection = options.getEjection();
  }

  @Override
  public Future<Next> select(String service, SelectOption... options) {
    return select(service, SelectOptions.of(options));
  }

  @Override
  public Future<Next> select(String service, SelectOptions options) {
    if (shut) {
      return Future.failedFuture(
          RpcException.client(GrpcStatus.UNAVAILABLE, "selector: closed").build());
    }
    Future<List<Service>> answer = registry.get(service);
    if (answer.succeeded()) {
      return open(service, answer.result(), options);
    }
    return answer.isComplete()
        ? Future.failedFuture(unreachable(service, answer.cause()))
        : openLater(service, answer, options.copy());
  }

  private Future<Next> open(String service, List<Service> services, SelectOptions options) {
    if (services.isEmpty()) {
      entries.remove(service);
      return Future.failedFuture(
          RpcException.client(GrpcStatus.NOT_FOUND, "service " + service + ": not found").build());
    }
    try {
      ServiceEntry entry = entry(service);
      entry.see(services);
      Route route = entry.route(options.getFilters(), options.getPreferred());
      View view = route.view();
      return view.isEmpty()
          ? Future.failedFuture(view.failure())
          : Future.succeededFuture(Choice.open(route, options.getKey()));
    } catch (RpcException filterFailed) {
      return Future.failedFuture(filterFailed);
    }
  }

  private Future<Next> openLater(
      String service, Future<List<Service>> answer, SelectOptions options) {
    Promise<Next> promise = Promise.promise();
    Context caller = Vertx.currentContext();
    answer.onComplete(
        result -> {
          if (caller == null || caller == Vertx.currentContext()) {
            opened(service, result, options).onComplete(promise);
          } else {
            caller.runOnContext(hop -> opened(service, result, options).onComplete(promise));
          }
        });
    return promise.future();
  }

  private Future<Next> opened(
      String service, AsyncResult<List<Service>> answer, SelectOptions options) {
    return answer.succeeded()
        ? open(service, answer.result(), options)
        : Future.failedFuture(unreachable(service, answer.cause()));
  }

  private static RpcException unreachable(String service, Throwable cause) {
    return cause instanceof RpcException known
        ? known
        : RpcException.client(
                GrpcStatus.UNAVAILABLE, "service " + service + ": registry failed: " + cause)
            .cause(cause)
            .build();
  }

  ServiceEntry entry(String service) {
    ServiceEntry known = entries.get(service);
    if (known != null) {
      return known;
    }
    if (entries.size() >= MAX_SERVICES) {
      Iterator<ServiceEntry> any = entries.values().iterator();
      if (any.hasNext()) {
        any.next();
        any.remove();
      }
    }
    return entries.computeIfAbsent(service, name -> new ServiceEntry(this, name));
  }

  @Override
  public void reset(String service) {
    ServiceEntry entry = entries.get(service);
    if (entry != null) {
      entry.reset();
    }
  }

  @Override
  public ServiceDescription describe(String service) {
    ServiceEntry entry = entries.get(service);
    return entry == null ? Selector.super.describe(service) : entry.describe();
  }

  @Override
  public long openPicks() {
    long ended = closed.sum();
    return opened.sum() - ended;
  }

  @Override
  public Future<Void> close() {
    shut = true;
    entries.clear();
    return Future.succeededFuture();
  }

  Future<List<Service>> ask(String service) {
    return registry.get(service);
  }

  Strategy strategy() {
    return strategy;
  }

  RandomGenerator random() {
    return random;
  }

  /** Returns the options; not to be changed. */
  EjectionOptions ejection() {
    return ejection;
  }

  SelectorObserver observer() {
    return observer;
  }

  Tiering tiering() {
    return tiering;
  }

  SpillOver spillOver() {
    return spillOver;
  }

  SlowStart slowStart() {
    return slowStart;
  }

  /** Returns how subsets are chosen now; null if all nodes are used. */
  @Nullable Subsetting subsetting(long now) {
    return peers == null ? null : peers.subsetting(now);
  }

  Balancer newBalancer() {
    return strategy.newBalancer(random);
  }

  long now() {
    return time.nanoTime();
  }

  void opened() {
    opened.increment();
  }

  void closed() {
    closed.increment();
  }

  @Override
  public String toString() {
    return "Selector[" + registry + ", " + strategy + ", " + entries.size() + " services]";
  }
}
