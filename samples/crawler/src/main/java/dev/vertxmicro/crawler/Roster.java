// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.ServiceJson;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The workers that the registry knows, as one master sees them. Each event of the watch is a reason
 * to read the service anew; it is read every 20 s as well, in case the registry has forgotten what
 * it would have reported.
 */
final class Roster {

  private static final Duration LOOK = Duration.ofSeconds(20);

  /** After an event, and after a failure: what was read may have been old. */
  private static final Duration LOOK_SOON = Duration.ofMillis(500);

  private final Registry registry;
  private final String service;
  private final JsonLog log;
  private final TimeSource time;
  private final Runnable changed;

  private List<Node> workers = List.of();
  private @Nullable Watch watch;
  private @Nullable Timer timer;
  private boolean closed;

  /**
   * Prepares a roster.
   *
   * @param service the workers' name in the registry
   * @param changed run when other workers are there than before
   */
  Roster(Registry registry, String service, JsonLog log, TimeSource time, Runnable changed) {
    this.registry = registry;
    this.service = service;
    this.log = log;
    this.time = time;
    this.changed = changed;
  }

  void open() {
    if (closed) {
      return;
    }
    Watch opened = registry.watch(service, this::reported);
    watch = opened;
    opened
        .ready()
        .onSuccess(ready -> refresh())
        .onFailure(
            failure -> {
              opened.close();
              if (!closed) {
                log.error("watch worker failed", "error", String.valueOf(failure.getMessage()));
                time.timer(Nanos.of(LOOK_SOON), this::open);
              }
            });
  }

  private void reported(RegistryEvent event) {
    log.info(
        "watch worker change",
        "worker:",
        new JsonObject()
            .put("Action", event.action().name().toLowerCase(Locale.ROOT))
            .put("Service", new JsonObject(ServiceJson.write(event.service()))));
    refresh();
    lookIn(LOOK_SOON);
  }

  /** Returns the workers, sorted by id. */
  List<Node> workers() {
    return workers;
  }

  /** Reads the workers now; if that fails they stay as they are. */
  Future<List<Node>> refresh() {
    return registry
        .get(service)
        .map(
            versions ->
                versions.stream()
                    .flatMap(version -> version.nodes().stream())
                    .sorted(Comparator.comparing(Node::id))
                    .toList())
        .onComplete(
            read -> {
              if (closed) {
                return;
              }
              lookIn(read.succeeded() ? LOOK : LOOK_SOON);
              if (read.succeeded() && !read.result().equals(workers)) {
                workers = read.result();
                changed.run();
              }
            });
  }

  /** Looks again after a while, or earlier if that is arranged already. */
  private void lookIn(Duration wait) {
    if (timer == null || wait.compareTo(LOOK) < 0) {
      if (timer != null) {
        timer.cancel();
      }
      timer =
          time.timer(
              Nanos.of(wait),
              () -> {
                timer = null;
                refresh();
              });
    }
  }

  void close() {
    closed = true;
    if (watch != null) {
      watch.close();
    }
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
