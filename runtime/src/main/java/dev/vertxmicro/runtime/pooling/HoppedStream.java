// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.pooling;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.framing.MessageFrame;
import dev.vertxmicro.runtime.transport.SendOptions;
import dev.vertxmicro.runtime.transport.StreamExchange;
import dev.vertxmicro.runtime.transport.TransportObserver;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One stream for a caller who is not on the event loop that sends it, see {@link HoppedExchange}.
 * One hop per message.
 *
 * <p>The caller's half counts what it has written until it hears that it has left, and asks the
 * other half for no more than {@value #WINDOW} replies ahead of what was handed over: so both
 * queues between the threads are bounded.
 */
public final class HoppedStream implements StreamExchange {

  private static final int WINDOW = 16;
  private static final int DEFAULT_QUEUE_BYTES = 64 * 1024;

  private final Context loop;
  private final Context caller;
  private final LongSupplier nanoTime;
  private final TransportObserver observer;
  private final SendOptions options;
  private final Function<SendGate, StreamExchange> opener;
  private final SendGate gate = new SendGate();
  private final Promise<Void> opened = Promise.promise();
  private final Promise<Message> head = Promise.promise();
  private final Promise<Metadata> trailers = Promise.promise();
  private final long startedNanos;

  // the caller's context only
  private final Queue<Buffer> arrived = new ArrayDeque<>();
  private @Nullable PhaseTimes ended;
  private @Nullable Handler<Buffer> handler;
  private @Nullable Runnable drained;
  private @Nullable Runnable status;
  private @Nullable Promise<Void> endWritten;
  private long demand;
  private int asked;
  private long queuedBytes;
  private int mostBytes = DEFAULT_QUEUE_BYTES;
  private boolean wasFull;
  private boolean handing;

  // the event loop only
  private @Nullable StreamExchange there;

  /**
   * Makes a stream that is not opened yet.
   *
   * @param loop where it is opened
   * @param opener opens it there, if the gate is passed
   */
  public HoppedStream(
      Context loop,
      Context caller,
      LongSupplier nanoTime,
      TransportObserver observer,
      SendOptions options,
      Function<SendGate, StreamExchange> opener) {
    this.loop = loop;
    this.caller = caller;
    this.nanoTime = nanoTime;
    this.observer = observer;
    this.options = options;
    this.opener = opener;
    this.startedNanos = nanoTime.getAsLong();
  }

  /** Hops to the event loop. */
  public void start() {
    loop.runOnContext(v -> openThere());
  }

  private void openThere() {
    if (gate.isShut()) {
      return;
    }
    StreamExchange stream = opener.apply(gate);
    there = stream;
    stream.handler(message -> back(() -> arrived(message)));
    stream.opened().onComplete(ready -> back(opened::tryComplete), failure -> {});
    stream.reply().onComplete(answer -> back(() -> head.tryComplete(answer)), failure -> {});
    stream
        .trailers()
        .onComplete(
            last -> {
              PhaseTimes times = stream.times();
              back(() -> ended(times, last, null));
            },
            failure -> {
              PhaseTimes times = stream.times();
              back(() -> ended(times, null, RpcException.from(failure)));
            });
  }

  private void back(Runnable task) {
    caller.runOnContext(v -> task.run());
  }

  private void onLoop(Consumer<StreamExchange> task) {
    loop.runOnContext(
        v -> {
          StreamExchange stream = there;
          if (stream != null) {
            task.accept(stream);
          }
        });
  }

  // ---- the end

  private void ended(PhaseTimes times, @Nullable Metadata last, @Nullable RpcException failure) {
    if (ended != null) {
      return;
    }
    if (failure == null || failure.processed() == Processed.YES) {
      // A status of the server comes behind the replies.
      status = () -> settle(times, last, failure);
      handOver();
    } else {
      settle(times, last, failure);
    }
  }

  private void settle(PhaseTimes times, @Nullable Metadata last, @Nullable RpcException failure) {
    ended = times;
    status = null;
    arrived.clear();
    if (failure != null) {
      if (endWritten != null) {
        endWritten.tryFail(failure);
      }
      opened.tryFail(failure);
      head.tryFail(failure);
      trailers.fail(failure);
    } else {
      if (endWritten != null) {
        endWritten.tryComplete();
      }
      trailers.complete(last == null ? Metadata.empty() : last);
    }
  }

  @Override
  public void cancel() {
    if (ended != null) {
      return;
    }
    PhaseTimes times = times();
    Processed processed = gate.shut() ? Processed.NOT_SENT : Processed.UNKNOWN;
    onLoop(StreamExchange::cancel);
    settle(times, null, Refusals.cancelled(processed).toBuilder().times(times).build());
  }

  /** True while the stream runs: the event loop may open it at any moment. */
  @Override
  public boolean isSent() {
    return ended == null || gate.isPassed();
  }

  @Override
  public PhaseTimes times() {
    if (ended != null) {
      return ended;
    }
    long now = nanoTime.getAsLong();
    if (!gate.isPassed()) {
      return PhaseTimes.NONE.plus(Phase.QUEUE, now - startedNanos);
    }
    long sent = gate.passedNanos();
    return PhaseTimes.NONE.plus(Phase.QUEUE, sent - startedNanos).plus(Phase.WAIT, now - sent);
  }

  // ---- out

  @Override
  public Future<Void> opened() {
    return opened.future();
  }

  @Override
  public Future<Void> write(Buffer message) {
    if (endWritten != null) {
      throw new IllegalStateException("requests: ended (expected: open)");
    }
    if (ended != null) {
      return Future.failedFuture(over());
    }
    if (message.length() > options.maxRequestBytes()) {
      observer.limitReached("requestBytes");
      return Future.failedFuture(
          Refusals.requestTooLarge(message.length(), options.maxRequestBytes()));
    }
    int weight = MessageFrame.PREFIX + message.length();
    queuedBytes += weight;
    wasFull |= isWriteQueueFull();
    Promise<Void> told = Promise.promise();
    loop.runOnContext(
        v -> {
          Future<Void> write = there == null ? Future.failedFuture(over()) : there.write(message);
          write.onComplete(
              done -> back(() -> left(weight, told, null)),
              failure -> back(() -> left(weight, told, failure)));
        });
    return told.future();
  }

  private static RpcException over() {
    return RpcException.cancelled("the stream has ended").build();
  }

  private void left(int weight, Promise<Void> told, @Nullable Throwable failure) {
    queuedBytes -= weight;
    if (failure == null) {
      told.complete();
    } else {
      told.fail(failure);
    }
    if (wasFull && queuedBytes <= mostBytes / 2) {
      wasFull = false;
      if (drained != null && ended == null) {
        drained.run();
      }
    }
  }

  @Override
  public Future<Void> end() {
    Promise<Void> told = endWritten;
    if (told == null) {
      Promise<Void> fresh = Promise.promise();
      endWritten = fresh;
      told = fresh;
      if (ended != null) {
        fresh.complete();
      } else {
        onLoop(
            stream ->
                stream
                    .end()
                    .onComplete(
                        done -> back(fresh::tryComplete),
                        failure -> back(() -> fresh.tryFail(failure))));
      }
    }
    return told.future();
  }

  @Override
  public boolean isWriteQueueFull() {
    return queuedBytes >= mostBytes;
  }

  @Override
  public void setWriteQueueMaxBytes(int bytes) {
    mostBytes = bytes;
  }

  @Override
  public void drainHandler(@Nullable Runnable drained) {
    this.drained = drained;
  }

  // ---- in

  @Override
  public Future<Message> reply() {
    return head.future();
  }

  @Override
  public Future<Metadata> trailers() {
    return trailers.future();
  }

  @Override
  public void handler(Handler<Buffer> handler) {
    this.handler = handler;
  }

  @Override
  public void fetch(long amount) {
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    handOver();
  }

  @Override
  public void pause() {
    demand = 0;
  }

  private void arrived(Buffer message) {
    asked--;
    if (ended == null) {
      arrived.add(message);
      handOver();
    }
  }

  private void handOver() {
    if (handing) {
      return;
    }
    handing = true;
    try {
      while (demand > 0 && handler != null && !arrived.isEmpty()) {
        if (demand != Long.MAX_VALUE) {
          demand--;
        }
        handler.handle(arrived.remove());
      }
    } finally {
      handing = false;
    }
    if (status != null && arrived.isEmpty() && ended == null) {
      status.run();
    }
    askMore();
  }

  /** Asks in lots: a hop for each reply would double their price. */
  private void askMore() {
    long wanted = Math.min(demand, WINDOW) - asked - arrived.size();
    if (ended == null && wanted > 0 && (asked == 0 || wanted >= WINDOW / 2)) {
      asked += (int) wanted;
      onLoop(stream -> stream.fetch(wanted));
    }
  }
}
