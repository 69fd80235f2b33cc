// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.ServiceJson;
import dev.vertxmicro.registry.Versions;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The registry that go-micro keeps in etcd: {@code <prefix>/<service>/<node>}, with the JSON of the
 * service and that one node as the value (go-micro {@code registry/etcd}). Processes of both find
 * each other.
 *
 * <ul>
 *   <li>{@link #get} reads the service anew each time; put a {@link
 *       dev.vertxmicro.registry.CachingRegistry} before it. Entries that cannot be used are
 *       skipped, with one warning each.
 *   <li>{@link #list} reads keys only: a name with a slash comes with a dash instead, as the keys
 *       have it.
 *   <li>{@link #register} writes all nodes of the service on one lease, of the TTL in whole
 *       seconds, rounded up; etcd may make it longer. Each interval it gives a sign of life. A
 *       lease that is lost is replaced and entries that are missing are written again, whatever
 *       became of etcd meanwhile; a node that another has registered since stays the other's.
 *       Without a TTL there is no lease. Without an interval nobody looks: a node that etcd has
 *       forgotten stays so.
 *   <li>{@link #watch} reports all changes after the revision that it has read, and resumes from
 *       the last one it has seen. Its {@code ready} fails if it cannot be opened; once it stands it
 *       goes on for ever.
 *   <li>A DELETE is reported for a node that was deregistered or has expired. That etcd came back
 *       without its data, or from a backup, deletes nobody: nodes that it has forgotten are not
 *       reported, and those that register again are.
 *   <li>Not being allowed is a failure, code 401 or 403, and never an empty answer.
 * </ul>
 *
 * <p>May be used from any thread. It lives on an event loop of its own choice until it is closed,
 * also if it was made in a verticle. Answers and events are given on the Vert.x context of the
 * caller. Closing deregisters: leases are ended, or, if etcd does not answer, end with their TTL.
 */
public final class EtcdRegistry implements Registry {

  private static final System.Logger LOG = System.getLogger(EtcdRegistry.class.getName());

  private final Home home;
  private final Etcd etcd;
  private final EtcdOptions options;
  private final EtcdKeys keys;
  private final Complaints complaints;
  private final Entries entries;
  private final Supplier<Executor> callers;
  private final Promise<Void> gone = Promise.promise();

  private volatile boolean closed;

  // Belongs to the home.
  private final Set<EtcdWatch> watches = new LinkedHashSet<>();
  private final Set<EtcdRegistration> registrations = new LinkedHashSet<>();
  private boolean closing;

  EtcdRegistry(
      Home home, Etcd etcd, EtcdOptions options, TimeSource time, Supplier<Executor> callers) {
    this.home = home;
    this.etcd = etcd;
    this.options = options;
    this.keys = new EtcdKeys(options.getPrefix());
    this.complaints = new Complaints(LOG, time);
    this.entries = new Entries(keys, complaints);
    this.callers = callers;
  }

  /** Returns a registry in the etcd of this machine. Connects when it is used. */
  public static EtcdRegistry create(Vertx vertx) {
    return create(vertx, new EtcdOptions());
  }

  /**
   * Returns a registry. Connects when it is used.
   *
   * @throws IllegalArgumentException if there is a password and no user
   */
  public static EtcdRegistry create(Vertx vertx, EtcdOptions options) {
    return create(vertx, options, TimeSource.of(vertx));
  }

  /**
   * Returns a registry. Connects when it is used.
   *
   * @param time the clock and timers that bounds, signs of life and backoff stand on
   * @throws IllegalArgumentException if there is a password and no user
   */
  public static EtcdRegistry create(Vertx vertx, EtcdOptions options, TimeSource time) {
    if (options.getPassword() != null && options.getUser() == null) {
      throw new IllegalArgumentException("user: null (expected: whose password it is)");
    }
    EtcdOptions own = new EtcdOptions(options);
    Home home = Home.of(vertx, time);
    return new EtcdRegistry(
        home,
        new EtcdClient(vertx, home, own),
        own,
        time,
        () -> {
          Context context = vertx.getOrCreateContext();
          return task -> context.runOnContext(v -> task.run());
        });
  }

  @Override
  public Future<List<Service>> get(String service) {
    Objects.requireNonNull(service, "service");
    RangeQuery query =
        new RangeQuery(
            keys.firstOf(service), keys.endOf(service), 0, 0, options.isSerializableReads(), false);
    return ask(() ->
            PrefixReader.read(
                    etcd, query, options.getMaxNodes(), entry -> entries.read(service, entry))
                .map(snapshot -> merge(service, snapshot.entries())))
        .recover(failure -> Future.failedFuture(Failures.ofReading(failure)));
  }

  private List<Service> merge(String service, List<Entry> found) {
    List<Service> readable = found.stream().map(Entry::service).filter(Objects::nonNull).toList();
    return Versions.merge(readable, "etcd service " + service, complaints);
  }

  @Override
  public Future<List<String>> list() {
    return ask(() ->
            ServiceNames.read(
                etcd, keys, complaints, options.isSerializableReads(), options.getMaxNodes()))
        .recover(failure -> Future.failedFuture(Failures.ofReading(failure)));
  }

  private <T> Future<T> ask(Supplier<Future<T>> question) {
    return closed ? Future.failedFuture(Failures.closed()) : home.call(question);
  }

  /**
   * {@inheritDoc} A node id that is registered already, by whomever, moves to this registration.
   *
   * @throws IllegalArgumentException if the service has no node, or two with the same id or the
   *     same key, if a name is {@code .} or {@code ..}, or if the JSON of a node exceeds 1 MiB
   */
  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    Objects.requireNonNull(options, "options");
    Map<Buffer, Buffer> values = values(service);
    return ask(
        () -> {
          if (closing) {
            return Future.failedFuture(Failures.closed());
          }
          EtcdRegistration registration = new EtcdRegistration(this, service, options, values);
          registrations.add(registration);
          return registration.open();
        });
  }

  private Map<Buffer, Buffer> values(Service service) {
    if (service.nodes().isEmpty()) {
      throw new IllegalArgumentException(
          "service: " + service.name() + " has no node (expected: at least one)");
    }
    EtcdKeys.check("service", service.name());
    Map<Buffer, Buffer> values = new LinkedHashMap<>();
    for (Node node : service.nodes()) {
      EtcdKeys.check("node", node.id());
      Buffer key = keys.ofNode(service.name(), node.id());
      if (values.put(key, json(service.withNodes(List.of(node)))) != null) {
        throw new IllegalArgumentException(
            "service: " + service.name() + " has node " + node.id() + " twice (expected: once)");
      }
    }
    return values;
  }

  private static Buffer json(Service service) {
    try {
      return ServiceJson.write(service);
    } catch (CodecException tooLarge) {
      throw new IllegalArgumentException("service: " + tooLarge.getMessage(), tooLarge);
    }
  }

  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    Objects.requireNonNull(service, "service");
    Objects.requireNonNull(handler, "handler");
    Executor caller = callers.get();
    EtcdWatch watch = new EtcdWatch(this, service, handler, caller, Promise.promise());
    boolean placed =
        home.execute(
            () -> {
              if (closing) {
                watch.close();
              } else {
                watches.add(watch);
                watch.start();
              }
            });
    if (!placed) {
      watch.refuse();
    }
    return watch;
  }

  @Override
  public Future<Void> close() {
    closed = true;
    // Fails only if Vert.x is closed, and then all is gone already.
    return home.call(this::closeAtHome).otherwiseEmpty();
  }

  private Future<Void> closeAtHome() {
    if (!closing) {
      closing = true;
      List.copyOf(watches).forEach(EtcdWatch::close);
      List<Future<Void>> ends = List.copyOf(registrations).stream().map(this::deregister).toList();
      Future.join(ends).compose(v -> etcd.close()).onComplete(gone);
    }
    return gone.future();
  }

  /** Never fails: what cannot be taken back expires. */
  private Future<Void> deregister(EtcdRegistration registration) {
    return registration
        .closeAtHome()
        .recover(
            failure -> {
              LOG.log(
                  Level.WARNING,
                  () -> "not deregistered: " + registration.service().name() + ": " + failure);
              return Future.succeededFuture();
            });
  }

  // for watches and registrations

  Home home() {
    return home;
  }

  Etcd etcd() {
    return etcd;
  }

  EtcdOptions options() {
    return options;
  }

  EtcdKeys keys() {
    return keys;
  }

  Entries entries() {
    return entries;
  }

  void ended(EtcdWatch watch) {
    watches.remove(watch);
  }

  void ended(EtcdRegistration registration) {
    registrations.remove(registration);
  }

  @Override
  public String toString() {
    return "EtcdRegistry[" + options + "]";
  }
}
