// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds services in DNS: headless services of Kubernetes, Consul's DNS, a zone of one's own.
 *
 * <ul>
 *   <li>A service is one DNS name, see {@link DnsOptions#setName}, in version {@code latest}. Each
 *       SRV record is a node at its target and port; each A or AAAA record is one at its address
 *       and the port of the options. A node's id is its address, so it is the same in each answer.
 *   <li>Of SRV records, those of the best priority are nodes, or all, see {@link
 *       DnsOptions#setBackups}; priority and weight are in the metadata {@value #PRIORITY} and
 *       {@value Node#WEIGHT}. A weight of 0 beside others counts as 0.1. Targets are not looked up
 *       here: a connection does that, and TLS wants the name.
 *   <li>An answer is good for the TTL of its records, within {@link DnsOptions#setMinInterval} and
 *       {@link DnsOptions#setMaxInterval}; look-ups within that time are answered with it, and
 *       those that come together share one query. Watched services are asked for again when it
 *       ends, with up to a tenth of jitter, so however many calls fail, servers are asked no more.
 *   <li>That a name does not exist, or has no such records, means that the service is unknown. That
 *       no server answers, or answers with an error or garbage, fails the look-up with 503. Both
 *       are believed for a second.
 *   <li>Watches report what differs between answers: new nodes at once, a node as deleted when two
 *       answers in a row lack it, and nothing when an answer has no node.
 * </ul>
 *
 * <p>DNS can be read only: {@code register} and {@code list} fail with code 501. May be used from
 * any thread; it works on the event loop that made it. A client puts a {@link CachingRegistry}
 * before it.
 */
public final class DnsRegistry implements Registry {

  /** The metadata key of the priority of an SRV record: less is better. */
  public static final String PRIORITY = "priority";

  private static final System.Logger LOG = System.getLogger(DnsRegistry.class.getName());

  private static final Pattern DNS_NAME =
      Pattern.compile("(?=.{1,253}\\.?$)([A-Za-z0-9_-]{1,63}\\.)*[A-Za-z0-9_-]{1,63}\\.?");

  private static final Future<List<Service>> UNKNOWN = Future.succeededFuture(List.of());

  private final DnsOptions options;
  private final TimeSource time;
  private final Home home;
  private final DnsQueries queries;
  private final Supplier<Executor> executors;
  private final RandomGenerator random;
  private final Complaints complaints;
  private final Map<String, DnsName> names = new LinkedHashMap<>(16, 0.75f, true);
  private volatile boolean closed;

  private DnsRegistry(
      DnsOptions options,
      TimeSource time,
      Home home,
      DnsQueries queries,
      Supplier<Executor> executors) {
    this.options = options;
    this.time = Objects.requireNonNull(time, "time");
    this.home = home;
    this.queries = queries;
    this.executors = executors;
    this.random = home == Home.IMMEDIATE ? new SplittableRandom(1) : new SplittableRandom();
    this.complaints = new Complaints(LOG, time);
  }

  /**
   * Returns a registry.
   *
   * @throws IllegalArgumentException if addresses are asked for and there is no port
   */
  public static DnsRegistry create(Vertx vertx, DnsOptions options) {
    return create(vertx, options, TimeSource.of(vertx));
  }

  /**
   * Returns a registry.
   *
   * @param time the clock and timers that asking again stands on
   * @throws IllegalArgumentException if addresses are asked for and there is no port
   */
  public static DnsRegistry create(Vertx vertx, DnsOptions options, TimeSource time) {
    DnsOptions copy = checked(options);
    Home home = Home.of(vertx);
    return new DnsRegistry(
        copy,
        time,
        home,
        new NettyDnsQueries(vertx, home, copy),
        () -> {
          Context context = vertx.getOrCreateContext();
          return task -> context.runOnContext(run -> task.run());
        });
  }

  /** Returns a registry that does everything at once on the thread that calls it. */
  static DnsRegistry immediate(DnsOptions options, TimeSource time, DnsQueries queries) {
    return new DnsRegistry(checked(options), time, Home.IMMEDIATE, queries, () -> Runnable::run);
  }

  private static DnsOptions checked(DnsOptions options) {
    DnsOptions copy = new DnsOptions(options);
    if (copy.getRecords() != DnsRecords.SRV && copy.getPort() == 0) {
      throw new IllegalArgumentException(
          "port: 0 (expected: 1 to 65535, as " + copy.getRecords() + " records have none)");
    }
    return copy;
  }

  @Override
  public Future<List<Service>> get(String service) {
    Promise<List<Service>> promise = Promise.promise();
    try {
      home.execute(() -> getAtHome(service).onComplete(promise));
    } catch (RejectedExecutionException ended) {
      promise.fail(closedFailure());
    }
    return promise.future();
  }

  private Future<List<Service>> getAtHome(String service) {
    if (closed) {
      return Future.failedFuture(closedFailure());
    }
    String dns = dnsName(service);
    if (dns == null) {
      return UNKNOWN;
    }
    DnsName name = name(service, dns);
    return name == null ? Future.failedFuture(tooMany(service)) : name.lookUp();
  }

  /** Returns the DNS name of a service, or null if that cannot be one. */
  private @Nullable String dnsName(String service) {
    String name = options.getName().replace(DnsOptions.SERVICE, service);
    if (DNS_NAME.matcher(name).matches()) {
      return name;
    }
    complaints.about("dns", "service " + service + ": unknown, as it makes no DNS name: " + name);
    return null;
  }

  /** Returns the state of a service; null if there is no room for one more. */
  private @Nullable DnsName name(String service, String dns) {
    DnsName known = names.get(service);
    if (known != null) {
      return known;
    }
    if (names.size() >= options.getMaxServices()) {
      DnsName idle = names.values().stream().filter(DnsName::isIdle).findFirst().orElse(null);
      if (idle == null) {
        return null;
      }
      names.remove(idle.service());
    }
    DnsName fresh = new DnsName(this, service, dns);
    names.put(service, fresh);
    return fresh;
  }

  private RpcException tooMany(String service) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE,
            "service " + service + ": " + options.getMaxServices() + " others are in use")
        .build();
  }

  /** Fails: DNS does not tell which services there are. */
  @Override
  public Future<List<String>> list() {
    return Future.failedFuture(closed ? closedFailure() : unsupported("list"));
  }

  /** Fails: DNS cannot be written to. */
  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    return Future.failedFuture(
        closed ? closedFailure() : unsupported("register " + service.name()));
  }

  private static RpcException unsupported(String what) {
    return RpcException.client(
            GrpcStatus.UNIMPLEMENTED, what + ": a dns registry can only look services up")
        .build();
  }

  /**
   * {@inheritDoc} It is ready once DNS has answered. Fails if the service makes no DNS name, or too
   * many services are watched.
   */
  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    Objects.requireNonNull(handler, "handler");
    if (closed) {
      return new FailedWatch(closedFailure());
    }
    DnsWatch watch = new DnsWatch(this, service, handler, executors.get());
    atHome(() -> open(watch));
    return watch;
  }

  private void open(DnsWatch watch) {
    if (closed) {
      watch.fail(closedFailure());
      return;
    }
    String dns = dnsName(watch.service());
    DnsName name = dns == null ? null : name(watch.service(), dns);
    if (name == null) {
      watch.fail(tooMany(watch.service()));
    } else {
      watch.open(name);
    }
  }

  @Override
  public Future<Void> close() {
    closed = true;
    Promise<Void> promise = Promise.promise();
    try {
      home.execute(
          () -> {
            List.copyOf(names.values()).forEach(DnsName::close);
            names.clear();
            queries.close();
            promise.complete();
          });
    } catch (RejectedExecutionException ended) {
      promise.complete();
    }
    return promise.future();
  }

  private static RpcException closedFailure() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "dns registry: closed").build();
  }

  /** Runs a task at home, unless the Vert.x instance has ended. */
  void atHome(Runnable task) {
    try {
      home.execute(task);
    } catch (RejectedExecutionException ended) {
      LOG.log(Level.DEBUG, "the Vert.x instance of a dns registry has ended", ended);
    }
  }

  DnsOptions options() {
    return options;
  }

  TimeSource time() {
    return time;
  }

  DnsQueries queries() {
    return queries;
  }

  RandomGenerator random() {
    return random;
  }

  Complaints complaints() {
    return complaints;
  }

  @Override
  public String toString() {
    return "DnsRegistry[" + options + "]";
  }
}
