// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.websocket;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.runtime.pooling.Departure;
import dev.vertxmicro.runtime.pooling.EventLoops;
import dev.vertxmicro.time.Nanos;
import dev.vertxmicro.time.Timer;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one stream of an instance on a connection, whoever listens: the first listener starts it, the
 * last one stops it. Belongs to the connection.
 *
 * <pre>
 * STARTING ---> RUNNING ---> OVER     nobody listens, or the connection is lost
 *    '-----------------------> OVER     the node refuses, or never answers
 * </pre>
 *
 * <p>A start that all have left is awaited for a while, since the node is to be told to stop what
 * it has started by then.
 */
final class SharedStream extends Departure implements Awaiting {

  private static final WebSocketStream[] NOBODY = {};

  private enum State {
    STARTING,
    RUNNING,
    OVER
  }

  private final ClusterConnection connection;
  private final WebSocketLoop loop;
  private final String instance;
  private final RequestText request;
  private final long op;
  private State state = State.STARTING;
  private WebSocketStream[] listeners = NOBODY;
  private @Nullable String id;
  private @Nullable Timer abandoned;
  private boolean written;

  SharedStream(
      ClusterConnection connection, WebSocketLoop loop, String instance, RequestText request) {
    this.connection = connection;
    this.loop = loop;
    this.instance = instance;
    this.request = request;
    this.op = connection.nextId();
  }

  /** Asks the node for the stream. */
  void start() {
    connection.expect(op, this);
    connection.write(request, op, this);
  }

  @Override
  public void left(@Nullable Throwable failure) {
    if (failure == null) {
      written = true;
      each(WebSocketStream::written);
    } else {
      EventLoops.execute(loop.context(), () -> unwritten(failure));
    }
  }

  private void unwritten(Throwable why) {
    if (state == State.STARTING) {
      connection.forget(op);
      refused(Failures.lost(connection.address(), why).failure(false));
    }
  }

  // ---- who listens

  void join(WebSocketStream listener) {
    if (abandoned != null) {
      abandoned.cancel();
      abandoned = null;
    }
    listeners = Arrays.copyOf(listeners, listeners.length + 1);
    listeners[listeners.length - 1] = listener;
    listener.joined(this);
    if (written) {
      listener.written();
    }
    if (state == State.RUNNING) {
      listener.begun();
    }
  }

  void leave(WebSocketStream listener) {
    listeners =
        Arrays.stream(listeners).filter(other -> other != listener).toArray(WebSocketStream[]::new);
    if (listeners.length > 0) {
      return;
    }
    if (state == State.RUNNING) {
      over();
    } else if (state == State.STARTING) {
      abandoned = loop.arm(Nanos.of(loop.options().getHoldTimeout()), this::unanswered);
    }
  }

  private void unanswered() {
    if (state == State.STARTING) {
      connection.startSettled();
      connection.forget(op);
      over();
    }
  }

  private void over() {
    state = State.OVER;
    if (abandoned != null) {
      abandoned.cancel();
    }
    connection.ended(this, instance, id);
  }

  /** A loop that bears listeners which leave, or make others leave. */
  private void each(Consumer<WebSocketStream> task) {
    for (WebSocketStream listener : listeners) {
      task.accept(listener);
    }
  }

  // ---- what the node says

  @Override
  public void replied(Envelope reply) {
    take(reply);
    connection.startSettled(); // After it has claimed what was kept for it.
  }

  private void take(Envelope reply) {
    String error = reply.error();
    String named = reply.startedStream();
    if (error != null) {
      end(listener -> listener.refused(error));
    } else if (named == null) {
      end(listener -> listener.fail(Failures.noStreamId(connection.address())));
    } else if (connection.isRunning(named)) {
      RpcException twice =
          RpcException.client(
                  GrpcStatus.INTERNAL, connection.address() + " gives two streams one stream_id")
              .processed(Processed.YES)
              .build();
      end(listener -> listener.fail(twice));
    } else {
      opened(named);
    }
  }

  private void opened(String named) {
    id = named;
    state = State.RUNNING;
    HeldEvents.Held held = connection.opened(named, this);
    if (listeners.length == 0) {
      over();
      return;
    }
    each(WebSocketStream::begun);
    held.events().forEach(this::event);
    if (held.isLossy()) {
      each(WebSocketStream::lossy);
    }
  }

  /** Takes an event. */
  void event(Buffer body) {
    each(listener -> listener.event(body));
  }

  private void refused(RpcException why) {
    connection.startSettled();
    end(listener -> listener.fail(why));
  }

  private void end(Consumer<WebSocketStream> how) {
    WebSocketStream[] all = listeners;
    listeners = NOBODY;
    over();
    for (WebSocketStream listener : all) {
      how.accept(listener);
    }
  }

  /** The connection is gone; called once, also if a reply is awaited. */
  @Override
  public void lost(Loss loss) {
    if (state == State.OVER) {
      return;
    }
    if (state == State.STARTING) {
      connection.startSettled();
      connection.forget(op);
    }
    RpcException why = loss.failure(written);
    end(listener -> listener.fail(why));
  }
}
