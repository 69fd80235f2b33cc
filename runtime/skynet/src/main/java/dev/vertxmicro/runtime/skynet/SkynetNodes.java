// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.skynet;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.RegisterOptions;
import dev.vertxmicro.registry.Registration;
import dev.vertxmicro.registry.Registry;
import dev.vertxmicro.registry.RegistryEvent;
import dev.vertxmicro.registry.Service;
import dev.vertxmicro.registry.Watch;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * skynet's table of nodes as a registry: each name is a service with one node of that name.
 *
 * <pre>{@code
 * SkynetNodes nodes = SkynetNodes.create(vertx);
 * nodes.reload(Map.of("db", "127.0.0.1:2528", "old", false, "__nowaiting", true));
 * }</pre>
 *
 * <p>As with {@code cluster.reload}, a table is merged into what is known: names that it does not
 * have keep their address, {@code false} takes a node out, and an address brings it back. Names
 * that begin with two underscores are options; {@code __nowaiting} is the one that is known. Unless
 * it is true, a call to a name that the table has never had waits for a reload that names it, for
 * 10 min at most; its own deadline ends it earlier. At most {@value #MOST_WAITING} calls do so;
 * more fail with RESOURCE_EXHAUSTED. With it, and of nodes that were taken out, such calls fail at
 * once with NOT_FOUND.
 *
 * <p>May be used from any thread. Cannot be registered with.
 */
public final class SkynetNodes implements Registry {

  /** The option that lets calls to unknown names fail at once. */
  public static final String NO_WAITING = "__nowaiting";

  static final int MOST_WAITING = 10_000;

  private static final String OPTION = "__";
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
  private static final Future<List<Service>> NONE = Future.succeededFuture(List.of());

  /** Hears of nodes whose address has changed. */
  interface Listener {

    /** A node has another address than before, or none. Called from any thread. */
    void changed(String node);
  }

  private final Vertx vertx;
  private final TimeSource time;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final Set<NodeWatch> watches = new LinkedHashSet<>();
  private final Map<String, List<Waiting>> waiting = new HashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private int waitingCalls;

  // Written under the lock, as a whole; read without it.
  private volatile Map<String, Entry> table = Map.of();
  private volatile boolean noWaiting;
  private volatile boolean closed;

  /** A name of the table: its address, or null for one that was taken out. */
  private record Entry(@Nullable String address, Future<List<Service>> answer) {

    static Entry of(String name, @Nullable String address) {
      return new Entry(
          address,
          address == null
              ? NONE
              : Future.succeededFuture(List.of(SkynetNodes.service(name, address))));
    }
  }

  /** A call that waits for a name. */
  private record Waiting(Promise<List<Service>> promise, Timer timer) {

    void end(Future<List<Service>> answer) {
      timer.cancel();
      answer.onComplete(promise);
    }
  }

  private SkynetNodes(Vertx vertx, TimeSource time) {
    this.vertx = vertx;
    this.time = time;
  }

  /** Returns an empty table. */
  public static SkynetNodes create(Vertx vertx) {
    return create(vertx, TimeSource.of(vertx));
  }

  /**
   * Returns an empty table.
   *
   * @param time bounds how long calls wait for a name
   */
  public static SkynetNodes create(Vertx vertx, TimeSource time) {
    return new SkynetNodes(vertx, time);
  }

  private static Service service(String name, String address) {
    return Service.builder(name)
        .node(Node.builder(name, address).protocol(SkynetTransport.PROTOCOL).build())
        .build();
  }

  /**
   * Merges a table: of each name its address, {@code host:port} or {@code [v6]:port}, or false; of
   * each option its value. Takes effect at once, as a whole.
   *
   * @throws IllegalArgumentException if a value is none of these; nothing is changed then
   */
  public void reload(Map<String, ?> changes) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    Boolean option = null;
    for (Map.Entry<String, ?> change : changes.entrySet()) {
      String name = change.getKey();
      Object value = change.getValue();
      if (!name.startsWith(OPTION)) {
        entries.put(name, entry(name, value));
      } else if (name.equals(NO_WAITING)) {
        option = truth(name, value);
      }
    }
    apply(entries, option);
  }

  /**
   * Merges one node.
   *
   * @param address {@code host:port} or {@code [v6]:port}
   * @throws IllegalArgumentException if it is no address
   */
  public void put(String node, String address) {
    apply(Map.of(node, entry(node, address)), null);
  }

  /** Takes a node out. */
  public void remove(String node) {
    apply(Map.of(node, Entry.of(node, null)), null);
  }

  private static Entry entry(String name, @Nullable Object value) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("name: empty (expected: the name of a node)");
    }
    if (Boolean.FALSE.equals(value)) {
      return Entry.of(name, null);
    }
    if (!(value instanceof String address)) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: an address, or false)");
    }
    SkynetLoop.target(address);
    return Entry.of(name, address);
  }

  private static boolean truth(String name, @Nullable Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    throw new IllegalArgumentException(name + ": " + value + " (expected: true or false)");
  }

  private void apply(Map<String, Entry> entries, @Nullable Boolean option) {
    Map<String, Entry> changed = new LinkedHashMap<>();
    List<Runnable> released = new ArrayList<>();
    lock.lock();
    try {
      if (closed) {
        return;
      }
      Map<String, Entry> before = table;
      Map<String, Entry> after = new LinkedHashMap<>(before);
      entries.forEach(
          (name, entry) -> {
            Entry known = before.get(name);
            if (known == null || !Objects.equals(known.address, entry.address)) {
              after.put(name, entry);
              changed.put(name, entry);
              event(name, known, entry).ifPresent(event -> tell(name, event));
            }
          });
      table = Map.copyOf(after);
      if (option != null) {
        noWaiting = option;
      }
      release(changed, released);
    } finally {
      lock.unlock();
    }
    changed.keySet().forEach(name -> listeners.forEach(each -> each.changed(name)));
    released.forEach(Runnable::run);
  }

  private static Optional<RegistryEvent> event(String name, @Nullable Entry known, Entry entry) {
    String before = known == null ? null : known.address;
    if (entry.address == null) {
      return before == null
          ? Optional.empty()
          : Optional.of(new RegistryEvent(RegistryEvent.Action.DELETE, service(name, before)));
    }
    RegistryEvent.Action action =
        before == null ? RegistryEvent.Action.CREATE : RegistryEvent.Action.UPDATE;
    return Optional.of(new RegistryEvent(action, service(name, entry.address)));
  }

  /** Runs nobody's code: handlers run later, in the order of the changes. */
  private void tell(String name, RegistryEvent event) {
    for (NodeWatch watch : watches) {
      if (watch.service.equals(name)) {
        watch.tell(event);
      }
    }
  }

  /** Lets those go who wait for a name that is known now, or who may not wait any more. */
  private void release(Map<String, Entry> changed, List<Runnable> released) {
    for (String name : List.copyOf(waiting.keySet())) {
      Entry entry = changed.get(name);
      if (entry != null || noWaiting) {
        List<Waiting> all = waiting.remove(name);
        if (all != null) {
          waitingCalls -= all.size();
          Future<List<Service>> answer = entry == null ? NONE : entry.answer;
          all.forEach(each -> released.add(() -> each.end(answer)));
        }
      }
    }
  }

  // ---- as a registry

  @Override
  public Future<List<Service>> get(String service) {
    Entry known = table.get(service);
    if (known != null && !closed) {
      return known.answer;
    }
    lock.lock();
    try {
      Entry now = table.get(service);
      if (closed) {
        return Future.failedFuture(closedFailure());
      }
      if (now != null || noWaiting) {
        return now == null ? NONE : now.answer;
      }
      return await(service);
    } finally {
      lock.unlock();
    }
  }

  private Future<List<Service>> await(String service) {
    if (waitingCalls >= MOST_WAITING) {
      return Future.failedFuture(
          RpcException.client(
                  GrpcStatus.RESOURCE_EXHAUSTED,
                  waitingCalls + " calls wait for nodes that the table does not name")
              .build());
    }
    Promise<List<Service>> promise = Promise.promise();
    Timer timer = time.timer(LONGEST_WAIT.toNanos(), () -> expired(service, promise));
    waiting.computeIfAbsent(service, name -> new ArrayList<>()).add(new Waiting(promise, timer));
    waitingCalls++;
    return promise.future();
  }

  private void expired(String service, Promise<List<Service>> promise) {
    lock.lock();
    try {
      List<Waiting> all = waiting.get(service);
      if (all == null || !all.removeIf(each -> each.promise == promise)) {
        return;
      }
      waitingCalls--;
      if (all.isEmpty()) {
        waiting.remove(service);
      }
    } finally {
      lock.unlock();
    }
    promise.complete(List.of());
  }

  @Override
  public Future<List<String>> list() {
    Set<String> names = new TreeSet<>();
    table.forEach(
        (name, entry) -> {
          if (entry.address != null) {
            names.add(name);
          }
        });
    return closed
        ? Future.failedFuture(closedFailure())
        : Future.succeededFuture(List.copyOf(names));
  }

  /** Fails: the table of a cluster is not written to by its nodes. */
  @Override
  public Future<Registration> register(Service service, RegisterOptions options) {
    return Future.failedFuture(
        RpcException.client(
                GrpcStatus.UNIMPLEMENTED,
                "register " + service.name() + ": skynet's nodes are in a table, see reload")
            .build());
  }

  @Override
  public Watch watch(String service, Handler<RegistryEvent> handler) {
    NodeWatch watch = new NodeWatch(service, handler, EventLoops.current(vertx));
    lock.lock();
    try {
      watches.add(watch);
    } finally {
      lock.unlock();
    }
    return watch;
  }

  @Override
  public boolean answersFromMemory() {
    return true;
  }

  @Override
  public Future<Void> close() {
    List<Waiting> released = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      watches.clear();
      waiting.values().forEach(released::addAll);
      waiting.clear();
      waitingCalls = 0;
    } finally {
      lock.unlock();
    }
    released.forEach(each -> each.end(Future.failedFuture(closedFailure())));
    return Future.succeededFuture();
  }

  private static RpcException closedFailure() {
    return RpcException.client(GrpcStatus.UNAVAILABLE, "skynet nodes: closed").build();
  }

  // ---- for transports

  void follow(Listener listener) {
    listeners.add(listener);
  }

  void unfollow(Listener listener) {
    listeners.remove(listener);
  }

  /** Returns the address of a node: null if it was taken out, {@code unknown} if never named. */
  @Nullable String addressOf(String node, String unknown) {
    Entry entry = table.get(node);
    return entry == null ? unknown : entry.address;
  }

  @Override
  public String toString() {
    return "SkynetNodes[" + table.size() + " names]";
  }

  /** A watch on one name. */
  private final class NodeWatch implements Watch {
    private final String service;
    private final Handler<RegistryEvent> handler;
    private final Context context;
    private volatile boolean stopped;

    NodeWatch(String service, Handler<RegistryEvent> handler, Context context) {
      this.service = service;
      this.handler = handler;
      this.context = context;
    }

    void tell(RegistryEvent event) {
      context.runOnContext(
          v -> {
            if (!stopped) {
              handler.handle(event);
            }
          });
    }

    @Override
    public Future<Void> ready() {
      return closed ? Future.failedFuture(closedFailure()) : Future.succeededFuture();
    }

    @Override
    public void close() {
      stopped = true;
      lock.lock();
      try {
        watches.remove(this);
      } finally {
        lock.unlock();
      }
    }
  }
}
