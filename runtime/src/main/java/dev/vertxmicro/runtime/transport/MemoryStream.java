// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.transport;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Phase;
import dev.vertxmicro.errors.PhaseTimes;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.time.Deadline;
import dev.vertxmicro.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A stream of {@link MemoryTransport}: two pipes, a head and a status, all on one context. */
final class MemoryStream implements StreamExchange {

  private final TimeSource time;
  private final Consumer<MemoryStream> gone;
  private final Message head;
  private final Deadline deadline;
  private final SendOptions options;
  private final @Nullable ContextInternal context = ContextInternal.current();
  private final Served served = new Served();
  private final MessagePipe requests = new MessagePipe();
  private final MessagePipe replies = new MessagePipe();
  private final Promise<Message> reply = Promise.promise();
  private final Promise<Metadata> trailers = Promise.promise();
  private final Promise<Void> cancelled = Promise.promise();
  private final long startNanos;
  private long endNanos;
  private boolean headSent;
  private boolean over;
  private Metadata lastWords = Metadata.empty();
  private @Nullable RpcException lastError;

  /**
   * Makes a stream that nobody serves yet.
   *
   * @param gone told of its end, once
   */
  MemoryStream(
      TimeSource time,
      Message head,
      Deadline deadline,
      SendOptions options,
      Consumer<MemoryStream> gone) {
    this.time = time;
    this.head = head;
    this.deadline = deadline;
    this.options = options;
    this.gone = gone;
    this.startNanos = time.nanoTime();
    replies.endHandler(this::finish);
  }

  void serve(MemoryTransport.StreamHandler handler) {
    try {
      handler.open(served);
    } catch (Throwable broken) {
      served.fail(RpcException.from(broken));
    }
  }

  /** Everything was handed over that came before the status. */
  private void finish() {
    RpcException error = lastError;
    if (error == null) {
      sendHead(Metadata.empty());
      over(null);
    } else {
      over(error);
    }
  }

  private void sendHead(Metadata headers) {
    if (!headSent && !over) {
      headSent = true;
      reply.complete(Message.reply().headers(headers).contentType(head.contentType()).build());
    }
  }

  private void over(@Nullable RpcException failure) {
    if (over) {
      return;
    }
    over = true;
    endNanos = time.nanoTime();
    gone.accept(this);
    RpcException why =
        failure == null ? RpcException.cancelled("the stream has ended").build() : failure;
    requests.close(why);
    replies.close(why);
    if (failure == null) {
      trailers.complete(lastWords);
    } else {
      reply.tryFail(failure);
      trailers.fail(failure);
    }
  }

  /** Ends a stream that the transport's grace has run out for. */
  void closed() {
    here(
        () -> {
          cancelled.tryComplete();
          over(
              RpcException.client(GrpcStatus.UNAVAILABLE, "the transport was closed")
                  .processed(Processed.UNKNOWN)
                  .build());
        });
  }

  /** Who serves this may have a context of its own on the same thread. */
  private void here(Runnable task) {
    if (context == null || context.isRunningOnContext()) {
      task.run();
    } else if (context.inThread()) {
      context.dispatch(task);
    } else {
      context.runOnContext(on -> task.run());
    }
  }

  private RpcException tooLarge(String what, int bytes, int most) {
    return RpcException.client(
            GrpcStatus.RESOURCE_EXHAUSTED,
            what + ": " + bytes + " bytes (expected: at most " + most + ")")
        .build();
  }

  @Override
  public Future<Void> opened() {
    return Future.succeededFuture();
  }

  @Override
  public Future<Message> reply() {
    return reply.future();
  }

  @Override
  public Future<Metadata> trailers() {
    return trailers.future();
  }

  @Override
  public Future<Void> write(Buffer message) {
    if (requests.isEnding()) {
      throw new IllegalStateException("requests: ended (expected: open)");
    }
    if (over) {
      return Future.failedFuture(RpcException.cancelled("the stream has ended").build());
    }
    int most = options.maxRequestBytes();
    return message.length() > most
        ? Future.failedFuture(tooLarge("request body", message.length(), most))
        : requests.write(message);
  }

  @Override
  public Future<Void> end() {
    if (!over) {
      requests.end();
    }
    return Future.succeededFuture();
  }

  @Override
  public boolean isWriteQueueFull() {
    return requests.isFull();
  }

  @Override
  public void setWriteQueueMaxBytes(int bytes) {
    requests.setMostBytes(bytes);
  }

  @Override
  public void drainHandler(@Nullable Runnable drained) {
    requests.drainHandler(drained);
  }

  @Override
  public void handler(Handler<Buffer> handler) {
    replies.handler(handler);
  }

  @Override
  public void fetch(long amount) {
    replies.fetch(amount);
  }

  @Override
  public void pause() {
    replies.pause();
  }

  @Override
  public void cancel() {
    if (!over) {
      cancelled.complete();
      over(RpcException.cancelled("cancelled").processed(Processed.UNKNOWN).build());
    }
  }

  @Override
  public boolean isSent() {
    return true;
  }

  @Override
  public PhaseTimes times() {
    long until = over ? endNanos : time.nanoTime();
    return PhaseTimes.NONE.plus(Phase.WAIT, until - startNanos);
  }

  @Override
  public String toString() {
    return "MemoryStream[" + head.endpoint() + ", over=" + over + "]";
  }

  /** The other end. */
  private final class Served implements IncomingStream {

    @Override
    public Message head() {
      return head;
    }

    @Override
    public Deadline deadline() {
      return deadline;
    }

    @Override
    public SendOptions options() {
      return options;
    }

    @Override
    public Future<Void> cancelled() {
      return cancelled.future();
    }

    @Override
    public void requests(Handler<Buffer> handler, @Nullable Runnable ended) {
      requests.handler(handler);
      requests.endHandler(ended);
    }

    @Override
    public void fetch(long amount) {
      here(() -> requests.fetch(amount));
    }

    @Override
    public void pause() {
      here(requests::pause);
    }

    @Override
    public void head(Metadata headers) {
      here(() -> sendHead(headers));
    }

    @Override
    public Future<Void> write(Buffer message) {
      Promise<Void> taken = Promise.promise();
      here(() -> writeHere(message).onComplete(taken));
      return taken.future();
    }

    private Future<Void> writeHere(Buffer message) {
      int most = options.maxReplyBytes();
      if (over || replies.isEnding()) {
        return Future.failedFuture(RpcException.cancelled("the stream has ended").build());
      }
      sendHead(Metadata.empty());
      if (message.length() > most) {
        RpcException refused =
            tooLarge("reply body", message.length(), most).toBuilder()
                .processed(Processed.YES)
                .build();
        cancelled.tryComplete();
        over(refused);
        return Future.failedFuture(refused);
      }
      return over ? Future.failedFuture("the stream has ended") : replies.write(message);
    }

    @Override
    public boolean isWriteQueueFull() {
      return replies.isFull();
    }

    @Override
    public void drainHandler(@Nullable Runnable drained) {
      replies.drainHandler(drained);
    }

    @Override
    public void end(Metadata metadata) {
      here(
          () -> {
            if (!over && !replies.isEnding()) {
              lastWords = metadata;
              sendHead(Metadata.empty());
              replies.end();
            }
          });
    }

    @Override
    public void fail(RpcException failure) {
      here(
          () -> {
            if (!over && !replies.isEnding()) {
              lastError = failure;
              replies.end();
            }
          });
    }

    @Override
    public void reset(RpcException failure) {
      here(() -> over(failure));
    }
  }
}
