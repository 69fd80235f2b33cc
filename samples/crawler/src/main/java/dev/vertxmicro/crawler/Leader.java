// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.crawler.backend.Backend;
import dev.vertxmicro.crawler.backend.Term;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a master does while it leads: it alone hands resources out. One object for each term.
 *
 * <p>It does one thing at a time, so that no two adds of one name, and no add and reassignment,
 * overlap. What it knows is what the store has: it reads all resources when the term begins, and
 * again after a write of which it is not known whether it happened. Each write stands under the
 * fence of the term.
 */
final class Leader {

  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final long NANOS_A_MILLI = 1_000_000;

  private final Backend backend;
  private final Term term;
  private final Roster roster;
  private final List<String> seeds;
  private final JsonLog log;
  private final TimeSource time;
  private final Snowflake ids;
  private final Turns turns = new Turns();
  private final Assignments assignments = new Assignments();

  private boolean loaded;
  private boolean ready;
  private boolean seeded;
  private boolean saidNoWorkers;
  private boolean over;
  private @Nullable Timer retry;

  /**
   * Prepares a term.
   *
   * @param seeds names of resources that are to be there
   */
  Leader(
      Backend backend, Term term, Roster roster, List<String> seeds, JsonLog log, TimeSource time) {
    this.backend = backend;
    this.term = term;
    this.roster = roster;
    this.seeds = seeds;
    this.log = log;
    this.time = time;
    this.ids = new Snowflake(term.number(), time::epochMillis);
  }

  /** Begins the term: reads workers and resources, reassigns, and is ready then. */
  void begin() {
    turns
        .take(() -> roster.refresh().transform(refreshed -> settle()))
        .onSuccess(settled -> ready = true)
        .onFailure(failure -> again("become leader failed", failure));
  }

  /** Other workers are there than before. */
  void workersChanged() {
    turns.take(this::settle).onFailure(failure -> again("reassign failed", failure));
  }

  /** Whichever has failed: until it is ready it begins anew, as nothing else makes it ready. */
  private void again(String what, Throwable failure) {
    if (!over) {
      log.error(what, "error", RpcException.from(failure).detail());
      if (retry != null) {
        retry.cancel();
      }
      retry = time.timer(Nanos.of(PAUSE), ready ? this::workersChanged : this::begin);
    }
  }

  boolean isReady() {
    return ready && !over;
  }

  /**
   * Adds a resource, or returns what is there under its name.
   *
   * @param deadline after which nobody waits for the answer
   */
  Future<Resource> add(String name, Deadline deadline) {
    if (!isReady()) {
      return Future.failedFuture(Refusals.unavailable("the leader is not ready yet"));
    }
    return turns.take(
        () ->
            deadline.isExpired()
                ? Future.failedFuture(Refusals.tooLate())
                : load().compose(known -> addNow(name)));
  }

  private Future<Resource> addNow(String name) {
    Resource known = assignments.find(name);
    if (known != null && assignments.isLive(known)) {
      return Future.succeededFuture(known);
    }
    return assign(name);
  }

  private Future<Resource> assign(String name) {
    Node worker = assignments.leastLoaded();
    if (worker == null) {
      return Future.failedFuture(Refusals.noWorkers());
    }
    Resource resource =
        new Resource(
            ids.next(), name, Resource.assignee(worker), time.epochMillis() * NANOS_A_MILLI);
    return wrote(term.put(name, resource.toJson().toBuffer()))
        .map(
            written -> {
              assignments.put(resource);
              log.info("add resource", "specs", resource.toJson());
              return resource;
            });
  }

  /** Deletes a resource. */
  Future<Void> delete(String name, Deadline deadline) {
    if (!isReady()) {
      return Future.failedFuture(Refusals.unavailable("the leader is not ready yet"));
    }
    return turns.take(
        () ->
            deadline.isExpired()
                ? Future.failedFuture(Refusals.tooLate())
                : load().compose(known -> deleteNow(name)));
  }

  private Future<Void> deleteNow(String name) {
    Resource known = assignments.find(name);
    if (known == null) {
      return Future.failedFuture(Refusals.noSuchTask());
    }
    return wrote(term.delete(name))
        .onSuccess(
            deleted -> {
              assignments.remove(name);
              log.info("delete resource", "specs", known.toJson());
            });
  }

  /** After a write that may or may not have happened the store is asked what it has. */
  private Future<Void> wrote(Future<Void> write) {
    return write.recover(
        failure -> {
          RpcException why = RpcException.from(failure);
          if (why.grpcStatus() == GrpcStatus.ABORTED) {
            return Future.failedFuture(Refusals.unavailable(why.detail()));
          }
          loaded = false;
          return Future.failedFuture(Refusals.unknown("not confirmed: " + why.detail()));
        });
  }

  /** Reads all resources unless they are known. */
  private Future<Void> load() {
    assignments.setWorkers(roster.workers());
    if (over) {
      return Future.failedFuture(Refusals.unavailable("this master leads no longer"));
    }
    return loaded
        ? Future.succeededFuture()
        : backend
            .resources()
            .onSuccess(this::read)
            .<Void>mapEmpty()
            .recover(
                failure ->
                    Future.failedFuture(Refusals.unavailable(RpcException.from(failure).detail())));
  }

  private void read(Map<String, Buffer> stored) {
    assignments.setResources(
        stored.entrySet().stream()
            .map(entry -> readOne(entry.getKey(), entry.getValue()))
            .filter(Objects::nonNull)
            .toList());
    loaded = true;
  }

  /** What is no resource, or that of another key, is not the crawler's. */
  private static @Nullable Resource readOne(String name, Buffer stored) {
    Resource resource = Resource.read(stored);
    return resource != null && resource.name().equals(name) ? resource : null;
  }

  /** Gives every resource without a worker to one, and adds the seeds that are not there. */
  private Future<Void> settle() {
    return load().compose(known -> assignHomeless()).compose(assigned -> addSeeds());
  }

  private Future<Void> assignHomeless() {
    List<Resource> homeless = assignments.homeless();
    if (!assignments.hasWorkers()) {
      if (!homeless.isEmpty() && !saidNoWorkers) {
        log.error("no worker nodes", "resources", homeless.size());
      }
      saidNoWorkers = true;
      return Future.succeededFuture();
    }
    saidNoWorkers = false;
    Future<Void> assigned = Future.succeededFuture();
    for (Resource resource : homeless) {
      assigned = assigned.compose(before -> assign(resource.name()).mapEmpty());
    }
    return assigned;
  }

  /** Once in a term, as soon as there are workers: a seed may be deleted later. */
  private Future<Void> addSeeds() {
    if (seeded || !assignments.hasWorkers()) {
      return Future.succeededFuture();
    }
    Future<Void> added = Future.succeededFuture();
    for (String seed : seeds) {
      added = added.compose(before -> addNow(seed).mapEmpty());
    }
    return added.onSuccess(all -> seeded = true);
  }

  /** Ends the term; what waits is refused. */
  void end() {
    over = true;
    if (retry != null) {
      retry.cancel();
      retry = null;
    }
    turns.close(Refusals.unavailable("this master leads no longer"));
  }
}
