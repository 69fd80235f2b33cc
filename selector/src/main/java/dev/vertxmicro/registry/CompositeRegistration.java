// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A service registered with members of a {@link CompositeRegistry}. It stands when one has taken
 * it; with the others it is tried again until it is closed. Touched at the home of the registry
 * only.
 */
final class CompositeRegistration implements Registration {

  /** How often members that failed are tried again. */
  static final long RETRY_SECONDS = 30;

  private static final System.Logger LOG = System.getLogger(CompositeRegistry.class.getName());

  private final CompositeRegistry registry;
  private final Service service;
  private final RegisterOptions options;
  private final Set<Registry> missing;
  private final Set<Registry> trying = new HashSet<>();
  private final List<Registration> taken = new ArrayList<>();
  private @Nullable Timer retry;
  private @Nullable Promise<Void> closing;

  CompositeRegistration(
      CompositeRegistry registry,
      Service service,
      RegisterOptions options,
      List<Registry> members) {
    this.registry = registry;
    this.service = service;
    this.options = options;
    this.missing = new LinkedHashSet<>(members);
  }

  @Override
  public Service service() {
    return service;
  }

  /** Registers; fails if no member takes it. */
  Future<Registration> open() {
    List<Throwable> failures = new ArrayList<>();
    return tryMissing(failures)
        .transform(
            tried -> {
              if (taken.isEmpty() || closing != null) {
                closeAtHome(); // who takes it late gives it back
                return Future.failedFuture(
                    failures.isEmpty()
                        ? CompositeRegistry.closedFailure()
                        : CompositeRegistry.failure("register " + service.name(), failures));
              }
              failures.forEach(
                  failed ->
                      LOG.log(
                          Level.WARNING,
                          () -> "service " + service.name() + ": not registered yet: " + failed));
              retryLater();
              return Future.succeededFuture(this);
            });
  }

  /** Completes when each has taken it or failed, or a member has had its time. */
  private Future<Void> tryMissing(List<Throwable> failures) {
    List<Future<?>> tries = new ArrayList<>();
    for (Registry member : List.copyOf(missing)) {
      if (trying.add(member)) {
        tries.add(tryOne(member, failures));
      }
    }
    return Future.join(tries).mapEmpty();
  }

  private Future<Void> tryOne(Registry member, List<Throwable> failures) {
    Promise<Void> tried = Promise.promise();
    Timer patience =
        registry
            .time()
            .timer(
                registry.options().getMemberTimeout().toNanos(),
                () -> {
                  failures.add(CompositeRegistry.late(registry.options()));
                  tried.tryComplete();
                });
    register(member)
        .onComplete(
            result ->
                registry.runAtHome(
                    () -> {
                      patience.cancel();
                      trying.remove(member);
                      if (result.succeeded()) {
                        took(member, result.result()).onComplete(end -> tried.tryComplete());
                      } else {
                        failures.add(result.cause());
                        tried.tryComplete();
                      }
                    }));
    return tried.future();
  }

  private Future<Registration> register(Registry member) {
    try {
      return Objects.requireNonNull(member.register(service, options), "register returned null");
    } catch (RuntimeException refused) {
      return Future.failedFuture(refused);
    }
  }

  private Future<Void> took(Registry member, Registration registration) {
    missing.remove(member);
    if (closing != null) {
      return registration.close();
    }
    taken.add(registration);
    return Future.succeededFuture();
  }

  private void retryLater() {
    if (closing == null && !missing.isEmpty()) {
      retry =
          registry
              .time()
              .timer(
                  RETRY_SECONDS * 1_000_000_000L,
                  () -> tryMissing(new ArrayList<>()).onComplete(tried -> retryLater()));
    }
  }

  @Override
  public Future<Void> close() {
    Promise<Void> promise = Promise.promise();
    return registry.runAtHome(() -> closeAtHome().onComplete(promise))
        ? promise.future()
        : Future.succeededFuture();
  }

  private Future<Void> closeAtHome() {
    Promise<Void> end = closing;
    if (end == null) {
      end = Promise.promise();
      closing = end;
      registry.remove(this);
      if (retry != null) {
        retry.cancel();
      }
      List<Future<Void>> ends = new ArrayList<>();
      taken.forEach(registration -> ends.add(registration.close()));
      Future.join(ends).<Void>mapEmpty().onComplete(end);
    }
    return end.future();
  }
}
