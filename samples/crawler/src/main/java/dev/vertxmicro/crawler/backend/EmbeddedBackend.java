// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler.backend;

import dev.vertxmicro.registry.MemoryRegistry;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A backend for masters and workers of one process, for trying the crawler without servers. */
public final class EmbeddedBackend implements Backend {

  private final EmbeddedStore store;
  private final MemoryRegistry registry;
  private final ElectionOptions options;
  private final TimeSource time;
  private final Context context;
  private final List<Place> places = new ArrayList<>();
  private final List<Runnable> watches = new ArrayList<>();

  private EmbeddedBackend(Vertx vertx, EmbeddedStore store, ElectionOptions options) {
    this.store = store;
    this.registry = MemoryRegistry.shared(vertx);
    this.options = options;
    this.time = TimeSource.of(vertx);
    this.context = vertx.getOrCreateContext();
  }

  /**
   * Returns a backend.
   *
   * @param store what all of the process share; its registry is that of {@code vertx}
   */
  public static EmbeddedBackend create(Vertx vertx, EmbeddedStore store, ElectionOptions options) {
    return new EmbeddedBackend(vertx, store, options);
  }

  @Override
  public Registry registry() {
    return registry;
  }

  @Override
  public Candidacy campaign(String master, Consumer<Leadership> listener) {
    Place place = new Place(master, new Announcements(listener));
    places.add(place);
    context.runOnContext(later -> place.join());
    return place;
  }

  @Override
  public Future<Map<String, Buffer>> resources() {
    return Future.succeededFuture(store.resources());
  }

  @Override
  public Runnable watchResources(ResourceListener listener) {
    KnownResources known = new KnownResources(listener);
    ResourceListener hop =
        new ResourceListener() {
          @Override
          public void put(String name, Buffer value) {
            context.runOnContext(run -> known.put(name, value));
          }

          @Override
          public void deleted(String name) {
            context.runOnContext(run -> known.delete(name));
          }
        };
    store.listen(hop);
    Runnable end = () -> store.unlisten(hop);
    watches.add(end);
    return end;
  }

  @Override
  public Future<Void> close() {
    watches.forEach(Runnable::run);
    places.forEach(Place::close);
    return registry.close();
  }

  @Override
  public void abandon() {
    watches.forEach(Runnable::run);
    places.forEach(Place::fallSilent);
  }

  /** A place in the queue. */
  private final class Place implements Candidacy {

    private final String master;
    private final Announcements announcements;
    private long number;
    private @Nullable Timer timer;
    private boolean closed;

    Place(String master, Announcements announcements) {
      this.master = master;
      this.announcements = announcements;
    }

    void join() {
      if (!closed) {
        number = store.join(master, expiry(), () -> context.runOnContext(run -> look()));
        schedule();
        look();
      }
    }

    private long expiry() {
      return time.nanoTime() + Nanos.of(options.ttl());
    }

    private void schedule() {
      timer = time.timer(Nanos.of(options.interval()), this::giveSignOfLife);
    }

    private void giveSignOfLife() {
      if (!store.renew(number, expiry())) {
        announcements.announce(Leadership.NONE);
        join();
        return;
      }
      store.expire(time.nanoTime());
      schedule();
    }

    private void look() {
      EmbeddedStore.Leader leader = store.leader();
      if (closed || leader == null) {
        return;
      }
      Term term = leader.number() == number ? new EmbeddedTerm(number) : null;
      announcements.announce(new Leadership(leader.master(), term));
    }

    @Override
    public Future<Void> close() {
      fallSilent();
      store.leave(number);
      return Future.succeededFuture();
    }

    void fallSilent() {
      closed = true;
      announcements.close();
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }
  }

  /** Writes on the condition that the place is still the first. */
  private final class EmbeddedTerm implements Term {

    private final long number;

    EmbeddedTerm(long number) {
      this.number = number;
    }

    @Override
    public long number() {
      return number;
    }

    @Override
    public Future<Void> put(String name, Buffer value) {
      return write(name, value);
    }

    @Override
    public Future<Void> delete(String name) {
      return write(name, null);
    }

    private Future<Void> write(String name, @Nullable Buffer value) {
      return store.write(number, name, value)
          ? Future.succeededFuture()
          : Future.failedFuture(Failures.termIsOver());
    }
  }
}
