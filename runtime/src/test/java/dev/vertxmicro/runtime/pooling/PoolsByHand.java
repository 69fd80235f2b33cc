// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.transport.PoolLimits;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Event loops with a pool each to one node. Tasks of loops, dials and calls go on when a test says
 * so, one at a time and on its thread.
 */
final class PoolsByHand {

  static final Duration IDLE = Duration.ofSeconds(60);
  private static final String NODE = "node";

  final FakeTimeSource time = new FakeTimeSource();
  final ExclusivePools<Pool> pools;
  final List<Loop> loops = new ArrayList<>();

  /** Those that have not ended. */
  final List<Dialling> dials = new ArrayList<>();

  /** Those that stand. */
  final List<Connection> connections = new ArrayList<>();

  /** Those that have not ended. */
  final List<Call> calls = new ArrayList<>();

  /** Whether dials fail at once, as those of a client that was closed. */
  boolean refusing;

  /** How many dials have. */
  int refused;

  PoolsByHand(int loops, int size) {
    pools =
        new ExclusivePools<>(
            "hand",
            time,
            TransportObserver.NONE,
            new ExclusivePools.Bounds(1_000, IDLE),
            new PoolLimits(size, Duration.ZERO));
    for (int i = 0; i < loops; i++) {
      this.loops.add(Loop.make(this));
    }
  }

  /** Sets bounds; each loop applies them in a turn of its own. */
  void limit(int size) {
    pools.setLimits(new PoolLimits(size, Duration.ZERO));
    for (Loop loop : loops) {
      loop.turns.add(v -> loop.applyLimits());
    }
  }

  /** Starts a call on a loop. */
  Call call(int loop) {
    Call call = new Call(this);
    calls.add(call);
    call.enter(loops.get(loop));
    return call;
  }

  /** Runs all tasks of all loops. */
  void settle() {
    for (int turns = 0; loops.stream().anyMatch(loop -> !loop.turns.isEmpty()); turns++) {
      if (turns > 100_000) {
        throw new AssertionError("the loops never come to rest: " + this);
      }
      loops.forEach(Loop::turn);
    }
  }

  @Override
  public String toString() {
    return pools.limits() + ", " + calls + ", " + connections + ", dials " + dials.size();
  }

  /** One event loop. */
  static final class Loop extends ExclusiveLoop<Pool> {
    final PoolsByHand world;
    final Queue<Handler<Void>> turns;

    private Loop(PoolsByHand world, Queue<Handler<Void>> turns) {
      super(world.pools, context(turns));
      this.world = world;
      this.turns = turns;
    }

    static Loop make(PoolsByHand world) {
      return new Loop(world, new ArrayDeque<>());
    }

    @SuppressWarnings("unchecked")
    private static Context context(Queue<Handler<Void>> turns) {
      return (Context)
          Proxy.newProxyInstance(
              PoolsByHand.class.getClassLoader(),
              new Class<?>[] {ContextInternal.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "runOnContext" -> turns.add((Handler<Void>) arguments[0]) ? null : proxy;
                    case "dispatch" -> {
                      ((Runnable) arguments[0]).run();
                      yield null;
                    }
                    case "isEventLoopContext", "inThread" -> true;
                    case "beginDispatch", "endDispatch" -> null;
                    default -> throw new UnsupportedOperationException(method.getName());
                  });
    }

    Pool pool() {
      return pool(NODE, shared -> new Pool(this, shared));
    }

    void turn() {
      Handler<Void> next = turns.poll();
      if (next != null) {
        next.handle(null);
      }
    }

    @Override
    public String toString() {
      return "loop " + world.loops.indexOf(this);
    }
  }

  /** The connections of one loop. */
  static final class Pool extends ExclusivePool<Connection, Call, Pool> {
    final Loop home;

    Pool(Loop home, ExclusiveNode<Pool> shared) {
      super(home, NODE, shared);
      this.home = home;
    }

    @Override
    protected Pool self() {
      return this;
    }

    @Override
    protected Future<NetSocket> openSocket(Duration timeout) {
      if (home.world.refusing) {
        if (++home.world.refused > 100_000) {
          throw new AssertionError("dialled for ever: " + home.world);
        }
        return Future.failedFuture(new IOException("closed"));
      }
      Dialling dial = new Dialling(this, Promise.promise());
      home.world.dials.add(dial);
      return dial.socket.future();
    }

    @Override
    protected Connection newConnection(NetSocket socket) {
      Connection connection = new Connection(this);
      home.world.connections.add(connection);
      return connection;
    }
  }

  /** A socket that is being opened. */
  record Dialling(Pool pool, Promise<NetSocket> socket) {

    void succeed() {
      pool.home.world.dials.remove(this);
      socket.complete(
          (NetSocket)
              Proxy.newProxyInstance(
                  PoolsByHand.class.getClassLoader(),
                  new Class<?>[] {NetSocket.class},
                  (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(method.getName());
                  }));
    }

    void fail() {
      pool.home.world.dials.remove(this);
      socket.fail(new IOException("refused"));
    }
  }

  /** A connection that does nothing. */
  static final class Connection implements PooledConnection {
    final Pool pool;
    @Nullable Call user;
    private boolean surplus;
    private boolean open = true;

    Connection(Pool pool) {
      this.pool = pool;
    }

    /** The peer closes it; a call on it fails. */
    void lose() {
      gone();
      Call lost = user;
      pool.connectionClosed(this);
      if (lost != null) {
        lost.end(false);
      }
    }

    private void gone() {
      open = false;
      pool.home.world.connections.remove(this);
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public boolean isAged(long now, long ttlNanos) {
      return false;
    }

    @Override
    public boolean isUnusedFor(long nanos, long now) {
      return true;
    }

    @Override
    public boolean isSurplus() {
      return surplus;
    }

    @Override
    public void makeSurplus() {
      surplus = true;
    }

    @Override
    public void makeCounted() {
      surplus = false;
    }

    @Override
    public void close() {
      if (open) {
        gone();
        pool.home.turns.add(v -> pool.connectionClosed(this));
      }
    }

    @Override
    public void abort() {
      Call running = user;
      if (running != null) {
        running.end(false);
      }
    }

    @Override
    public String toString() {
      String place = surplus ? "surplus " : "";
      return place + (user == null ? "idle" : "busy") + " connection of " + pool.home;
    }
  }

  /** A call that ends when it is told to. */
  static final class Call implements PooledExchange<Connection, Pool> {
    private final PoolsByHand world;
    @Nullable Pool pool;
    @Nullable Connection on;
    @Nullable RpcException failure;

    /** Whether it throws when it has got its connection, as an observer may. */
    boolean throwing;

    private int hops;

    Call(PoolsByHand world) {
      this.world = world;
    }

    private void enter(Loop loop) {
      pool = loop.pool();
      pool.acquire(this);
    }

    boolean isRunning() {
      return on != null;
    }

    boolean waitsAt(Loop loop) {
      return on == null && pool != null && pool.home == loop;
    }

    boolean hasEnded() {
      return !world.calls.contains(this);
    }

    /** Ends a call that runs. */
    void end(boolean reusable) {
      Connection used = on;
      if (used == null) {
        throw new IllegalStateException(this + " (expected: running)");
      }
      on = null;
      used.user = null;
      world.calls.remove(this);
      used.pool.release(used, reusable);
    }

    /** The caller of a call that waits has enough. */
    void cancel() {
      if (pool != null) {
        pool.leaveQueue(this);
      }
      world.calls.remove(this);
    }

    @Override
    public long startedNanos() {
      return world.time.nanoTime();
    }

    @Override
    public SendOptions options() {
      return SendOptions.DEFAULT;
    }

    @Override
    public void waitFor(Phase phase) {
      // From here on somebody must come for it.
    }

    @Override
    public void send(Connection granted) {
      if (!granted.isOpen() || granted.user != null) {
        throw new AssertionError(this + " got " + granted);
      }
      on = granted;
      granted.user = this;
      if (throwing) {
        throw new IllegalStateException(this + " throws");
      }
    }

    @Override
    public void fail(RpcException why) {
      failure = why;
      world.calls.remove(this);
    }

    @Override
    public void handOver(Pool owner) {
      if (++hops > 10_000) {
        throw new AssertionError("passed on for ever: " + world);
      }
      pool = null;
      owner.home.turns.add(
          v -> {
            if (!hasEnded()) {
              enter(owner.home);
            }
          });
    }

    @Override
    public String toString() {
      return isRunning() ? "running call" : "waiting call";
    }
  }
}
