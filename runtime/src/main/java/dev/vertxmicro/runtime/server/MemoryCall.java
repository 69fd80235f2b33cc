// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.server;

import dev.vertxmicro.codec.Message;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.metadata.Metadata;
import dev.vertxmicro.runtime.inbound.InboundCall;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.time.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call, or the head of a stream, that came over memory. It has a context of its own, as one that
 * came over the wire has: on the thread of the caller, with its deadline and metadata for the calls
 * that are made in it.
 */
final class MemoryCall implements ServerCall {

  private final String endpoint;
  private final Message request;
  private final Deadline deadline;
  private final Future<RpcException> cancelled;
  private final @Nullable Context context;
  private Metadata replyHeaders = Metadata.empty();
  private Metadata replyTrailers = Metadata.empty();

  MemoryCall(String endpoint, Message request, Deadline deadline, Future<Void> left) {
    this.endpoint = endpoint;
    this.request = request;
    this.deadline = deadline;
    this.cancelled = left.map(gone -> RpcException.cancelled("the caller left").build());
    Context caller = Vertx.currentContext();
    this.context = caller == null ? null : EventLoops.duplicate(caller);
    if (context != null) {
      new InboundCall(deadline, request.headers()).attachTo(context);
    }
  }

  /** Runs a task as this call, now, on the caller's thread. */
  void run(Runnable task) {
    if (context == null) {
      task.run();
    } else {
      EventLoops.dispatch(context, task);
    }
  }

  /** Returns what {@code task} makes as this call, now, on the caller's thread. */
  <T> T call(Supplier<T> task) {
    return context == null ? task.get() : EventLoops.call(context, task);
  }

  /** Runs a task as this call, now or soon, from any thread. */
  void runSoon(Runnable task) {
    if (context == null || EventLoops.isRunning(context)) {
      task.run();
    } else {
      context.runOnContext(hop -> task.run());
    }
  }

  @Override
  public String endpoint() {
    return endpoint;
  }

  @Override
  public String contentType() {
    return request.contentType();
  }

  @Override
  public Metadata metadata() {
    return request.headers();
  }

  @Override
  public Deadline deadline() {
    return deadline;
  }

  /** Returns nothing: a caller in this process has no address. */
  @Override
  public String remoteAddress() {
    return "";
  }

  @Override
  public Future<RpcException> cancelled() {
    return cancelled;
  }

  @Override
  public ServerCall replyHeader(String name, String value) {
    replyHeaders = Served.checked(replyHeaders, name, value);
    return this;
  }

  @Override
  public ServerCall replyTrailer(String name, String value) {
    replyTrailers = Served.checked(replyTrailers, name, value);
    return this;
  }

  Metadata replyHeaders() {
    return replyHeaders;
  }

  Metadata replyTrailers() {
    return replyTrailers;
  }

  @Override
  public String toString() {
    return "MemoryCall[" + endpoint + ", " + deadline + "]";
  }
}
