// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.CompositeOptions.Reading;
import dev.vertxmicro.registry.CompositeOptions.Writing;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Several registries as one: one after the other (failover) or all together (union).
 *
 * <ul>
 *   <li>A member that fails, hangs or answers garbage does not fail the rest. A look-up fails with
 *       503 if no member has nodes and one of them has failed, since that one might have known.
 *   <li>Failover: the first member, in order, that answers with nodes. Changes are reported by the
 *       member that answered last, or by whichever is first to know the service.
 *   <li>Union: the nodes of all; of an id that several name, that of the first. A member that fails
 *       takes part with its last answer, for at most {@link CompositeOptions#setMaxStale}. Changes
 *       are those of the union: a node that one member deletes and another names is not deleted.
 *   <li>Registrations go to the first member, or to all; then one that succeeds is enough, and with
 *       those that failed it is tried again each {@value CompositeRegistration#RETRY_SECONDS} s.
 *   <li>Names are those of the first member that answers, or of all.
 * </ul>
 *
 * <p>May be used from any thread; it works on the event loop that made it. Closing it ends the
 * watches and registrations that were made through it; the members stay open. A client puts a
 * {@link CachingRegistry} before it.
 */
public final class CompositeRegistry implements Registry {

  private static final System.Logger LOG = System.getLogger(CompositeRegistry.class.getName());

  private final List<Registry> members;
  private final CompositeOptions options;
  private final TimeSource time;
  private final Home home;
  private final Supplier<Executor> executors;
  private final Map<String, CompositeService> services = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<CompositeRegistration> registrations = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private CompositeRegistry(
      List<Registry> members,
      CompositeOptions options,
      TimeSource time,
      Home home,
      Supplier<Executor> executors) {
    if (members.isEmpty()) {
      throw new IllegalArgumentException("members: none (expected: at least one)");
    }
    this.members = List.copyOf(members);
    this.options = new CompositeOptions(options);
    this.time = Objects.requireNonNull(time, "time");
    this.home = home;
    this.executors = executors;
  }

  /**
   * Returns a registry of {@code members}.
   *
   * @param members in order; at least one
   * @throws IllegalArgumentException if there is none
   */
  public static CompositeRegistry create(
      Vertx vertx, CompositeOptions options, List<Registry> members) {
    return create(vertx, options, TimeSource.of(vertx), members);
  }

  /**
   * Returns a registry of {@code members}.
   *
   * @param time the clock and timers that timeouts stand on
   * @param members in order; at least one
   * @throws IllegalArgumentException if there is none
   */
  public static CompositeRegistry create(
      Vertx vertx, CompositeOptions options, TimeSource time, List<Registry> members) {
    return new CompositeRegistry(
        members,
        options,
        time,
        Home.of(vertx),
        () -> {
          Context context = vertx.getOrCreateContext();
          return task -> context.runOnContext(run -> task.run());
        });
  }

  /** Returns a registry that does everything at once on the thread that calls it. */
  static CompositeRegistry immediate(
      CompositeOptions options, TimeSource time, List<Registry> members) {
    return new CompositeRegistry(members, options, time, Home.IMMEDIATE, () -> Runnable::run);
  }

  @Override
  public Future<List<Service>> get(String service) {
    return atHome(() -> service(service).get());
  }

  /** Called at home: what is remembered of a service, made if there is nothing. */
  private CompositeService service(String name) {
    CompositeService known = services.get(name);
    if (known != null) {
      return known;
    }
    Iterator<CompositeService> eldest = services.values().iterator();
    while (services.size() >= options.getMaxServices() && eldest.hasNext()) {
      if (eldest.next().isIdle()) {
        eldest.remove();
      }
    }
    CompositeService fresh = new CompositeService(this, name);
    services.put(name, fresh);
    return fresh;
  }

  @Override
  public Future<List<String>> list() {
    return atHome(
        () ->
            options.getReading() == Reading.FAILOVER ? firstNames(0, new ArrayList<>()) : names());
  }

  private Future<List<String>> firstNames(int member, List<Throwable> failures) {
    return member == members.size()
        ? Future.failedFuture(failure("list", failures))
        : ask(member, Registry::list)
            .recover(
                failed -> {
                  failures.add(failed);
                  return firstNames(member + 1, failures);
                });
  }

  private Future<List<String>> names() {
    Set<String> names = new TreeSet<>();
    List<Throwable> failures = new ArrayList<>();
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      all.add(ask(i, Registry::list).onSuccess(names::addAll).onFailure(failures::add));
    }
    return Future.join(all)
        .transform(
            end ->
                failures.size() == members.size()
                    ? Future.failedFuture(failure("list", failures))
                    : Future.succeededFuture(List.copyOf(names)));
  }

  /** Asks a member. Called at home; the result comes at home, within the timeout of a member. */
  <T> Future<List<T>> ask(int member, Function<Registry, Future<List<T>>> question) {
    Promise<List<T>> promise = Promise.promise();
    Timer timeout =
        time.timer(options.getMemberTimeout().toNanos(), () -> promise.tryFail(late(options)));
    Future<List<T>> answer;
    try {
      answer = Objects.requireNonNull(question.apply(members.get(member)), "null");
    } catch (RuntimeException thrown) {
      answer = Future.failedFuture(thrown);
    }
    answer.onComplete(result -> runAtHome(() -> answered(member, result, promise, timeout)));
    return promise.future();
  }

  private static <T> void answered(
      int member, AsyncResult<List<T>> result, Promise<List<T>> promise, Timer timeout) {
    timeout.cancel();
    if (result.failed()) {
      promise.tryFail(result.cause());
      return;
    }
    try {
      promise.tryComplete(List.copyOf(result.result()));
    } catch (RuntimeException garbage) {
      promise.tryFail(unavailable(member, "garbage: " + garbage));
    }
  }

  static RpcException late(CompositeOptions options) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE, "a registry did not answer in " + options.getMemberTimeout())
        .build();
  }

  private static RpcException unavailable(int member, String why) {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "registry " + (member + 1) + ": " + why)
        .build();
  }

  static RpcException failure(String what, List<Throwable> failures) {
    return RpcException.client(
            GrpcStatus.UNAVAILABLE,
            what
                + ": "
                + failures.size()
                + " registries failed, the first with: "
                + failures.get(0))
        .cause(failures.get(0))
        .suppressed(failures.subList(1, failures.size()))
        .build();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the service has no node, or two with the same id
   */
  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    service.requireDistinctNodes();
    int writers = this.options.getWriting() == Writing.ALL ? members.size() : 1;
    return atHome(
        () -> {
          CompositeRegistration registration =
              new CompositeRegistration(this, service, options, members.subList(0, writers));
          registrations.add(registration);
          return registration.open();
        });
  }

  /**
   * {@inheritDoc} It is ready when the watches of all members stand or have failed, and one stands;
   * those that take longer than a member may are not waited for. Watches that failed are opened
   * again by the next look-up.
   */
  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    Objects.requireNonNull(handler, "handler");
    if (closed) {
      return new FailedWatch(closedFailure());
    }
    CompositeWatch watch = new CompositeWatch(this, handler, executors.get());
    runAtHome(
        () -> {
          if (closed) {
            watch.fail(closedFailure());
          } else {
            watch.open(service(service));
          }
        });
    return watch;
  }

  @Override
  public Future<Void> close() {
    closed = true;
    Promise<Void> promise = Promise.promise();
    try {
      home.execute(
          () -> {
            services.values().forEach(CompositeService::close);
            services.clear();
            List<Future<Void>> ends = new ArrayList<>();
            List.copyOf(registrations).forEach(registration -> ends.add(registration.close()));
            Future.join(ends).<Void>mapEmpty().onComplete(promise);
          });
    } catch (RejectedExecutionException ended) {
      promise.complete();
    }
    return promise.future();
  }

  private <T> Future<T> atHome(Supplier<Future<T>> task) {
    Promise<T> promise = Promise.promise();
    try {
      home.execute(
          () ->
              (closed ? Future.<T>failedFuture(closedFailure()) : task.get()).onComplete(promise));
    } catch (RejectedExecutionException ended) {
      promise.fail(closedFailure());
    }
    return promise.future();
  }

  /**
   * Runs a task at home, now or soon.
   *
   * @return whether it runs; false if the Vert.x instance has ended
   */
  boolean runAtHome(Runnable task) {
    try {
      home.execute(task);
      return true;
    } catch (RejectedExecutionException ended) {
      LOG.log(Level.DEBUG, "the Vert.x instance of a composite registry has ended", ended);
      return false;
    }
  }

  static RpcException closedFailure() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "composite registry: closed").build();
  }

  List<Registry> members() {
    return members;
  }

  CompositeOptions options() {
    return options;
  }

  TimeSource time() {
    return time;
  }

  boolean isClosed() {
    return closed;
  }

  void remove(CompositeRegistration registration) {
    registrations.remove(registration);
  }

  @Override
  public String toString() {
    return "CompositeRegistry[" + options + ", " + members + "]";
  }
}
