// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.TimeSource;
import dev.vertxmicro.time.Timer;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a transport holds on each event loop, made when the first caller of that loop comes, and
 * closed all at once. May be used from any thread.
 *
 * @param <L> what there is on one event loop
 */
public final class PerLoop<L extends PerLoop.Part> {

  private final Vertx vertx;
  private final TimeSource time;
  private final Function<Context, L> maker;
  private final Map<EventLoop, L> parts = new ConcurrentHashMap<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final Promise<Void> closed = Promise.promise();

  /** The part of one event loop, which alone touches it. */
  public interface Part {

    /** Returns the context that owns it, which lives as long as its Vert.x. */
    Context context();

    /** Takes nothing more; completes when all that runs has ended. */
    Future<Void> close();

    /** Ends what still runs. */
    void abort();
  }

  /**
   * Starts empty.
   *
   * @param maker makes the part that a context is to own
   */
  public PerLoop(Vertx vertx, TimeSource time, Function<Context, L> maker) {
    this.vertx = vertx;
    this.time = time;
    this.maker = maker;
  }

  /** Returns the part of the event loop of {@code caller}. */
  public L of(Context caller) {
    EventLoop eventLoop = EventLoops.loopOf(caller);
    L known = parts.get(eventLoop);
    return known != null
        ? known
        : parts.computeIfAbsent(
            eventLoop, fresh -> maker.apply(EventLoops.newContext(vertx, fresh)));
  }

  /** Runs {@code task} for each part, on its event loop; none is left once Vert.x has ended. */
  public void each(Consumer<L> task) {
    for (L part : parts.values()) {
      try {
        EventLoops.execute(part.context(), () -> task.accept(part));
      } catch (RejectedExecutionException ended) {
        return;
      }
    }
  }

  /** Tells whether {@link #close} was called. */
  public boolean isClosed() {
    return closing.get();
  }

  /** Closes every part; aborts them when {@code grace} expires. May be called twice. */
  public Future<Void> close(Deadline grace) {
    if (closing.compareAndSet(false, true)) {
      try {
        closeParts(grace);
      } catch (RejectedExecutionException ended) {
        // The Vert.x instance has ended, and with it all that there was.
        closed.tryComplete();
      }
    }
    return closed.future();
  }

  private void closeParts(Deadline grace) {
    List<Future<Void>> all = new ArrayList<>();
    for (L part : parts.values()) {
      Promise<Void> gone = Promise.promise();
      EventLoops.execute(part.context(), () -> part.close().onComplete(gone::handle));
      all.add(gone.future());
    }
    Context here = EventLoops.current(vertx);
    here.runOnContext(v -> endAt(grace, here, Future.join(all)));
  }

  private void endAt(Deadline grace, Context here, Future<?> gone) {
    Timer timer = null;
    if (gone.isComplete()) {
      closed.tryComplete();
      return;
    }
    if (grace.isExpired()) {
      each(Part::abort);
    } else if (!grace.isNone()) {
      timer = time.timer(grace.remainingNanos(), () -> each(Part::abort));
    }
    Timer armed = timer;
    gone.onComplete(ended -> here.runOnContext(v -> completeClose(armed)));
  }

  private void completeClose(@Nullable Timer armed) {
    if (armed != null) {
      armed.cancel();
    }
    closed.tryComplete();
  }
}
