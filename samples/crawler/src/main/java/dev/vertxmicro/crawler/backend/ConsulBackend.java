// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.consul.ConsulOptions;
import dev.vertxmicro.registry.consul.ConsulRegistry;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The crawler's keys in Consul: its catalog is the registry, {@code crawler/election} is the lock
 * that the leader holds, and {@code resources/} has what etcd would have.
 */
public final class ConsulBackend implements Backend {

  static final String RESOURCES = "resources/";
  static final int OK = 200;
  static final int NOT_FOUND = 404;

  /** How long a query is held back while nothing changes. */
  static final Duration WAIT = Duration.ofSeconds(20);

  private static final System.Logger LOG = System.getLogger(ConsulBackend.class.getName());

  private final ConsulHttp consul;
  private final ConsulRegistry registry;
  private final ElectionOptions options;
  private final TimeSource time;
  private final List<ConsulCandidacy> candidacies = new ArrayList<>();
  private final List<Watching> watches = new ArrayList<>();

  private ConsulBackend(
      ConsulHttp consul, ConsulRegistry registry, ElectionOptions options, TimeSource time) {
    this.consul = consul;
    this.registry = registry;
    this.options = options;
    this.time = time;
  }

  /**
   * Returns a backend. Connects when it is used. Elections and resources go to the first address of
   * {@code options} only.
   */
  public static ConsulBackend create(Vertx vertx, ConsulOptions options, ElectionOptions election) {
    return new ConsulBackend(
        new ConsulHttp(vertx, options.getAddresses().get(0), options.getToken()),
        ConsulRegistry.create(vertx, options),
        election,
        TimeSource.of(vertx));
  }

  @Override
  public Registry registry() {
    return registry;
  }

  @Override
  public Candidacy campaign(String master, Consumer<Leadership> listener) {
    ConsulCandidacy candidacy =
        new ConsulCandidacy(consul, time, options, master, new Announcements(listener));
    candidacies.add(candidacy);
    candidacy.join();
    return candidacy;
  }

  @Override
  public Future<Map<String, Buffer>> resources() {
    return consul
        .get("kv/" + RESOURCES + "?recurse=true&consistent")
        .compose(ConsulBackend::readAll);
  }

  private static Future<Map<String, Buffer>> readAll(ConsulHttp.Answer answer) {
    Map<String, Buffer> resources = new LinkedHashMap<>();
    if (answer.status() == NOT_FOUND) {
      return Future.succeededFuture(resources);
    }
    if (answer.status() != OK) {
      return Future.failedFuture(ConsulHttp.unexpected(answer));
    }
    for (Object found : new JsonArray(answer.body())) {
      JsonObject entry = (JsonObject) found;
      String key = entry.getString("Key");
      resources.put(key.substring(RESOURCES.length()), ConsulHttp.value(entry));
    }
    return Future.succeededFuture(resources);
  }

  @Override
  public Runnable watchResources(ResourceListener listener) {
    Watching watching = new Watching(new KnownResources(listener));
    watches.add(watching);
    watching.ask();
    return watching::close;
  }

  @Override
  public Future<Void> close() {
    watches.forEach(Watching::close);
    return Future.join(candidacies.stream().map(ConsulCandidacy::close).toList())
        .transform(resigned -> registry.close())
        .transform(deregistered -> consul.close());
  }

  @Override
  public void abandon() {
    watches.forEach(Watching::close);
    candidacies.forEach(ConsulCandidacy::abandon);
  }

  /** Asks for all resources again and again; Consul answers when they have changed. */
  private final class Watching {

    private final KnownResources known;
    private long index;
    private @Nullable Timer timer;
    private boolean closed;

    Watching(KnownResources known) {
      this.known = known;
    }

    void ask() {
      timer = null;
      if (!closed) {
        String path = "kv/" + RESOURCES;
        consul
            .getAfter(path, index, WAIT, "recurse=true")
            .compose(answer -> readAll(answer).onSuccess(all -> answered(answer.index(), all)))
            .onComplete(this::next);
      }
    }

    private void answered(long answered, Map<String, Buffer> all) {
      // An index that went backwards is that of another history: Consul asks to begin anew.
      index = answered < index ? 0 : answered;
      if (!closed) {
        known.replaceAll(all);
      }
    }

    private void next(AsyncResult<Map<String, Buffer>> result) {
      if (closed) {
        return;
      }
      if (result.succeeded() && index > 0) {
        ask();
        return;
      }
      if (result.failed()) {
        index = 0;
        String why = RpcException.from(result.cause()).detail();
        LOG.log(Level.DEBUG, () -> "resources: read again in " + options.pause() + ": " + why);
      }
      timer = time.timer(Nanos.of(options.pause()), this::ask);
    }

    void close() {
      closed = true;
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }
  }
}
