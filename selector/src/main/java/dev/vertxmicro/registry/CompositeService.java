// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.registry.CompositeOptions.Reading;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
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
 * One service in a {@link CompositeRegistry}: what each member last said of it, and who watches.
 * Touched at the home of the registry only. Callers that come together share one look-up. What is
 * reported during a look-up is applied to the answer again, which may be older.
 */
final class CompositeService {

  private static final System.Logger LOG = System.getLogger(CompositeRegistry.class.getName());
  private static final int MAX_MISSED = 1_000;
  private static final int NOBODY = -1;

  private final CompositeRegistry registry;
  private final String name;
  private final List<Part> parts = new ArrayList<>();
  private final Set<CompositeWatch> watches = new LinkedHashSet<>();
  private @Nullable Promise<List<Service>> underWay;
  private @Nullable Promise<Void> standing;
  private @Nullable Timer patience;
  private int answering = NOBODY;

  CompositeService(CompositeRegistry registry, String name) {
    this.registry = registry;
    this.name = name;
    for (int i = 0; i < registry.members().size(); i++) {
      parts.add(new Part(i));
    }
  }

  /** Tells whether it may be forgotten. */
  boolean isIdle() {
    return watches.isEmpty() && underWay == null;
  }

  // ---- looking up

  Future<List<Service>> get() {
    if (underWay != null) {
      return underWay.future();
    }
    if (!watches.isEmpty()) {
      parts.forEach(Part::openWatch);
    }
    Promise<List<Service>> promise = Promise.promise();
    underWay = promise;
    Future<List<Service>> answer = isUnion() ? all() : first(0, new ArrayList<>());
    answer.onComplete(
        result -> {
          underWay = null;
          if (result.succeeded()) {
            promise.tryComplete(result.result());
          } else {
            promise.tryFail(result.cause());
          }
        });
    return promise.future();
  }

  private boolean isUnion() {
    return registry.options().getReading() == Reading.UNION;
  }

  private Future<List<Service>> first(int member, List<Throwable> failures) {
    if (member == parts.size()) {
      answering = NOBODY;
      return failures.isEmpty()
          ? Future.succeededFuture(List.of())
          : Future.failedFuture(failure(failures));
    }
    return parts
        .get(member)
        .ask()
        .transform(
            result -> {
              if (result.succeeded() && Versions.nodes(result.result()) > 0) {
                answering = member;
                return Future.succeededFuture(result.result());
              }
              if (result.failed()) {
                failures.add(result.cause());
              }
              return first(member + 1, failures);
            });
  }

  private Future<List<Service>> all() {
    List<Throwable> failures = new ArrayList<>();
    List<Future<?>> asked = new ArrayList<>();
    for (Part part : parts) {
      asked.add(part.ask().onFailure(failures::add));
    }
    return Future.join(asked)
        .transform(
            end -> {
              List<Service> union = union();
              return union.isEmpty() && !failures.isEmpty()
                  ? Future.failedFuture(failure(failures))
                  : Future.succeededFuture(union);
            });
  }

  private Throwable failure(List<Throwable> failures) {
    failures.forEach(
        failed -> LOG.log(Level.DEBUG, () -> "service " + name + ": a registry failed: " + failed));
    return CompositeRegistry.failure("service " + name, failures);
  }

  private List<Service> union() {
    List<Service> all = new ArrayList<>();
    parts.forEach(part -> all.addAll(part.known()));
    return Versions.union(all);
  }

  // ---- watching

  /** Adds a watch; the future completes when it stands. */
  Future<Void> watch(CompositeWatch watch) {
    watches.add(watch);
    Promise<Void> stands = standing;
    if (stands == null) {
      stands = Promise.promise();
      standing = stands;
      patience =
          registry
              .time()
              .timer(registry.options().getMemberTimeout().toNanos(), this::waitNoLonger);
    }
    parts.forEach(Part::openWatch);
    return stands.future();
  }

  void unwatch(CompositeWatch watch) {
    if (watches.remove(watch) && watches.isEmpty()) {
      closeWatches();
    }
  }

  private void closeWatches() {
    parts.forEach(Part::closeWatch);
    if (patience != null) {
      patience.cancel();
      patience = null;
    }
    standing = null;
  }

  private void settled() {
    Promise<Void> stands = standing;
    if (stands == null || stands.future().isComplete()) {
      return;
    }
    if (parts.stream().allMatch(part -> part.stands || part.watchFailure != null)) {
      if (parts.stream().anyMatch(part -> part.stands)) {
        stands.complete();
      } else {
        standing = null;
        List<Throwable> failures = new ArrayList<>();
        parts.forEach(part -> failures.add(Objects.requireNonNull(part.watchFailure)));
        stands.fail(CompositeRegistry.failure("watch " + name, failures));
      }
      if (patience != null) {
        patience.cancel();
        patience = null;
      }
    }
  }

  private void waitNoLonger() {
    patience = null;
    if (standing != null && parts.stream().anyMatch(part -> part.stands)) {
      standing.tryComplete();
    }
  }

  private void deliver(RegistryEvent event) {
    List.copyOf(watches).forEach(watch -> watch.deliver(event));
  }

  private void changed(Part part, RegistryEvent event) {
    if (isUnion()) {
      List<Service> before = union();
      part.apply(event);
      List<Service> after = union();
      Versions.diff(before, after).forEach(this::deliver);
      deliverUnknown(event, before, after);
    } else {
      part.apply(event);
      if (answering == NOBODY && event.action() != Action.DELETE) {
        answering = part.member;
      }
      if (answering == part.member || answering == NOBODY) {
        deliver(event);
      }
    }
  }

  /** Passes on the delete of what was never known here: watchers may have read it earlier. */
  private void deliverUnknown(RegistryEvent event, List<Service> before, List<Service> after) {
    if (event.action() != Action.DELETE) {
      return;
    }
    Set<String> known = new HashSet<>();
    before.forEach(version -> version.nodes().forEach(node -> known.add(node.id())));
    after.forEach(version -> version.nodes().forEach(node -> known.add(node.id())));
    List<Node> unknown =
        event.service().nodes().stream().filter(node -> !known.contains(node.id())).toList();
    if (!unknown.isEmpty()) {
      deliver(new RegistryEvent(Action.DELETE, event.service().withNodes(unknown)));
    }
  }

  void close() {
    Promise<Void> stands = standing;
    if (stands != null) {
      stands.tryFail(CompositeRegistry.closedFailure());
    }
    watches.clear();
    closeWatches();
    Promise<List<Service>> waiting = underWay;
    if (waiting != null) {
      waiting.tryFail(CompositeRegistry.closedFailure());
    }
  }

  /** What one member said. */
  private final class Part {

    private final int member;
    private final List<RegistryEvent> missed = new ArrayList<>();
    private List<Service> known = List.of();
    private @Nullable Watch watch;
    private @Nullable Throwable watchFailure;
    private boolean asking;
    private boolean stands;
    private long answeredAt;

    Part(int member) {
      this.member = member;
    }

    /** Returns its last answer, unless that is too old. */
    List<Service> known() {
      long age = registry.time().nanoTime() - answeredAt;
      return known.isEmpty() || age < registry.options().getMaxStale().toNanos()
          ? known
          : List.of();
    }

    Future<List<Service>> ask() {
      asking = true;
      missed.clear();
      return registry.ask(member, one -> one.get(name)).onComplete(this::answered).map(v -> known);
    }

    private void answered(AsyncResult<List<Service>> result) {
      asking = false;
      if (result.succeeded()) {
        answeredAt = registry.time().nanoTime();
        known = result.result();
        missed.forEach(event -> known = Versions.apply(known, event));
      } else if (known().isEmpty()) {
        known = List.of();
      }
    }

    void apply(RegistryEvent event) {
      if (asking && missed.size() < MAX_MISSED) {
        missed.add(event);
      }
      if (known.isEmpty()) {
        answeredAt = registry.time().nanoTime();
      }
      known = Versions.apply(known, event);
    }

    void openWatch() {
      if (watch != null) {
        return;
      }
      watchFailure = null;
      try {
        Watch opened =
            Objects.requireNonNull(
                registry
                    .members()
                    .get(member)
                    .watch(name, event -> registry.runAtHome(() -> heard(event))),
                "watch returned null");
        watch = opened;
        opened.ready().onComplete(ready -> registry.runAtHome(() -> watched(opened, ready)));
      } catch (RuntimeException thrown) {
        watch = null;
        watchFailure = thrown;
        settled();
      }
    }

    private void heard(RegistryEvent event) {
      if (watch != null) {
        changed(this, event);
      }
    }

    private void watched(Watch opened, AsyncResult<Void> ready) {
      if (opened != watch) {
        return;
      }
      if (ready.succeeded()) {
        stands = true;
      } else {
        opened.close();
        watch = null;
        watchFailure = ready.cause();
      }
      settled();
    }

    void closeWatch() {
      Watch open = watch;
      watch = null;
      watchFailure = null;
      stands = false;
      if (open != null) {
        open.close();
      }
    }
  }
}
