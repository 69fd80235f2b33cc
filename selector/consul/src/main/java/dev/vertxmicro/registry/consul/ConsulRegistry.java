// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A registry on Consul, shared with go-micro: each finds, watches and calls what the other has
 * registered ({@code registry/consul} of go-micro v4 and v5).
 *
 * <ul>
 *   <li>A node is a Consul service of its own id; {@link ConsulTags} says where version, metadata
 *       and endpoints are. Metadata of a whole service has no place there and is not kept. A node
 *       id must be unique among all services of an agent, as go-micro's are.
 *   <li>A registration with a TTL has a TTL check, which each sign of life passes; with {@code
 *       tcpCheckInterval} or {@code httpCheck} Consul looks for itself. Where a sign of life fails
 *       the node is registered anew, so it comes back after a restart of Consul with or without its
 *       state. A node that stays critical is removed by Consul a minute and five seconds later, or
 *       five seconds more than its TTL if that is longer.
 *   <li>Nodes with a critical check are not returned; those with a warning are.
 *   <li>A watch reports a node as gone only where Consul proves it, see the list there: a restart
 *       with lost state, or a token that may not read (any more), makes Consul answer "none" and
 *       deletes nothing. For the proof, when the last node goes, the token needs {@code read} for
 *       the service {@code consul}; without it, what was known then stays known to whoever watches.
 *   <li>Several agents are tried in turn; see {@link ConsulOptions#setAddresses}. A node that moved
 *       to another agent is deregistered from both.
 * </ul>
 *
 * <p>Look-ups go to Consul each time: put a {@code CachingRegistry} before it. May be used from any
 * thread. All its work is done on the Vert.x context that made it, where its futures complete,
 * except that large answers are read on worker threads. If that context is a verticle's, Vert.x
 * closes its connections when the verticle is undeployed, and the registry should be closed with
 * it.
 *
 * <p>It speaks Consul's HTTP API through Vert.x' HTTP client rather than vertx-consul-client: that
 * one has no way to cancel a blocking query, shares five connections among watches and signs of
 * life, reads answers of any size into memory, hides the HTTP status, and knows neither {@code
 * stale} nor Connect.
 */
public final class ConsulRegistry implements Registry {

  private static final System.Logger LOG = System.getLogger(ConsulRegistry.class.getName());
  private static final long FIRST_BACKOFF = 100_000_000L;
  private static final int MOST_DOUBLINGS = 7;
  private static final long LONGEST_BACKOFF = 10_000_000_000L;

  private final Agent agent;
  private final TimeSource time;
  private final ConsulOptions options;
  private final RandomGenerator random;
  private final Executor home;
  private final Supplier<Executor> callers;
  private final Complaints complaints;

  // Touched on the home only.
  private final Map<String, KeptNode> nodes = new HashMap<>();
  private final Set<ConsulWatch> watches = new HashSet<>();
  private final Map<Object, GrpcStatus> failing = new HashMap<>();
  private @Nullable Future<Void> closing;

  /**
   * Makes a registry.
   *
   * @param home where all is done, one thing at a time
   * @param callers where the events of a watch run that is opened now
   */
  ConsulRegistry(
      Agent agent,
      TimeSource time,
      ConsulOptions options,
      RandomGenerator random,
      Executor home,
      Supplier<Executor> callers,
      Complaints complaints) {
    this.agent = agent;
    this.time = time;
    this.options = options;
    this.random = random;
    this.home = home;
    this.callers = callers;
    this.complaints = complaints;
  }

  /** Returns a registry on the Consul that {@code options} name. */
  public static ConsulRegistry create(Vertx vertx, ConsulOptions options) {
    return create(vertx, options, TimeSource.of(vertx));
  }

  /**
   * Returns a registry on the Consul that {@code options} name.
   *
   * @param time the clock and timers that signs of life and timeouts stand on
   */
  public static ConsulRegistry create(Vertx vertx, ConsulOptions options, TimeSource time) {
    Objects.requireNonNull(time, "time");
    ConsulOptions own = new ConsulOptions(options);
    Complaints complaints = new Complaints(LOG, time);
    Context context = vertx.getOrCreateContext();
    return new ConsulRegistry(
        new HttpAgent(vertx, new HttpExchanges(vertx, time, own), own, complaints),
        time,
        own,
        new SplittableRandom(),
        eventLoopOf(context),
        () -> {
          Context caller = vertx.getOrCreateContext();
          return task -> caller.runOnContext(hop -> task.run());
        },
        complaints);
  }

  /**
   * Tasks run at once where the event loop already runs this context: not a worker thread of it.
   */
  static Executor eventLoopOf(Context context) {
    return task -> {
      if (Vertx.currentContext() == context && Context.isOnEventLoopThread()) {
        task.run();
      } else {
        context.runOnContext(hop -> task.run());
      }
    };
  }

  /**
   * {@inheritDoc}
   *
   * <p>Fails with code 503 if no agent can be reached or the servers have no leader, 403 if the
   * token may not read; where Consul hides what the token may not read it answers that there is
   * none.
   */
  @Override
  public Future<List<Service>> get(String service) {
    requireName(service);
    return atHome(() -> agent.health(service).map(health -> health.up(service)));
  }

  /** {@inheritDoc} Consul's own service {@code consul} is among them. */
  @Override
  public Future<List<String>> list() {
    return atHome(agent::services);
  }

  /**
   * {@inheritDoc} A node id that this registry has registered already moves to the new
   * registration.
   *
   * <p>Fails with code 409 if the id is registered for another service by this registry, 403 if the
   * token may not write, 400 if Consul does not take it; then no node stays registered.
   *
   * @throws IllegalArgumentException if the service has no node, or two with the same id
   */
  @Override
  public Future<Registration> register(Service service, RegisterOptions register) {
    requireNodes(service);
    boolean passes = Definition.hasTtl(register, options);
    List<KeptNode> kept = new ArrayList<>();
    for (Node node : service.nodes()) {
      kept.add(
          new KeptNode(
              this,
              agent,
              service.name(),
              node.id(),
              Definition.of(service, node, register, options),
              register,
              passes));
    }
    return atHome(() -> register(service, List.copyOf(kept)));
  }

  private Future<Registration> register(Service service, List<KeptNode> kept) {
    for (KeptNode node : kept) {
      KeptNode other = nodes.get(node.id());
      if (other != null && !other.service().equals(service.name())) {
        return Future.failedFuture(
            RpcException.client(
                    GrpcStatus.ALREADY_EXISTS,
                    node + ": the id is that of a node of service " + other.service())
                .build());
      }
    }
    ConsulRegistration registration = new ConsulRegistration(this, service, kept);
    return Future.join(kept.stream().map(this::take).toList())
        .<Registration>map(registration)
        .recover(failure -> registration.close().transform(closed -> Future.failedFuture(failure)));
  }

  /** Registers a node, in place of another with its id. */
  private Future<Void> take(KeptNode node) {
    KeptNode other = nodes.put(node.id(), node);
    return other == null ? node.open() : other.release().compose(over -> node.openAfter(other));
  }

  /** Deregisters a node unless another with its id has taken its place. */
  Future<Void> give(KeptNode node) {
    return nodes.remove(node.id(), node) ? node.close() : Future.succeededFuture();
  }

  private static void requireNodes(Service service) {
    if (service.nodes().isEmpty()) {
      throw new IllegalArgumentException(
          "service: " + service.name() + " has no node (expected: at least one)");
    }
    Set<String> ids = new LinkedHashSet<>();
    for (Node node : service.nodes()) {
      if (!ids.add(node.id())) {
        throw new IllegalArgumentException(
            "service: " + service.name() + " has node " + node.id() + " twice (expected: once)");
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A node is reported as gone when it is listed as critical, or missing while Consul proves
   * that it has kept its state and that we may read it: another known entry is there with the raft
   * index at which it was made; or, where none is left, a server is still there that was there when
   * the watch began, and the token may read the service and its machines. It is missing without
   * proof after a restart with lost state (then it is forgotten and reported anew when it comes
   * back), and where the token may not read (then it is judged again with the next answer).
   *
   * <p>While Consul cannot be reached the watch tries again, after 100 ms at first and up to 10 s,
   * and then reports what it missed. It stands when Consul has answered for the first time.
   */
  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    requireName(service);
    Objects.requireNonNull(handler, "handler");
    ConsulWatch watch = new ConsulWatch(this, agent, service, handler, callers.get());
    run(() -> open(watch));
    return watch;
  }

  private void open(ConsulWatch watch) {
    if (closing != null) {
      watch.refuse(HttpExchanges.closedFailure());
    } else if (watches.size() >= options.getMaxWatches()) {
      watch.refuse(
          RpcException.client(
                  GrpcStatus.RESOURCE_EXHAUSTED,
                  "consul registry: " + watches.size() + " watches (maxWatches)")
              .build());
    } else {
      watches.add(watch);
      watch.open();
    }
  }

  private static void requireName(String service) {
    if (service.isEmpty()) {
      throw new IllegalArgumentException("service: empty (expected: the name of a service)");
    }
  }

  /**
   * {@inheritDoc} Deregisters what was registered through it, as far as Consul can be reached, and
   * never fails.
   */
  @Override
  public Future<Void> close() {
    Promise<Void> promise = Promise.promise();
    run(
        () -> {
          Future<Void> now = closing;
          if (now == null) {
            now = closeNow();
            closing = now;
          }
          now.onComplete(promise);
        });
    return promise.future();
  }

  private Future<Void> closeNow() {
    List.copyOf(watches).forEach(ConsulWatch::close);
    List<Future<Void>> gone = new ArrayList<>();
    for (KeptNode node : List.copyOf(nodes.values())) {
      gone.add(
          give(node)
              .onFailure(
                  failure ->
                      LOG.log(Level.WARNING, () -> node + ": not deregistered: " + failure)));
    }
    return Future.join(gone).<Void>mapEmpty().otherwiseEmpty().onComplete(over -> agent.close());
  }

  private <T> Future<T> atHome(Supplier<Future<T>> task) {
    Promise<T> promise = Promise.promise();
    run(
        () ->
            (closing == null ? task.get() : Future.<T>failedFuture(HttpExchanges.closedFailure()))
                .onComplete(promise));
    return promise.future();
  }

  /** Runs a task at home. */
  void run(Runnable task) {
    home.execute(task);
  }

  void forget(ConsulWatch watch) {
    watches.remove(watch);
    well(watch);
  }

  /** Notes that somebody cannot do his work; a person hears of it once, however many they are. */
  void failing(Object who, Throwable cause) {
    GrpcStatus status = RpcException.from(cause).grpcStatus();
    Level level = failing.containsValue(status) ? Level.DEBUG : Level.WARNING;
    failing.put(who, status);
    LOG.log(level, () -> who + ": fails, and is tried again: " + cause);
  }

  /** Notes that somebody can do his work, or has none any more. */
  void well(Object who) {
    if (failing.remove(who) != null && failing.isEmpty()) {
      LOG.log(
          Level.INFO, () -> "consul registry " + options.getAddresses() + ": all is well again");
    }
  }

  TimeSource time() {
    return time;
  }

  Complaints complaints() {
    return complaints;
  }

  /** Returns a tenth less than {@code interval} at most, so that many do not keep in step. */
  Duration jittered(Duration interval) {
    return Duration.ofNanos((long) (interval.toNanos() * (0.9 + 0.1 * random.nextDouble())));
  }

  /** Returns the wait after so many failures in a row: doubled each time, half of it random. */
  Duration backoff(int failures) {
    long most = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF << Math.min(failures, MOST_DOUBLINGS));
    return Duration.ofNanos((long) (most * (0.5 + 0.5 * random.nextDouble())));
  }

  @Override
  public String toString() {
    return "ConsulRegistry[" + options + "]";
  }
}
