// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.etcd.EtcdOptions;
import dev.vertxmicro.registry.etcd.EtcdRegistry;
import dev.vertxmicro.registry.etcd.EtcdStore;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The crawler's keys in etcd, where the original has them: {@code /micro/registry/}, {@code
 * /crawler/election/} and {@code /resources/}.
 */
public final class EtcdBackend implements Backend {

  static final String ELECTION = "/crawler/election/";
  static final String RESOURCES = "/resources/";

  private static final System.Logger LOG = System.getLogger(EtcdBackend.class.getName());

  private final EtcdStore store;
  private final EtcdRegistry registry;
  private final ElectionOptions options;
  private final TimeSource time;
  private final List<EtcdCandidacy> candidacies = new ArrayList<>();
  private final List<Watching> watches = new ArrayList<>();

  private EtcdBackend(
      EtcdStore store, EtcdRegistry registry, ElectionOptions options, TimeSource time) {
    this.store = store;
    this.registry = registry;
    this.options = options;
    this.time = time;
  }

  /** Returns a backend. Connects when it is used. */
  public static EtcdBackend create(Vertx vertx, EtcdOptions etcd, ElectionOptions options) {
    EtcdOptions own = new EtcdOptions(etcd);
    // A sign of life that takes longer than the lease has missed it.
    if (own.getRequestTimeout().compareTo(options.ttl()) > 0) {
      own.setRequestTimeout(options.ttl());
    }
    return new EtcdBackend(
        EtcdStore.create(vertx, own),
        EtcdRegistry.create(vertx, etcd),
        options,
        TimeSource.of(vertx));
  }

  @Override
  public Registry registry() {
    return registry;
  }

  @Override
  public Candidacy campaign(String master, Consumer<Leadership> listener) {
    EtcdCandidacy candidacy =
        new EtcdCandidacy(store, time, options, master, new Announcements(listener));
    candidacies.add(candidacy);
    candidacy.join();
    return candidacy;
  }

  @Override
  public Future<Map<String, Buffer>> resources() {
    return store.read(RESOURCES).map(EtcdBackend::byName);
  }

  private static Map<String, Buffer> byName(EtcdStore.Items read) {
    Map<String, Buffer> resources = new LinkedHashMap<>();
    read.items().forEach(item -> resources.put(name(item.key()), item.value()));
    return resources;
  }

  private static String name(String key) {
    return key.substring(RESOURCES.length());
  }

  @Override
  public Runnable watchResources(ResourceListener listener) {
    Watching watching = new Watching(new KnownResources(listener));
    watches.add(watching);
    watching.read();
    return watching::close;
  }

  @Override
  public Future<Void> close() {
    watches.forEach(Watching::close);
    return Future.join(candidacies.stream().map(EtcdCandidacy::close).toList())
        .transform(resigned -> registry.close())
        .transform(deregistered -> store.close());
  }

  @Override
  public void abandon() {
    watches.forEach(Watching::close);
    candidacies.forEach(EtcdCandidacy::abandon);
  }

  /** Reads all, and watches from there on; begins again when that ends. */
  private final class Watching implements EtcdStore.Watcher {

    private final KnownResources known;
    private Runnable watch = () -> {};
    private @Nullable Timer timer;
    private boolean closed;

    Watching(KnownResources known) {
      this.known = known;
    }

    void read() {
      timer = null;
      store
          .read(RESOURCES)
          .onSuccess(
              items -> {
                if (!closed) {
                  known.replaceAll(byName(items));
                  watch = store.watch(RESOURCES, items.revision(), this);
                }
              })
          .onFailure(failure -> ended(RpcException.from(failure)));
    }

    @Override
    public void put(EtcdStore.Item item) {
      known.put(name(item.key()), item.value());
    }

    @Override
    public void deleted(String key) {
      known.delete(name(key));
    }

    @Override
    public void ended(RpcException failure) {
      if (!closed) {
        Duration pause = options.pause();
        LOG.log(Level.DEBUG, () -> "resources: read again in " + pause + ": " + failure.detail());
        timer = time.timer(Nanos.of(pause), this::read);
      }
    }

    void close() {
      closed = true;
      watch.run();
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }
  }
}
