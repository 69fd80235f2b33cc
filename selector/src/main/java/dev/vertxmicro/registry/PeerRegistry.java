// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A registry without a server: each process answers for the nodes that it has registered, and tells
 * the others of them. For registries that are built on this, over a {@link PeerWire}.
 *
 * <ul>
 *   <li>A look-up asks all and takes the answers that come within {@link
 *       PeerSettings#answerTimeout}, or until there are enough: a process that has died does not
 *       answer, so its nodes are not found from then on. Put a {@link CachingRegistry} before it.
 *   <li>A watch hears who comes and goes, and finds out itself who has died: see {@link
 *       PeerSettings#probeInterval}. It begins with a question, and asks again when a wire that was
 *       lost is back.
 *   <li>A registration that gives no signs of life ends with its TTL, which this process sees to.
 * </ul>
 *
 * <p>May be used from any thread. All its work is done at its {@link Home}, where its futures
 * complete; events run where the watch was opened.
 */
public final class PeerRegistry implements Registry {

  private static final System.Logger LOG = System.getLogger(PeerRegistry.class.getName());
  private static final int MOST_QUESTIONS = 10_000;

  private final PeerWire wire;
  private final PeerSettings settings;
  private final TimeSource time;
  private final Home home;
  private final Supplier<Executor> callers;
  private final Complaints complaints;

  // Touched at home only.
  private final Map<Long, PeerQuestion> questions = new LinkedHashMap<>();
  private final Map<String, PeerDirectory> directories = new HashMap<>();
  private final List<PeerRegistration> offers = new ArrayList<>();
  private final Set<Object> failing = new LinkedHashSet<>();
  private long asked;
  private @Nullable Future<Void> closing;

  /**
   * Makes a registry.
   *
   * @param home where all is done, and where the wire tells what it hears
   * @param callers where the events of a watch run that is opened now
   */
  public PeerRegistry(
      PeerWire wire,
      PeerSettings settings,
      TimeSource time,
      Home home,
      Supplier<Executor> callers,
      Complaints complaints) {
    this.wire = Objects.requireNonNull(wire, "wire");
    this.settings = Objects.requireNonNull(settings, "settings");
    this.time = Objects.requireNonNull(time, "time");
    this.home = Objects.requireNonNull(home, "home");
    this.callers = Objects.requireNonNull(callers, "callers");
    this.complaints = Objects.requireNonNull(complaints, "complaints");
  }

  @Override
  public Future<List<Service>> get(String service) {
    requireName(service);
    return atHome(
        () ->
            open()
                .compose(
                    up -> {
                      PeerQuestion question = ask(service);
                      return question.over().map(over -> question.versions());
                    }));
  }

  @Override
  public Future<List<String>> list() {
    return atHome(
        () ->
            open()
                .compose(
                    up -> {
                      PeerQuestion question = ask(null);
                      return question.over().map(over -> question.names());
                    }));
  }

  /**
   * {@inheritDoc} A node id that this registry has registered already moves to the new
   * registration.
   */
  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    service.requireDistinctNodes();
    return atHome(() -> open().compose(up -> offer(service, options)));
  }

  private Future<Registration> offer(Service service, RegisterOptions options) {
    if (closing != null) {
      return refused();
    }
    PeerRegistration registration = new PeerRegistration(this, service, options);
    Set<String> ids = new LinkedHashSet<>();
    service.nodes().forEach(node -> ids.add(node.id()));
    for (PeerRegistration other : List.copyOf(offers)) {
      takeOver(other, registration, ids);
    }
    offers.add(registration);
    hear();
    try {
      registration.open();
    } catch (RpcException notSent) {
      registration.end();
      return Future.failedFuture(notSent);
    }
    return wire.confirm()
        .<Registration>map(registration)
        .recover(
            failure -> {
              registration.end();
              return Future.failedFuture(failure);
            });
  }

  private void takeOver(PeerRegistration other, PeerRegistration by, Set<String> ids) {
    Service before = other.service();
    if (!before.name().equals(by.service().name())) {
      return;
    }
    List<Node> taken = other.release(ids);
    if (!taken.isEmpty() && !before.version().equals(by.service().version())) {
      tell(() -> wire.withdraw(before.withNodes(taken)), other);
    }
    if (other.isEmpty()) {
      other.end();
    }
  }

  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    requireName(service);
    Objects.requireNonNull(handler, "handler");
    PeerWatch watch = new PeerWatch(this, service, handler, callers.get());
    run(() -> open(watch), () -> watch.fail(closedFailure()));
    return watch;
  }

  private void open(PeerWatch watch) {
    String service = watch.service();
    PeerDirectory known = directories.get(service);
    if (closing != null) {
      watch.fail(closedFailure());
    } else if (known != null) {
      watch.open(known);
    } else if (directories.size() >= settings.maxServices()) {
      watch.fail(
          RpcException.client(
                  GrpcStatus.RESOURCE_EXHAUSTED,
                  settings.name() + " registry: " + directories.size() + " services are watched")
              .build());
    } else {
      PeerDirectory fresh = new PeerDirectory(this, service);
      directories.put(service, fresh);
      hear();
      watch.open(fresh);
      fresh.open();
    }
  }

  private static void requireName(String service) {
    if (service.isEmpty()) {
      throw new IllegalArgumentException("service: empty (expected: the name of a service)");
    }
  }

  /** {@inheritDoc} Tells the others what leaves, as far as they can be reached; never fails. */
  @Override
  public Future<Void> close() {
    Promise<Void> promise = Promise.promise();
    run(
        () -> {
          Future<Void> now = closing;
          if (now == null) {
            Promise<Void> closed = Promise.promise();
            now = closed.future();
            closing = now;
            closeNow().onComplete(closed);
          }
          now.onComplete(promise);
        },
        promise::complete);
    return promise.future();
  }

  private Future<Void> closeNow() {
    List.copyOf(directories.values()).forEach(PeerDirectory::close);
    directories.clear();
    List.copyOf(offers).forEach(PeerRegistration::end);
    List.copyOf(questions.values()).forEach(question -> question.fail(closedFailure()));
    Future<Void> said = wire.isOpen() ? wire.confirm() : Future.succeededFuture();
    return said.transform(done -> wire.close());
  }

  // ---- what the parts need; all of it at home

  Future<Void> open() {
    if (closing != null) {
      return refused();
    }
    return wire.open(ears);
  }

  <T> Future<T> refused() {
    return Future.failedFuture(closedFailure());
  }

  /**
   * Asks all.
   *
   * @throws RpcException if it cannot be sent
   */
  PeerQuestion ask(@Nullable String service) {
    if (closing != null) {
      throw closedFailure();
    }
    if (questions.size() >= MOST_QUESTIONS) {
      throw RpcException.client(
              GrpcStatus.RESOURCE_EXHAUSTED,
              settings.name() + " registry: " + MOST_QUESTIONS + " questions are open")
          .build();
    }
    long number = asked++;
    PeerQuestion question = new PeerQuestion(service, settings, complaints);
    questions.put(number, question);
    question.over().onComplete(over -> questions.remove(number));
    question.endBy(time.timer(Nanos.of(settings.answerTimeout()), question::end));
    try {
      wire.ask(number, service);
    } catch (RpcException notSent) {
      question.fail(notSent);
      throw notSent;
    }
    return question;
  }

  /**
   * Gives a sign of life.
   *
   * @throws RpcException if it cannot be sent, code 400 if it cannot even be written
   */
  void announceFirst(PeerRegistration registration) {
    say(() -> wire.announce(registration.offered()));
  }

  private static void say(Runnable what) {
    try {
      what.run();
    } catch (CodecException unfit) {
      throw RpcException.client(GrpcStatus.INVALID_ARGUMENT, String.valueOf(unfit.getMessage()))
          .cause(unfit)
          .build();
    }
  }

  /** Gives a sign of life, if anybody can hear it. */
  void announce(PeerRegistration registration) {
    if (!registration.isEmpty()) {
      tell(() -> wire.announce(registration.offered()), registration);
    }
  }

  /** Takes back an offer, and what is left of it from all others. */
  void withdraw(PeerRegistration registration) {
    offers.remove(registration);
    if (!registration.isEmpty()) {
      tell(() -> wire.withdraw(registration.offered()), registration);
    }
    well(registration);
    hear();
  }

  private void tell(Runnable what, Object who) {
    if (!wire.isOpen()) {
      return;
    }
    try {
      say(what);
      well(who);
    } catch (RpcException notSent) {
      failing(who, notSent);
    }
  }

  void forget(String service) {
    directories.remove(service);
    if (closing == null) {
      hear();
    }
  }

  private void hear() {
    wire.hear(!offers.isEmpty(), !directories.isEmpty());
  }

  /** Notes that somebody cannot do his work; a person hears of it once. */
  void failing(Object who, Throwable cause) {
    Level level = failing.isEmpty() ? Level.WARNING : Level.DEBUG;
    failing.add(who);
    LOG.log(level, () -> who + ": fails, and is tried again: " + cause);
  }

  /** Notes that somebody can do his work, or has none any more. */
  void well(Object who) {
    failing.remove(who);
  }

  RpcException closedFailure() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, settings.name() + " registry: closed")
        .build();
  }

  private final PeerWire.Listener ears =
      new PeerWire.Listener() {
        @Override
        public void seen(Service service, Duration ttl) {
          List.copyOf(questions.values()).forEach(question -> question.seen(service));
          PeerDirectory directory = directories.get(service.name());
          if (directory != null) {
            directory.seen(service, ttl);
          }
        }

        @Override
        public void gone(Service service) {
          questions.values().forEach(question -> question.gone(service));
          PeerDirectory directory = directories.get(service.name());
          if (directory != null) {
            directory.gone(service);
          }
        }

        @Override
        public void named(String service) {
          questions.values().forEach(question -> question.named(service));
        }

        @Override
        public void nobody(long number) {
          PeerQuestion question = questions.get(number);
          if (question != null) {
            question.end();
          }
        }

        @Override
        public void asked(@Nullable String service, Consumer<Service> reply) {
          for (PeerRegistration offer : List.copyOf(offers)) {
            if (!offer.isEmpty() && (service == null || service.equals(offer.service().name()))) {
              reply.accept(offer.offered());
            }
          }
        }

        @Override
        public void lost() {
          RpcException lost =
              RpcException.client(
                      GrpcStatus.UNAVAILABLE, settings.name() + " registry: connection lost")
                  .build();
          List.copyOf(questions.values()).forEach(question -> question.fail(lost));
        }

        @Override
        public void back() {
          failing.clear();
          offers.forEach(PeerRegistry.this::announce);
          List.copyOf(directories.values()).forEach(PeerDirectory::back);
        }
      };

  private <T> Future<T> atHome(Supplier<Future<T>> task) {
    Promise<T> promise = Promise.promise();
    run(
        () -> (closing == null ? task.get() : this.<T>refused()).onComplete(promise),
        () -> promise.fail(closedFailure()));
    return promise.future();
  }

  /** Runs a task at home, or the other one here if the Vert.x instance has ended. */
  void run(Runnable task, Runnable ended) {
    try {
      home.execute(task);
    } catch (RejectedExecutionException vertxEnded) {
      ended.run();
    }
  }

  PeerWire wire() {
    return wire;
  }

  PeerSettings settings() {
    return settings;
  }

  TimeSource time() {
    return time;
  }

  Complaints complaints() {
    return complaints;
  }

  @Override
  public String toString() {
    return "PeerRegistry[" + settings + "]";
  }
}
