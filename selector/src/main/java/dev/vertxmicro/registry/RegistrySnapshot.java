// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import dev.vertxmicro.registry.SnapshotFile.Known;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link CachingRegistry} knows, kept in a file for the next process. Read once, at the
 * start; written {@link #SOON} after a change and {@link #LATER} after a mere confirmation, at most
 * once in {@link #GAP}, and when it is closed. Touched at home only; the file is read and written
 * on worker threads.
 */
final class RegistrySnapshot {

  /** From a change of nodes to the file. */
  static final Duration SOON = Duration.ofSeconds(1);

  /** From the start of one write to the start of the next, at least. */
  static final Duration GAP = Duration.ofSeconds(10);

  /** From a confirmation of what is known to the file; longer after a failure to write. */
  static final Duration LATER = Duration.ofSeconds(60);

  private final SnapshotFile file;
  private final CachingOptions options;
  private final TimeSource time;
  private final Home home;
  private final Complaints complaints;
  private final Map<String, Known> known = new LinkedHashMap<>();
  private final Promise<Void> loaded = Promise.promise();
  private Future<Void> writing = Future.succeededFuture();
  private @Nullable Timer timer;
  private long due;
  private long earliest;
  private boolean changed;
  private @Nullable Future<Void> closing;

  RegistrySnapshot(
      SnapshotFile file,
      CachingOptions options,
      TimeSource time,
      Home home,
      Complaints complaints) {
    this.file = file;
    this.options = options;
    this.time = time;
    this.home = home;
    this.complaints = complaints;
    this.earliest = time.nanoTime();
  }

  /**
   * Reads the file. What takes longer than a look-up may is not waited for.
   *
   * @return completes at home, always with success
   */
  Future<Void> load() {
    long now = time.epochMillis();
    Timer patience = time.timer(options.getLookUpTimeout().toNanos(), this::giveUpLoading);
    home.blocking(
            () -> {
              file.deleteLeftBehind(now);
              return file.read();
            })
        .onComplete(
            read -> {
              patience.cancel();
              if (loaded.future().isComplete()) {
                return;
              }
              if (read.succeeded()) {
                read.result().forEach(this::take);
              } else {
                complaints.about(file.where(), "not read: " + read.cause());
              }
              loaded.tryComplete();
            });
    return loaded.future();
  }

  private void giveUpLoading() {
    if (loaded.tryComplete()) {
      complaints.about(file.where(), "not read within " + options.getLookUpTimeout());
    }
  }

  private void take(Known service) {
    if (age(service).compareTo(options.getMaxStale()) < 0
        && known.size() < options.getMaxServices()) {
      known.putIfAbsent(service.name(), service);
    }
  }

  /** Completes when the file was read, or given up. */
  Future<Void> loaded() {
    return loaded.future();
  }

  /** Returns what was last known of a service, unless that is too old. */
  @Nullable Known get(String service) {
    Known last = known.get(service);
    return last != null && age(last).compareTo(options.getMaxStale()) < 0 ? last : null;
  }

  /** Returns how long ago it was confirmed; 0 if the clock says that this is yet to come. */
  Duration age(Known service) {
    return Duration.ofMillis(Math.max(0, time.epochMillis() - service.confirmedAt()));
  }

  /**
   * Remembers the nodes of a service.
   *
   * @param age since the registry confirmed them
   */
  void put(String service, List<Service> versions, Duration age) {
    Known now = new Known(versions, time.epochMillis() - age.toMillis());
    Known before = known.remove(service);
    if (before == null && known.size() >= options.getMaxServices()) {
      Iterator<String> eldest = known.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
    known.put(service, now);
    boolean confirmed = before != null && before.versions() == versions;
    writeIn(confirmed ? LATER : SOON);
  }

  /** Forgets a service: its nodes were deleted, or are too old. */
  void remove(String service) {
    if (known.remove(service) != null) {
      writeIn(SOON);
    }
  }

  private void writeIn(Duration delay) {
    changed = true;
    if (closing != null || !writing.isComplete()) {
      return;
    }
    long now = time.nanoTime();
    long at = now + Math.max(delay.toNanos(), earliest - now);
    if (timer == null || at - due < 0) {
      if (timer != null) {
        timer.cancel();
      }
      due = at;
      timer = time.timer(at - now, this::write);
    }
  }

  private void write() {
    timer = null;
    changed = false;
    earliest = time.nanoTime() + GAP.toNanos();
    known.values().removeIf(service -> age(service).compareTo(options.getMaxStale()) >= 0);
    List<Known> services = List.copyOf(known.values());
    Promise<Void> written = Promise.promise();
    writing = written.future();
    home.blocking(
            () -> {
              file.write(services);
              return services.size();
            })
        .onComplete(
            result -> {
              if (result.failed()) {
                complaints.about(file.where(), "not written: " + result.cause());
                changed = true;
              }
              written.complete();
              if (changed) {
                writeIn(result.failed() ? LATER : SOON);
              }
            });
  }

  /** Writes what was not written yet. Completes when that is done, or has failed. */
  Future<Void> close() {
    if (closing == null) {
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
      closing =
          writing.compose(
              before -> {
                if (changed) {
                  write();
                }
                return writing;
              });
    }
    return closing;
  }

  @Override
  public String toString() {
    return "RegistrySnapshot[" + file.where() + ", " + known.size() + " services]";
  }
}
