// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.runtime.transport.Exchange;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.runtime.transport.TransportObserver;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a transport holds on one event loop: the ways to nodes, and the sweep that closes what
 * nobody uses. Belongs to the event loop.
 *
 * <p>Its own context, not that of a caller, owns connections and timers: they outlive verticles and
 * remember nobody's locals.
 *
 * @param <W> the way to one node
 */
public abstract class NodeLoop<W extends NodeLoop.Way> implements PerLoop.Part {

  private final Context context;
  private final TimeSource time;
  private final TransportObserver observer;
  private final long idleNanos;
  private final Arrivals arrivals;
  private final Map<String, W> ways = new HashMap<>();
  private @Nullable Timer sweep;
  private @Nullable Promise<Void> closing;

  /** The connections of one event loop to one node, and who waits for them. */
  public interface Way {

    /** Closes what nobody used for long; tells whether nothing is left to keep. */
    boolean sweep(long now);

    /** Tells whether there is no connection, and nobody who waits. */
    boolean isEmpty();

    /** Fails who waits, and closes each connection when what runs on it has ended. */
    void close();

    /** Ends what still runs. */
    void abort();
  }

  /**
   * Makes what {@code context} is to own.
   *
   * @param idleTimeout after how long what is unused is closed, more than zero
   */
  protected NodeLoop(
      Context context, TimeSource time, TransportObserver observer, Duration idleTimeout) {
    this.context = context;
    this.time = time;
    this.observer = observer;
    this.idleNanos = Nanos.of(idleTimeout);
    this.arrivals = new Arrivals(context);
  }

  @Override
  public final Context context() {
    return context;
  }

  /** Returns who sees connections, exchanges and queues. */
  public final TransportObserver observer() {
    return observer;
  }

  /** Returns after how long what is unused is closed. */
  public final long idleNanos() {
    return idleNanos;
  }

  /** Returns the instant on the clock of the transport. */
  public final long nanoTime() {
    return time.nanoTime();
  }

  /** Runs {@code task} on this loop, as its own context, after a delay. */
  public final Timer arm(long delayNanos, Runnable task) {
    return EventLoops.call(
        context, () -> time.timer(delayNanos, () -> EventLoops.execute(context, task)));
  }

  // ---- callers

  /** Tells whether {@code caller} runs here, now; one who does not hops here. */
  public final boolean isHere(Context caller) {
    return EventLoops.isHere(caller) && EventLoops.loopOf(caller) == EventLoops.loopOf(context);
  }

  /**
   * Returns an exchange for a caller elsewhere.
   *
   * @param sender starts it here, as the context of this loop
   */
  public final HoppedExchange hop(Context caller, Function<SendGate, Exchange> sender) {
    HoppedExchange exchange = new HoppedExchange(arrivals, caller, this::nanoTime, sender);
    exchange.start();
    return exchange;
  }

  /**
   * Returns a stream for a caller elsewhere.
   *
   * @param opener opens it here, as the context of this loop
   */
  public final HoppedStream hopStream(
      Context caller, SendOptions options, Function<SendGate, StreamExchange> opener) {
    HoppedStream stream =
        new HoppedStream(context, caller, this::nanoTime, observer, options, opener);
    stream.start();
    return stream;
  }

  /** Returns what {@code task} returns here, as the context of this loop, to a caller anywhere. */
  public final Future<Void> run(Context caller, Supplier<Future<Void>> task) {
    Promise<Void> done = EventLoops.promise(caller);
    EventLoops.execute(context, () -> task.get().onComplete(done));
    return done.future();
  }

  // ---- ways to nodes

  /** Returns the way to a node, or null if there is none. */
  protected final @Nullable W way(String key) {
    return ways.get(key);
  }

  /** Returns all ways. */
  protected final Collection<W> ways() {
    return ways.values();
  }

  /** Holds the way to a node, which it returns, until a sweep finds it unused. */
  protected final W hold(String key, W way) {
    ways.put(key, way);
    if (sweep == null) {
      armSweep();
    }
    return way;
  }

  /** Often enough that nothing unused lives much longer than it may. */
  private void armSweep() {
    sweep = arm(Math.max(1, idleNanos / 4), this::sweep);
  }

  private void sweep() {
    sweep = null;
    long now = nanoTime();
    for (Map.Entry<String, W> each : List.copyOf(ways.entrySet())) {
      if (each.getValue().sweep(now)) {
        forget(each.getKey());
      }
    }
    if (!ways.isEmpty()) {
      armSweep();
    }
  }

  private void forget(String key) {
    W way = ways.remove(key);
    if (way != null) {
      way.close();
      forgotten(key);
    }
  }

  /** The way to a node is held no more. */
  protected abstract void forgotten(String key);

  // ---- closing

  /** Completes when all connections of this loop are gone. */
  @Override
  public final Future<Void> close() {
    if (closing != null) {
      return closing.future();
    }
    Promise<Void> done = Promise.promise();
    closing = done;
    for (Map.Entry<String, W> each : List.copyOf(ways.entrySet())) {
      each.getValue().close();
      checkEmpty(each.getKey());
    }
    completeIfEmpty();
    return done.future();
  }

  @Override
  public final void abort() {
    List.copyOf(ways.values()).forEach(Way::abort);
  }

  /** Called by the way to a node when something of it is gone. */
  public final void checkEmpty(String key) {
    W way = ways.get(key);
    if (closing != null && way != null && way.isEmpty()) {
      forget(key);
      completeIfEmpty();
    }
  }

  private void completeIfEmpty() {
    Promise<Void> done = closing;
    if (done == null || !ways.isEmpty()) {
      return;
    }
    if (sweep != null) {
      sweep.cancel();
      sweep = null;
    }
    closeDialer().onComplete(gone -> done.tryComplete(), done::tryFail);
  }

  /** Closes what opened the connections of this loop, all of which are gone. */
  protected abstract Future<Void> closeDialer();
}
